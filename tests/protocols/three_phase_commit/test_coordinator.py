"""The coordinator, rule by rule, in the words of Bernstein, Hadzilacos and Goodman (1987), section 7.5."""

from typing import Any

import pytest

from consensus_lab.kernel import Append, CancelTimer, Decide, Force, Recovered, Send, SetTimer
from consensus_lab.protocols.three_phase_commit.coordinator import (
    ACKS_WITHIN,
    ASK_AGAIN_AFTER,
    PREACKS_WITHIN,
    VOTES_WITHIN,
    Coordinator,
)
from consensus_lab.protocols.three_phase_commit.course import CautiousCoordinator
from consensus_lab.protocols.three_phase_commit.messages import (
    Abort,
    Ack,
    AcksOverdue,
    Begin,
    CanCommit,
    Commit,
    DecisionOverdue,
    DecisionRequest,
    End,
    No,
    PreAck,
    PreAcksOverdue,
    PreCommit,
    State,
    Verdict,
    VotesOverdue,
    Yes,
)
from tests.protocols.two_phase_commit.running import deaf, told

BOTH = frozenset({"p1", "p2"})
VERDICTS = pytest.mark.parametrize("verdict", [Commit("T"), Abort("T")])


def to_both(message: Any) -> tuple[Send, Send]:
    return Send("p1", message), Send("p2", message)


def timer(of: Any, seconds: float) -> SetTimer:
    return SetTimer(of, seconds, seconds)


def waiting() -> Coordinator:
    """One that has asked for votes."""
    coordinator = Coordinator(BOTH)
    told(coordinator, Begin("T"))
    return coordinator


def prepared(kind: type[Coordinator] = Coordinator) -> Coordinator:
    """One that has told both that all voted yes."""
    coordinator = kind(BOTH)
    told(coordinator, Begin("T"))
    told(coordinator, Yes("T"), "p1")
    told(coordinator, Yes("T"), "p2")
    return coordinator


def decided(verdict: Verdict) -> Coordinator:
    if isinstance(verdict, Abort):
        coordinator = waiting()
        told(coordinator, VotesOverdue("T"))
    else:
        coordinator = prepared()
        told(coordinator, PreAcksOverdue("T"))
    return coordinator


def restored(*journal: Any) -> Coordinator:
    coordinator = Coordinator(BOTH)
    for record in journal:
        coordinator.restore(record)
    return coordinator


def test_asked_to_begin_it_only_asks_and_waits_only_so_long():
    coordinator = Coordinator(BOTH)
    expected = (*to_both(CanCommit("T")), timer(VotesOverdue("T"), VOTES_WITHIN))
    assert told(coordinator, Begin("T")) == expected
    assert coordinator.state is State.WAIT


def test_one_yes_decides_nothing_while_another_vote_is_missing():
    coordinator = waiting()
    assert told(coordinator, Yes("T"), "p1") == ()
    assert told(coordinator, Yes("T"), "p1") == (), "a vote that arrives twice is one vote"


def test_with_the_last_yes_it_commits_nothing_but_forces_precommit_and_tells_everyone():
    coordinator = waiting()
    told(coordinator, Yes("T"), "p1")
    effects = told(coordinator, Yes("T"), "p2")
    assert effects == (
        Force(PreCommit("T")),
        CancelTimer(VotesOverdue("T")),
        *to_both(PreCommit("T")),
        timer(PreAcksOverdue("T"), PREACKS_WITHIN),
    )
    assert coordinator.state is State.PRECOMMIT


def test_one_no_is_enough_to_abort_and_who_voted_no_need_not_be_told():
    effects = told(waiting(), No("T"), "p1")
    assert effects == (
        Force(Abort("T")),
        CancelTimer(VotesOverdue("T")),
        Decide(Abort("T")),
        Send("p2", Abort("T")),
        timer(AcksOverdue("T"), ACKS_WITHIN),
    )


def test_a_vote_that_does_not_come_in_time_counts_as_a_no():
    assert Decide(Abort("T")) in told(waiting(), VotesOverdue("T"))


def test_it_commits_when_everyone_has_acknowledged_precommit_and_not_before():
    coordinator = prepared()
    assert told(coordinator, PreAck("T"), "p2") == ()
    assert told(coordinator, PreAck("T"), "p2") == (), "the same one twice is one"
    effects = told(coordinator, PreAck("T"), "p1")
    assert effects[:3] == (Force(Commit("T")), CancelTimer(PreAcksOverdue("T")), Decide(Commit("T")))
    assert set(to_both(Commit("T"))) <= set(effects)


def test_skeens_coordinator_commits_without_an_acknowledgement_that_does_not_come():
    assert Decide(Commit("T")) in told(prepared(), PreAcksOverdue("T"))


def test_the_courses_coordinator_aborts_there():
    assert Decide(Abort("T")) in told(prepared(CautiousCoordinator), PreAcksOverdue("T"))


def test_once_all_are_told_that_all_voted_yes_no_late_no_counts():
    assert deaf(prepared(), No("T"), "p1")
    assert deaf(prepared(), VotesOverdue("T"))


@VERDICTS
def test_what_comes_after_the_decision_changes_nothing(verdict: Verdict):
    coordinator = decided(verdict)
    for late in (Yes("T"), No("T"), PreAck("T")):
        assert deaf(coordinator, late, "p1")
    for timer_ in (VotesOverdue("T"), PreAcksOverdue("T"), Begin("T")):
        assert deaf(coordinator, timer_)


@VERDICTS
def test_the_verdict_is_told_again_to_those_who_owe_an_acknowledgement_until_none_does(verdict: Verdict):
    coordinator = decided(verdict)
    assert told(coordinator, Ack("T"), "p1") == ()
    again = (Send("p2", verdict), timer(AcksOverdue("T"), ACKS_WITHIN))
    assert told(coordinator, AcksOverdue("T")) == again
    assert told(coordinator, Ack("T"), "p2") == (CancelTimer(AcksOverdue("T")), Append(End("T")))
    assert coordinator.state is State.DONE


@VERDICTS
def test_whoever_is_in_doubt_may_ask_and_hears_the_verdict(verdict: Verdict):
    assert told(decided(verdict), DecisionRequest("T"), "p2") == (Send("p2", verdict),)


def test_a_transaction_that_it_does_not_remember_aborts():
    assert Decide(Abort("T")) in told(Coordinator(BOTH), DecisionRequest("T"), "p1")


# -- recovery ----------------------------------------------------------------------------------------------------------


def test_recovered_with_precommit_on_disk_it_asks_everyone_and_decides_nothing():
    coordinator = restored(PreCommit("T"))
    asks = (*to_both(DecisionRequest("T")), timer(DecisionOverdue("T"), ASK_AGAIN_AFTER))
    assert told(coordinator, Recovered()) == asks
    assert coordinator.state is State.RECOVERING
    assert deaf(coordinator, PreAck("T"), "p1"), "what it once asked for may mean nothing now"
    assert told(coordinator, DecisionOverdue("T")) == asks


@VERDICTS
def test_in_doubt_it_adopts_what_the_others_have_decided_and_tells_it(verdict: Verdict):
    coordinator = restored(PreCommit("T"))
    told(coordinator, Recovered())
    effects = told(coordinator, verdict, "p1")
    assert effects[:3] == (Force(verdict), CancelTimer(DecisionOverdue("T")), Decide(verdict))
    assert Send("p2", verdict) in effects


@VERDICTS
def test_recovered_with_a_verdict_on_disk_it_stands_by_it_and_tells_everyone_again(verdict: Verdict):
    effects = told(restored(PreCommit("T"), verdict), Recovered())
    assert effects == (Decide(verdict), *to_both(verdict), timer(AcksOverdue("T"), ACKS_WITHIN))


@VERDICTS
def test_recovered_after_the_end_it_tells_nobody_but_answers(verdict: Verdict):
    coordinator = restored(verdict, End("T"))
    assert deaf(coordinator, Recovered())
    assert told(coordinator, DecisionRequest("T"), "p1") == (Send("p1", verdict),)
