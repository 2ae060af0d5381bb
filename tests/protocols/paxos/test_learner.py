"""The learner, and the three ways to learn. Paxos Made Simple (2001), section 2.3."""

import pytest

from consensus_lab.kernel import CancelTimer, Decide, Recovered, Send, SetTimer, Start
from consensus_lab.lab.costs import measure, messages_by_name
from consensus_lab.protocols.paxos import LEARNING, cast, decision_cost, server_cost
from consensus_lab.protocols.paxos.costs import learning_messages
from consensus_lab.protocols.paxos.learner import LEARN_WITHIN
from consensus_lab.protocols.paxos.messages import Accepted, Ballot, Decided, Inquire, NothingLearned
from consensus_lab.sim import World, WorldTrace
from consensus_lab.sim.pickers import Rounds, Seeded, play
from tests.protocols.paxos.casting import learner
from tests.protocols.two_phase_commit.running import told

VOTE = Accepted(Ballot(1, "p1"), "red")
LEARNED = (CancelTimer(NothingLearned()), Decide("red"))


def test_it_learns_from_a_majority_of_votes_for_one_proposal_and_tells_the_proposer_whose_ballot_it_was():
    mine = learner()
    assert told(mine, VOTE, "a1") == ()
    assert told(mine, VOTE, "a1") == (), "the same vote twice is one vote"
    assert told(mine, VOTE, "a2") == (*LEARNED, Send("p1", Decided("red")))
    assert told(mine, VOTE, "a3") == ()


def test_votes_for_one_value_in_two_ballots_do_not_add_up():
    mine = learner()
    told(mine, VOTE, "a1")
    assert told(mine, Accepted(Ballot(2, "p1"), "red"), "a2") == ()
    assert mine.chosen is None


def test_a_stranger_has_no_vote():
    mine = learner()
    told(mine, VOTE, "a1")
    assert told(mine, VOTE, "a9") == ()


def test_a_value_chosen_again_in_a_higher_ballot_is_news_to_that_ballots_proposer_only():
    mine = learner()
    for acceptor in ("a1", "a2"):
        told(mine, VOTE, acceptor)
    again = Accepted(Ballot(2, "p2"), "red")
    told(mine, again, "a1")
    assert told(mine, again, "a3") == (Send("p2", Decided("red")),)


def test_a_distinguished_learner_tells_the_others():
    mine = learner(audience=frozenset({"l2", "l3"}))
    told(mine, VOTE, "a1")
    assert told(mine, VOTE, "a2") == (*LEARNED, *(Send(to, Decided("red")) for to in ("l2", "l3", "p1")))


def test_it_believes_whoever_says_that_a_value_is_chosen_and_decides_once():
    mine = learner()
    assert told(mine, Decided("red"), "l1") == LEARNED
    assert told(mine, Decided("red"), "l1") == ()


@pytest.mark.parametrize("began", [Start(), Recovered()])
def test_in_the_dark_it_asks_the_proposers_in_turn(began: object):
    mine = learner()
    again = SetTimer(NothingLearned(), *LEARN_WITHIN)
    assert told(mine, began, "me") == (again,)
    for asked in ("p1", "p2", "p1"):
        assert told(mine, NothingLearned(), "me") == (Send(asked, Inquire()), again)


# -- the three ways, by their messages --------------------------------------------------------------------------------

SIZES = [(acceptors, learners) for acceptors in (1, 2, 3, 5) for learners in (2, 3, 4)]


@pytest.mark.parametrize("learning", LEARNING)
@pytest.mark.parametrize(("acceptors", "learners"), SIZES)
def test_a_decision_costs_what_the_paper_says(learning: str, acceptors: int, learners: int):
    distinguished = LEARNING[learning] or learners
    for picker in (Rounds(), Seeded(3)):
        trace = play(World.of(cast(1, acceptors, learners, learning=learning)), picker)
        assert trace[-1].world.quiet
        assert measure(trace) == decision_cost(acceptors, learners, distinguished)
        sent = messages_by_name(trace)
        assert {sent[name] for name in ("Prepare", "Promise", "Accept")} == {acceptors}
        to_the_proposer = distinguished
        assert sent["Accepted"] + sent["Decided"] == (
            learning_messages(acceptors, learners, distinguished) + to_the_proposer
        )


@pytest.mark.parametrize("learning", LEARNING)
@pytest.mark.parametrize("servers", [2, 3, 5])
def test_a_decision_among_servers_costs_what_the_paper_says(learning: str, servers: int):
    trace = one_wish(servers, learning)
    assert trace[-1].world.quiet
    assert measure(trace) == server_cost(servers, LEARNING[learning] or servers)


def one_wish(servers: int, learning: str) -> WorldTrace:
    world = World.of(cast(servers=servers, learning=learning))
    (first, *_) = world.requests
    return play(World(world.cast, world.machines, world.network, (first,)), Rounds())


def test_the_formulas_themselves():
    # Section 2.3: acceptors times learners; acceptors plus the other learners; in between for a set of them.
    assert learning_messages(5, 4, 4) == 20
    assert learning_messages(5, 4, 1) == 5 + 3
    assert learning_messages(5, 4, 2) == 10 + 2 * 2
    assert decision_cost(3, 2, 2) == (9 + 6 + 2, 1 + 2 * 3, 4, 2)
