"""The participant, rule by rule, in the words of Bernstein, Hadzilacos and Goodman (1987), section 7.4."""

from typing import Any

import pytest

from consensus_lab.kernel import Append, CancelTimer, Decide, Force, Recovered, Send, SetTimer, Start
from consensus_lab.protocols.two_phase_commit import VARIANTS, cast
from consensus_lab.protocols.two_phase_commit.cooperative import CooperativeParticipant
from consensus_lab.protocols.two_phase_commit.messages import (
    Abort,
    Ack,
    Commit,
    DecisionOverdue,
    DecisionRequest,
    No,
    Prepared,
    RequestOverdue,
    State,
    Verdict,
    VoteRequest,
    Yes,
)
from consensus_lab.protocols.two_phase_commit.participant import DECISION_WITHIN, REQUEST_WITHIN, Participant
from consensus_lab.protocols.two_phase_commit.presumed_abort import PresumedAbortParticipant
from consensus_lab.protocols.two_phase_commit.presumed_commit import PresumedCommitParticipant
from consensus_lab.sim import World
from tests.protocols.two_phase_commit.running import VARIANT_NAMES, after, deaf, told

PREPARED = Prepared("T", undo="old", redo="T")
CANCEL = (CancelTimer(RequestOverdue("T")), CancelTimer(DecisionOverdue("T")))
ASK_LATER = SetTimer(DecisionOverdue("T"), DECISION_WITHIN, DECISION_WITHIN)
EVERY = (Participant, PresumedAbortParticipant, PresumedCommitParticipant)


def fresh(kind: type[Participant] = Participant, willing: bool = True) -> Participant:
    return kind("c", "T", willing)


def ready(kind: type[Participant] = Participant) -> Participant:
    """One that has voted yes."""
    participant = fresh(kind)
    told(participant, VoteRequest("T"), "c")
    return participant


def restored(kind: type[Participant], *journal: Any) -> Participant:
    participant = fresh(kind)
    for record in journal:
        participant.restore(record)
    return participant


def test_its_work_done_it_expects_to_be_asked_soon():
    assert told(fresh(), Start()) == (SetTimer(RequestOverdue("T"), REQUEST_WITHIN, REQUEST_WITHIN),)


def test_before_it_says_yes_undo_and_redo_are_forced_to_disk():
    effects = told(fresh(), VoteRequest("T"), "c")
    assert effects == (CancelTimer(RequestOverdue("T")), Force(PREPARED), Send("c", Yes("T")), ASK_LATER)


def test_from_execution_on_the_resource_is_locked_and_holds_the_new_value():
    participant = ready()
    assert (participant.state, participant.lock, participant.value, participant.undo) == (State.READY, "T", "T", "old")


@pytest.mark.parametrize(
    ("kind", "write"), [(Participant, Force), (PresumedAbortParticipant, Append), (PresumedCommitParticipant, Force)]
)
def test_a_no_is_a_unilateral_abort(kind: type[Participant], write: type):
    participant = fresh(kind, willing=False)
    effects = told(participant, VoteRequest("T"), "c")
    assert effects == (CANCEL[0], write(Abort("T")), Send("c", No("T")), Decide(Abort("T")))
    assert (participant.state, participant.lock, participant.value) == (State.ABORT, None, "old")


@pytest.mark.parametrize("kind", EVERY)
def test_asked_twice_the_promise_stands(kind: type[Participant]):
    assert told(ready(kind), VoteRequest("T"), "c") == (Send("c", Yes("T")),)


@pytest.mark.parametrize("kind", EVERY)
def test_asked_by_nobody_it_aborts_alone_and_a_late_request_is_refused(kind: type[Participant]):
    participant = fresh(kind)
    assert Decide(Abort("T")) in told(participant, RequestOverdue("T"), "me")
    assert told(participant, VoteRequest("T"), "c") == (Send("c", No("T")),)


@pytest.mark.parametrize(
    ("kind", "verdict", "write", "acks"),
    [
        (Participant, Commit("T"), Force, True),
        (Participant, Abort("T"), Force, True),
        (PresumedAbortParticipant, Commit("T"), Force, True),
        (PresumedAbortParticipant, Abort("T"), Append, False),
        (PresumedCommitParticipant, Commit("T"), Append, False),
        (PresumedCommitParticipant, Abort("T"), Force, True),
    ],
)
def test_told_the_verdict_it_writes_decides_and_acknowledges_as_its_variant_says(
    kind: type[Participant], verdict: Verdict, write: type, acks: bool
):
    effects = told(ready(kind), verdict, "c")
    assert effects == (write(verdict), *CANCEL, Decide(verdict), *[Send("c", Ack("T"))] * acks)


@pytest.mark.parametrize("kind", EVERY)
def test_commit_keeps_the_new_value_abort_restores_the_old_and_both_release_the_lock(kind: type[Participant]):
    for verdict, value, state in ((Commit("T"), "T", State.COMMIT), (Abort("T"), "old", State.ABORT)):
        participant = ready(kind)
        told(participant, verdict, "c")
        assert (participant.value, participant.lock, participant.undo, participant.state) == (value, None, None, state)


def test_told_again_it_acknowledges_again_and_decides_nothing():
    participant = ready()
    told(participant, Commit("T"), "c")
    assert told(participant, Commit("T"), "c") == (Send("c", Ack("T")),)


@pytest.mark.parametrize("kind", EVERY)
def test_told_to_abort_before_it_was_asked_it_does(kind: type[Participant]):
    assert Decide(Abort("T")) in told(fresh(kind), Abort("T"), "c")


@pytest.mark.parametrize("kind", EVERY)
def test_it_cannot_be_told_to_commit_what_it_never_promised_nor_the_reverse_of_what_it_did(kind: type[Participant]):
    assert deaf(fresh(kind), Commit("T"), "c")
    for verdict, reverse in ((Commit("T"), Abort("T")), (Abort("T"), Commit("T"))):
        participant = ready(kind)
        told(participant, verdict, "c")
        assert deaf(participant, reverse, "c")


# -- in doubt ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EVERY)
def test_in_doubt_it_asks_the_coordinator_and_asks_again_but_never_decides_alone(kind: type[Participant]):
    participant = ready(kind)
    for _ in range(3):
        assert told(participant, DecisionOverdue("T"), "me") == (Send("c", DecisionRequest("T")), ASK_LATER)
    assert (participant.state, participant.lock) == (State.READY, "T")
    assert deaf(participant, RequestOverdue("T"), "me")


def cooperative(*journal: Any) -> CooperativeParticipant:
    participant = CooperativeParticipant("c", "T", True, peers=frozenset({"p2", "p3"}))
    for record in journal:
        participant.restore(record)
    return participant


def test_cooperative_termination_asks_the_peers_too():
    asked = {Send(peer, DecisionRequest("T")) for peer in ("c", "p2", "p3")}
    assert asked <= set(told(cooperative(PREPARED), DecisionOverdue("T"), "me"))


def test_a_peer_that_knows_tells_and_one_that_has_not_voted_aborts_and_tells():
    question = DecisionRequest("T")
    assert told(cooperative(PREPARED, Commit("T")), question, "p2") == (Send("p2", Commit("T")),)
    assert told(cooperative(PREPARED, Abort("T")), question, "p2") == (Send("p2", Abort("T")),)
    effects = told(cooperative(), question, "p2")
    assert effects == (Force(Abort("T")), *CANCEL, Decide(Abort("T")), Send("p2", Abort("T")))


def test_a_peer_that_is_itself_in_doubt_cannot_help():
    assert deaf(cooperative(PREPARED), DecisionRequest("T"), "p2")


# -- recovery ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EVERY)
def test_recovered_with_its_promise_on_disk_it_is_in_doubt_with_the_lock_held_and_asks(kind: type[Participant]):
    participant = restored(kind, PREPARED)
    assert (participant.state, participant.lock, participant.value) == (State.READY, "T", "T")
    assert told(participant, Recovered(), "me") == (Send("c", DecisionRequest("T")), ASK_LATER)


@pytest.mark.parametrize("kind", EVERY)
def test_recovered_with_a_verdict_on_disk_it_stands_by_it_and_holds_no_lock(kind: type[Participant]):
    for verdict, value in ((Commit("T"), "T"), (Abort("T"), "old")):
        participant = restored(kind, PREPARED, verdict)
        assert (participant.value, participant.lock) == (value, None)
        assert told(participant, Recovered(), "me") == (Decide(verdict),)


@pytest.mark.parametrize("kind", EVERY)
def test_recovered_without_a_promise_on_disk_it_aborts_alone(kind: type[Participant]):
    participant = fresh(kind)
    assert Decide(Abort("T")) in told(participant, Recovered(), "me")
    assert told(participant, VoteRequest("T"), "c") == (Send("c", No("T")),)


@pytest.mark.parametrize("variant", VARIANT_NAMES)
def test_having_given_up_it_does_not_vote_yes_after_a_crash_that_took_the_record_of_it(variant: str):
    end = after(
        World.of(cast(1, variant=variant)),
        f"""submit coordinator Begin
        {"sync coordinator" if variant == "presumed-commit" else ""}
        fire p1 RequestOverdue
        crash p1
        recover p1
        deliver coordinator -> p1 VoteRequest
        sync p1
        deliver p1 -> coordinator No""",
    )
    assert {decision.value for decision in end.decisions} <= {Abort("T1")}


def test_every_variant_is_named():
    assert tuple(VARIANTS) == VARIANT_NAMES
