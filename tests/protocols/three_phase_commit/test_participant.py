"""The participant, rule by rule, in the words of Bernstein, Hadzilacos and Goodman (1987), section 7.5."""

from typing import Any

import pytest

from consensus_lab.kernel import CancelTimer, Decide, Force, Note, Recovered, Send, SetTimer, Start
from consensus_lab.protocols.three_phase_commit.messages import (
    Abort,
    Ack,
    CanCommit,
    Commit,
    CommitOverdue,
    DecisionOverdue,
    DecisionRequest,
    No,
    PreAck,
    PreCommit,
    PreCommitOverdue,
    Prepared,
    Promised,
    RequestOverdue,
    State,
    Verdict,
    Yes,
)
from consensus_lab.protocols.three_phase_commit.participant import (
    ASK_AGAIN_AFTER,
    COMMIT_WITHIN,
    PRECOMMIT_WITHIN,
    REQUEST_WITHIN,
    Participant,
)
from tests.protocols.two_phase_commit.running import deaf, told

PREPARED = Prepared("T", undo="old", redo="T")
VERDICTS = pytest.mark.parametrize("verdict", [Commit("T"), Abort("T")])


def timer(of: Any, seconds: float) -> SetTimer:
    return SetTimer(of, seconds, seconds)


def fresh(*journal: Any, willing: bool = True) -> Participant:
    """One that was just switched on with this journal."""
    participant = Participant("c", "T", willing, frozenset({"other"}))
    for record in journal:
        participant.restore(record)
    return participant


def ready() -> Participant:
    return fresh(Promised("T"))


def prepared() -> Participant:
    return fresh(Promised("T"), PREPARED)


def recovering(*journal: Any) -> Participant:
    participant = fresh(*journal)
    told(participant, Recovered())
    return participant


def in_state(state: State) -> Participant:
    journal = {State.INIT: (), State.COMMIT: (Commit("T"),), State.ABORT: (Abort("T"),)}
    if state is State.RECOVERING:
        return recovering(Promised("T"))
    return {State.READY: ready, State.PRECOMMIT: prepared}.get(state, lambda: fresh(*journal[state]))()


def test_it_expects_to_be_asked_soon():
    assert told(fresh(), Start()) == (timer(RequestOverdue("T"), REQUEST_WITHIN),)


def test_before_it_says_yes_its_promise_is_forced_and_nothing_is_executed_or_locked():
    participant = fresh()
    effects = told(participant, CanCommit("T"), "c")
    assert effects == (
        CancelTimer(RequestOverdue("T")),
        Force(Promised("T")),
        Send("c", Yes("T")),
        timer(PreCommitOverdue("T"), PRECOMMIT_WITHIN),
    )
    assert (participant.state, participant.value, participant.lock) == (State.READY, "old", None)


def test_a_no_is_a_unilateral_abort():
    effects = told(fresh(willing=False), CanCommit("T"), "c")
    assert effects[1:] == (Force(Abort("T")), Send("c", No("T")), Decide(Abort("T")))


@pytest.mark.parametrize("reason", [RequestOverdue("T"), Recovered()])
def test_before_it_has_promised_it_may_abort_alone(reason: Any):
    assert Decide(Abort("T")) in told(fresh(), reason)


def test_asked_twice_it_stands_by_what_it_said():
    assert told(ready(), CanCommit("T"), "c") == (Send("c", Yes("T")),)
    assert told(fresh(Abort("T")), CanCommit("T"), "c") == (Send("c", No("T")),)


def test_told_that_all_voted_yes_it_executes_under_a_lock_and_says_so_when_undo_and_redo_are_on_disk():
    participant = ready()
    effects = told(participant, PreCommit("T"), "c")
    assert effects == (
        CancelTimer(PreCommitOverdue("T")),
        Force(PREPARED),
        Send("c", PreAck("T")),
        timer(CommitOverdue("T"), COMMIT_WITHIN),
    )
    assert (participant.state, participant.value, participant.lock) == (State.PRECOMMIT, "T", "T")


@pytest.mark.parametrize("state", [State.PRECOMMIT, State.COMMIT])
def test_told_twice_that_all_voted_yes_it_acknowledges_again(state: State):
    assert told(in_state(state), PreCommit("T"), "c") == (Send("c", PreAck("T")),)


def test_uncertain_and_out_of_patience_it_aborts():
    effects = told(ready(), PreCommitOverdue("T"))
    assert effects == (Force(Abort("T")), CancelTimer(PreCommitOverdue("T")), Decide(Abort("T")))


def test_prepared_and_out_of_patience_it_commits():
    participant = prepared()
    effects = told(participant, CommitOverdue("T"))
    assert effects == (Force(Commit("T")), CancelTimer(CommitOverdue("T")), Decide(Commit("T")))
    assert (participant.value, participant.lock) == ("T", None)


@pytest.mark.parametrize("state", [State.READY, State.PRECOMMIT, State.RECOVERING])
@VERDICTS
def test_it_does_what_was_decided_whatever_it_knew(state: State, verdict: Verdict):
    participant = in_state(state)
    effects = told(participant, verdict, "c")
    assert effects[0] == Force(verdict)
    assert effects[2:] == (Decide(verdict), Send("c", Ack("T")))
    assert participant.value == ("T" if isinstance(verdict, Commit) else "old")
    assert participant.lock is None


@VERDICTS
def test_only_the_coordinator_is_owed_an_acknowledgement(verdict: Verdict):
    assert told(fresh(verdict), verdict, "c") == (Send("c", Ack("T")),)
    assert told(fresh(verdict), verdict, "other") == ()


def test_told_the_other_verdict_it_takes_nothing_back_and_says_so():
    for mine, other in ((Commit("T"), Abort("T")), (Abort("T"), Commit("T"))):
        participant = fresh(mine)
        assert [type(effect) for effect in told(participant, other, "c")] == [Note]
        assert participant.verdict == mine


@VERDICTS
def test_whoever_is_in_doubt_may_ask_it_too(verdict: Verdict):
    assert told(fresh(verdict), DecisionRequest("T"), "other") == (Send("other", verdict),)


@pytest.mark.parametrize("state", [State.INIT, State.READY, State.PRECOMMIT, State.RECOVERING])
def test_one_that_does_not_know_gives_no_answer(state: State):
    assert deaf(in_state(state), DecisionRequest("T"), "other")


# -- recovery ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("journal", [(Promised("T"),), (Promised("T"), PREPARED)], ids=["uncertain", "prepared"])
def test_back_from_a_crash_in_doubt_it_only_asks_whatever_it_knew(journal: tuple):
    participant = fresh(*journal)
    asks = (
        Send("c", DecisionRequest("T")),
        Send("other", DecisionRequest("T")),
        timer(DecisionOverdue("T"), ASK_AGAIN_AFTER),
    )
    assert told(participant, Recovered()) == asks
    assert told(participant, DecisionOverdue("T")) == asks
    for late in (PreCommit("T"), CanCommit("T"), PreCommitOverdue("T"), CommitOverdue("T")):
        assert deaf(participant, late, "c"), "the others went on without it"


def test_its_journal_brings_back_what_it_executed_and_locked():
    participant = fresh(Promised("T"), PREPARED)
    assert (participant.value, participant.undo, participant.lock) == ("T", "old", "T")


@VERDICTS
def test_back_from_a_crash_with_a_verdict_it_announces_it_again(verdict: Verdict):
    assert told(fresh(Promised("T"), PREPARED, verdict), Recovered()) == (Decide(verdict),)
