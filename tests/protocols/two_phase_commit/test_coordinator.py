"""The coordinator, rule by rule, in the words of Bernstein, Hadzilacos and Goodman (1987), section 7.4."""

from typing import Any

import pytest

from consensus_lab.kernel import Append, CancelTimer, Decide, Force, Recovered, Send, SetTimer
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.protocols.two_phase_commit.coordinator import ACKS_WITHIN, VOTES_WITHIN, Coordinator
from consensus_lab.protocols.two_phase_commit.messages import (
    Abort,
    Ack,
    AcksOverdue,
    Begin,
    Collecting,
    Commit,
    DecisionRequest,
    End,
    No,
    State,
    Verdict,
    VoteRequest,
    VotesOverdue,
    Yes,
)
from consensus_lab.protocols.two_phase_commit.presumed_abort import PresumedAbortCoordinator
from consensus_lab.protocols.two_phase_commit.presumed_commit import PresumedCommitCoordinator
from consensus_lab.sim import World
from tests.protocols.two_phase_commit.running import after, deaf, told

BOTH = frozenset({"p1", "p2"})
CANCEL_VOTES, CANCEL_ACKS = CancelTimer(VotesOverdue("T")), CancelTimer(AcksOverdue("T"))
WAIT_FOR_VOTES = SetTimer(VotesOverdue("T"), VOTES_WITHIN, VOTES_WITHIN)
WAIT_FOR_ACKS = SetTimer(AcksOverdue("T"), ACKS_WITHIN, ACKS_WITHIN)
EVERY = (Coordinator, PresumedAbortCoordinator, PresumedCommitCoordinator)


def to_both(message: Any) -> tuple[Send, Send]:
    return Send("p1", message), Send("p2", message)


def waiting(kind: type[Coordinator] = Coordinator) -> Coordinator:
    """One that has asked for votes."""
    coordinator = kind(BOTH)
    told(coordinator, Begin("T"))
    return coordinator


def decided(verdict: Verdict, kind: type[Coordinator] = Coordinator) -> Coordinator:
    """One that has told both of its verdict."""
    coordinator = waiting(kind)
    if isinstance(verdict, Abort):
        told(coordinator, VotesOverdue("T"))
    else:
        told(coordinator, Yes("T"), "p1")
        told(coordinator, Yes("T"), "p2")
    return coordinator


def restored(kind: type[Coordinator], *journal: Any) -> Coordinator:
    """One that was switched on again with this journal."""
    coordinator = kind(BOTH)
    for record in journal:
        coordinator.restore(record)
    return coordinator


def test_asked_to_begin_it_asks_every_participant_for_its_vote_and_waits_only_so_long():
    coordinator = Coordinator(BOTH)
    assert told(coordinator, Begin("T")) == (*to_both(VoteRequest("T")), WAIT_FOR_VOTES)
    assert coordinator.state is State.WAIT


def test_presumed_commit_remembers_that_it_collects_before_it_asks_anyone():
    coordinator = PresumedCommitCoordinator(BOTH)
    assert told(coordinator, Begin("T"))[:3] == (Force(Collecting("T")), *to_both(VoteRequest("T")))


@pytest.mark.parametrize("kind", EVERY)
def test_one_yes_decides_nothing_while_another_vote_is_missing(kind: type[Coordinator]):
    coordinator = waiting(kind)
    assert told(coordinator, Yes("T"), "p1") == ()
    assert told(coordinator, Yes("T"), "p1") == (), "a vote that arrives twice is one vote"
    assert coordinator.state is State.WAIT


def test_with_the_last_yes_it_forces_commit_and_only_then_decides_and_tells():
    coordinator = waiting()
    told(coordinator, Yes("T"), "p2")
    effects = told(coordinator, Yes("T"), "p1")
    expected = (Force(Commit("T")), CANCEL_VOTES, Decide(Commit("T")), *to_both(Commit("T")), WAIT_FOR_ACKS)
    assert effects == expected
    assert coordinator.state is State.COMMIT


def test_one_no_is_enough_to_abort_and_who_voted_no_need_not_be_told():
    coordinator = waiting()
    effects = told(coordinator, No("T"), "p1")
    assert effects == (Force(Abort("T")), CANCEL_VOTES, Decide(Abort("T")), Send("p2", Abort("T")), WAIT_FOR_ACKS)
    assert coordinator.state is State.ABORT


@pytest.mark.parametrize("kind", EVERY)
def test_a_vote_that_does_not_come_in_time_counts_as_a_no(kind: type[Coordinator]):
    effects = told(waiting(kind), VotesOverdue("T"))
    assert Decide(Abort("T")) in effects
    assert set(to_both(Abort("T"))) <= set(effects)


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("verdict", [Commit("T"), Abort("T")])
def test_a_vote_that_comes_after_the_decision_changes_nothing(kind: type[Coordinator], verdict: Verdict):
    coordinator = decided(verdict, kind)
    assert deaf(coordinator, Yes("T"), "p1")
    assert deaf(coordinator, No("T"), "p2")
    assert deaf(coordinator, VotesOverdue("T"))
    assert deaf(coordinator, Begin("T")), "a transaction begins once"


@pytest.mark.parametrize(
    ("kind", "verdict", "forced"),
    [
        (Coordinator, Commit("T"), True),
        (Coordinator, Abort("T"), True),
        (PresumedAbortCoordinator, Commit("T"), True),
        (PresumedAbortCoordinator, Abort("T"), False),
        (PresumedCommitCoordinator, Commit("T"), True),
        (PresumedCommitCoordinator, Abort("T"), False),
    ],
)
def test_a_verdict_is_forced_unless_the_journal_already_implies_it(
    kind: type[Coordinator], verdict: Verdict, forced: bool
):
    coordinator = waiting(kind)
    told(coordinator, Yes("T"), "p1")
    effects = told(coordinator, Yes("T") if isinstance(verdict, Commit) else VotesOverdue("T"), "p2")
    assert (Force(verdict) in effects) is forced


@pytest.mark.parametrize("verdict", [Commit("T"), Abort("T")])
def test_the_last_acknowledgement_completes_the_transaction(verdict: Verdict):
    coordinator = decided(verdict)
    assert told(coordinator, Ack("T"), "p2") == ()
    assert told(coordinator, Ack("T"), "p1") == (CANCEL_ACKS, Append(End("T")))
    assert coordinator.state is State.DONE


@pytest.mark.parametrize("verdict", [Commit("T"), Abort("T")])
def test_when_an_acknowledgement_stays_away_it_tells_again_only_those_who_owe_one(verdict: Verdict):
    coordinator = decided(verdict)
    told(coordinator, Ack("T"), "p1")
    assert told(coordinator, AcksOverdue("T")) == (Send("p2", verdict), WAIT_FOR_ACKS)


def test_presumed_abort_forgets_an_abort_and_presumed_commit_a_commit_as_soon_as_it_was_sent():
    for kind, verdict in ((PresumedAbortCoordinator, Abort("T")), (PresumedCommitCoordinator, Commit("T"))):
        coordinator = decided(verdict, kind)
        assert coordinator.state is State.DONE
        assert deaf(coordinator, Ack("T"), "p1")
        assert deaf(coordinator, AcksOverdue("T"))


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("verdict", [Commit("T"), Abort("T")])
def test_whoever_is_in_doubt_may_ask_and_hears_the_verdict(kind: type[Coordinator], verdict: Verdict):
    assert told(decided(verdict, kind), DecisionRequest("T"), "p2") == (Send("p2", verdict),)


def test_while_votes_are_missing_it_has_no_answer():
    assert deaf(waiting(), DecisionRequest("T"), "p1")


def test_a_transaction_that_it_does_not_remember_aborts():
    effects = told(Coordinator(BOTH), DecisionRequest("T"), "p1")
    assert effects[:3] == (Force(Abort("T")), CANCEL_VOTES, Decide(Abort("T")))
    assert set(to_both(Abort("T"))) <= set(effects)


def test_what_nobody_remembers_is_presumed_without_a_write():
    assert told(PresumedAbortCoordinator(BOTH), DecisionRequest("T"), "p1") == (Send("p1", Abort("T")),)
    assert told(PresumedCommitCoordinator(BOTH), DecisionRequest("T"), "p1") == (Send("p1", Commit("T")),)


# -- recovery ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "journal"),
    [
        (Coordinator, [Commit("T")]),
        (Coordinator, [Abort("T")]),
        (PresumedAbortCoordinator, [Commit("T")]),
    ],
)
def test_recovered_with_a_verdict_on_disk_it_stands_by_it_and_tells_everyone_again(kind: type, journal: list[Any]):
    coordinator = restored(kind, *journal)
    effects = told(coordinator, Recovered())
    assert effects == (Decide(journal[-1]), *to_both(journal[-1]), WAIT_FOR_ACKS)


def test_presumed_commit_recovered_while_it_was_collecting_aborts():
    effects = told(restored(PresumedCommitCoordinator, Collecting("T")), Recovered())
    assert effects == (CANCEL_VOTES, Decide(Abort("T")), *to_both(Abort("T")), WAIT_FOR_ACKS)


def test_presumed_commit_recovered_with_a_commit_has_forgotten_it_and_presumes_the_same():
    coordinator = restored(PresumedCommitCoordinator, Collecting("T"), Commit("T"))
    assert deaf(coordinator, Recovered())
    assert told(coordinator, DecisionRequest("T"), "p1") == (Send("p1", Commit("T")),)


@pytest.mark.parametrize("kind", EVERY)
def test_recovered_with_an_empty_journal_it_has_nothing_to_say(kind: type[Coordinator]):
    assert deaf(restored(kind), Recovered())


@pytest.mark.parametrize(
    ("kind", "journal", "verdict"),
    [
        (Coordinator, [Commit("T"), End("T")], Abort("T")),
        (Coordinator, [Abort("T"), End("T")], Abort("T")),
        (PresumedAbortCoordinator, [Commit("T"), End("T")], Abort("T")),
        (PresumedCommitCoordinator, [Collecting("T"), End("T")], Commit("T")),
    ],
)
def test_recovered_after_the_end_it_has_forgotten_and_presumes_without_deciding(
    kind: type[Coordinator], journal: list[Any], verdict: Verdict
):
    # Only a question that is late can come: the asker's own disk holds the verdict, and it heeds no other.
    coordinator = restored(kind, *journal)
    assert deaf(coordinator, Recovered())
    assert told(coordinator, DecisionRequest("T"), "p1") == (Send("p1", verdict),)


def test_a_question_that_arrives_after_end_and_crash_does_not_make_it_decide_anew():
    end = after(
        World.of(cast(1)),
        """submit coordinator Begin
        deliver coordinator -> p1 VoteRequest
        sync p1
        fire p1 DecisionOverdue
        deliver p1 -> coordinator Yes
        sync coordinator
        deliver coordinator -> p1 Commit
        sync p1
        deliver p1 -> coordinator Ack
        sync coordinator
        crash coordinator
        recover coordinator
        deliver p1 -> coordinator DecisionRequest
        deliver coordinator -> p1 Abort""",
    )
    assert end.journal("coordinator") == (Commit("T1"), End("T1"))
    assert {decision.value for decision in end.decisions} == {Commit("T1")}
