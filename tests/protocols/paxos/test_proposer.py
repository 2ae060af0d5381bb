"""The proposer and its two variants, rule by rule. Paxos Made Simple (2001), sections 2.2 and 2.4."""

import pytest

from consensus_lab.kernel import CLIENT, CancelTimer, Context, Force, Send, SetTimer
from consensus_lab.protocols.paxos.distinguished import DEFERENCE, DistinguishedProposer
from consensus_lab.protocols.paxos.eager import EagerProposer
from consensus_lab.protocols.paxos.messages import (
    Accept,
    Ballot,
    Decided,
    Inquire,
    Nack,
    Overdue,
    Prepare,
    Promise,
    Propose,
    Round,
    State,
)
from consensus_lab.protocols.paxos.proposer import MOST_PATIENCE, PATIENCE, Proposer
from tests.protocols.paxos.casting import ACCEPTORS, BLUE, RED, proposer
from tests.protocols.two_phase_commit.running import deaf, told

MINE = Ballot(1, "me")


def preparing(kind: type[Proposer] = Proposer, **configuration) -> Proposer:
    fresh = proposer(kind=kind, **configuration)
    told(fresh, Propose("mine"))
    return fresh


def proposing(*votes: Accept | None) -> Proposer:
    """One that a majority has told of these votes."""
    asking = preparing()
    for acceptor, vote in zip(("a1", "a2"), votes, strict=True):
        told(asking, Promise(asking.ballot, vote), acceptor)
    return asking


def to_all(message: object) -> tuple[Send, ...]:
    return tuple(Send(acceptor, message) for acceptor in sorted(ACCEPTORS))


def test_phase_1a_its_ballot_is_on_disk_before_any_acceptor_hears_of_it():
    effects = told(proposer(), Propose("mine"))
    assert effects == (Force(Round(MINE)), *to_all(Prepare(MINE)), SetTimer(Overdue(), PATIENCE, 2 * PATIENCE))


def test_phase_2a_a_majority_of_promises_lets_it_propose_to_everyone():
    asking = preparing()
    assert told(asking, Promise(MINE, None), "a1") == ()
    assert told(asking, Promise(MINE, None), "a1") == (), "the same promise twice is one promise"
    assert told(asking, Promise(MINE, None), "a3") == to_all(Accept(MINE, "mine"))
    assert asking.state is State.PROPOSING


def test_promises_for_another_ballot_do_not_count():
    asking = preparing()
    told(asking, Promise(MINE, None), "a1")
    assert told(asking, Promise(Ballot(0, "me"), None), "a2") == ()
    assert asking.state is State.PREPARING


@pytest.mark.parametrize(
    ("votes", "value"),
    [
        ((None, None), "mine"),
        ((RED(1), None), "red"),
        ((None, BLUE(1)), "blue"),
        ((RED(1), BLUE(2)), "blue"),
        ((RED(2), BLUE(1)), "red"),
        ((RED(1, "p2"), BLUE(1, "p1")), "red"),
    ],
)
def test_p2c_it_proposes_the_value_of_the_highest_vote_told_and_its_own_only_if_none_was(votes: tuple, value: str):
    assert proposing(*votes).proposal == Accept(MINE, value)


def test_it_proposes_once_a_ballot():
    assert deaf(proposing(None, None), Promise(MINE, RED(1)), "a3")


def test_overdue_it_takes_a_higher_ballot_and_forgets_the_promises_of_the_last():
    late = proposing(RED(1), None)
    assert told(late, Overdue(), "me")[:2] == (Force(Round(Ballot(2, "me"))), Send("a1", Prepare(Ballot(2, "me"))))
    assert (late.state, late.promises, late.proposal, late.tries) == (State.PREPARING, {}, None, 1)


def test_its_patience_is_a_range_that_doubles_up_to_a_limit():
    late = preparing()
    ranges = [late.patience()]
    for late.tries in range(1, 12):
        ranges.append(late.patience())
    assert all(low == PATIENCE for low, _ in ranges)
    assert [high for _, high in ranges[:4]] == [2 * PATIENCE, 4 * PATIENCE, 8 * PATIENCE, 16 * PATIENCE]
    assert ranges[-1] == (PATIENCE, MOST_PATIENCE)


def test_a_nack_raises_its_next_ballot_and_hurries_nothing():
    refused = preparing()
    assert told(refused, Nack(MINE, Ballot(7, "p2")), "a1") == ()
    assert Force(Round(Ballot(8, "me"))) in told(refused, Overdue(), "me")


def test_told_what_is_chosen_it_rests_and_answers_everyone_who_waits():
    asking = preparing()
    told(asking, Propose("theirs"), "p2")
    effects = told(asking, Decided("red"), "l1")
    assert effects == (CancelTimer(Overdue()), Send(CLIENT, Decided("red")), Send("p2", Decided("red")))
    assert (asking.state, asking.chosen) == (State.DONE, "red")
    for request in (Propose("late"), Inquire()):
        assert told(asking, request, "someone") == (Send("someone", Decided("red")),)


def test_a_second_wish_waits_for_the_outcome_of_the_first():
    asking = preparing()
    assert told(asking, Propose("second"), "p2") == ()
    assert asking.value == "mine"


def test_asked_by_a_learner_it_begins_a_ballot_without_a_wish_of_its_own():
    asked = proposer()
    assert told(asked, Inquire(), "l1")[0] == Force(Round(MINE))
    told(asked, Promise(MINE, RED(1)), "a1")
    assert told(asked, Promise(MINE, None), "a2") == to_all(Accept(MINE, "red"))


def test_when_nothing_was_accepted_and_nobody_wishes_for_anything_it_proposes_nothing():
    asked = proposer()
    told(asked, Inquire(), "l1")
    told(asked, Promise(MINE, None), "a1")
    assert told(asked, Promise(MINE, None), "a2") == (CancelTimer(Overdue()),)
    assert (asked.state, asked.proposal) == (State.IDLE, None)


def test_a_wish_that_comes_while_it_finds_out_for_a_learner_is_proposed():
    asked = proposer()
    told(asked, Inquire(), "l1")
    told(asked, Propose("mine"))
    told(asked, Promise(MINE, None), "a1")
    assert told(asked, Promise(MINE, None), "a2") == to_all(Accept(MINE, "mine"))


def test_after_a_crash_it_remembers_its_highest_ballot_and_nothing_else():
    restarted = proposer(Round(Ballot(1, "me")), Round(Ballot(4, "me")))
    assert (restarted.state, restarted.value) == (State.IDLE, None)
    assert told(restarted, Propose("again"))[0] == Force(Round(Ballot(5, "me")))


# -- variants ---------------------------------------------------------------------------------------------------------


def test_an_eager_proposer_answers_a_nack_with_a_higher_ballot_at_once_and_only_the_first():
    eager = preparing(EagerProposer)
    assert told(eager, Nack(MINE, Ballot(3, "p2")), "a1")[0] == Force(Round(Ballot(4, "me")))
    assert told(eager, Nack(MINE, Ballot(3, "p2")), "a2") == (), "of the ballot before"
    assert eager.patience() == (PATIENCE, PATIENCE)


def test_the_distinguished_proposer_proposes_and_the_others_hand_wishes_on_to_it():
    first = proposer(kind=DistinguishedProposer, proposers=("me", "p2"))
    assert told(first, Propose("mine"))[0] == Force(Round(MINE))
    second = proposer(kind=DistinguishedProposer, proposers=("p1", "me"))
    assert told(second, Propose("mine")) == (Send("p1", Propose("mine")), SetTimer(Overdue(), *DEFERENCE))
    assert second.state is State.DEFERRING


def test_who_defers_passes_the_answer_on_or_takes_over_after_a_while():
    for message, effect in ((Decided("red"), Send(CLIENT, Decided("red"))), (Overdue(), Force(Round(MINE)))):
        second = preparing(DistinguishedProposer, proposers=("p1", "me"))
        assert effect in told(second, message, "p1")


def test_a_rule_runs_in_the_state_that_it_names_only():
    idle = proposer()
    for message in (Promise(MINE, None), Overdue(), Nack(MINE, MINE)):
        assert deaf(idle, message, "a1")
    assert idle.receive(Decided("red"), Context("me", "l1"))
