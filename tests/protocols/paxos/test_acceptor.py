"""The acceptor, rule by rule, in the words of Paxos Made Simple (2001), section 2.2."""

import pytest

from consensus_lab.kernel import Force, Send
from consensus_lab.protocols.paxos.messages import Accepted, Ballot, Nack, Prepare, Promise, Round
from tests.protocols.paxos.casting import BLUE, RED, acceptor
from tests.protocols.two_phase_commit.running import told

ONE, TWO, THREE = (Ballot(number, "p1") for number in (1, 2, 3))


def test_it_answers_a_prepare_request_with_a_promise_that_its_disk_holds_first():
    assert told(acceptor(), Prepare(ONE), "p1") == (Force(Prepare(ONE)), Send("p1", Promise(ONE, None)))


def test_a_promise_tells_the_highest_numbered_proposal_that_it_has_accepted():
    mine = acceptor(RED(1), BLUE(2))
    assert told(mine, Prepare(THREE), "p1")[1] == Send("p1", Promise(THREE, BLUE(2)))


@pytest.mark.parametrize("ballot", [ONE, TWO])
def test_it_promises_no_ballot_twice_and_none_below_its_promise(ballot: Ballot):
    mine = acceptor(Prepare(TWO))
    assert told(mine, Prepare(ballot), "p1") == ()
    assert mine.promised == TWO


def test_of_two_ballots_with_one_number_the_proposers_name_decides():
    mine = acceptor(Prepare(Ballot(1, "p2")))
    assert told(mine, Prepare(Ballot(1, "p1")), "p1") == ()
    assert told(mine, Prepare(Ballot(1, "p3")), "p3")


def test_p1_it_accepts_the_first_proposal_that_it_receives_and_its_disk_holds_the_vote_before_any_learner_hears_of_it():
    effects = told(acceptor(), RED(1), "p1")
    assert effects == (Force(RED(1)), *(Send(learner, Accepted(ONE, "red")) for learner in ("l1", "l2")))


def test_p1a_it_accepts_a_proposal_exactly_if_it_has_promised_no_higher_ballot():
    mine = acceptor(Prepare(TWO))
    assert told(mine, RED(1), "p1") == ()
    assert mine.accepted is None
    assert told(mine, BLUE(2), "p1")[0] == Force(BLUE(2))
    assert told(mine, RED(3), "p1")[0] == Force(RED(3)), "of a ballot in whose phase 1 it took no part"
    assert (mine.promised, mine.accepted) == (THREE, RED(3))


def test_accepting_is_a_promise_too():
    mine = acceptor(RED(2))
    assert told(mine, Prepare(ONE), "p1") == ()
    assert told(mine, BLUE(1), "p1") == ()


def test_by_default_it_ignores_what_it_refuses_and_with_nacks_it_says_which_ballot_it_has_promised():
    for request in (Prepare(ONE), RED(1)):
        assert told(acceptor(Prepare(TWO)), request, "p1") == ()
        assert told(acceptor(Prepare(TWO), nacks=True), request, "p1") == (Send("p1", Nack(ONE, TWO)),)


def test_a_repeated_question_is_no_refusal():
    assert told(acceptor(Prepare(ONE), nacks=True), Prepare(ONE), "p1") == ()


def test_after_a_crash_it_knows_what_its_journal_says():
    mine = acceptor(Prepare(ONE), RED(1), Prepare(TWO))
    assert (mine.promised, mine.accepted) == (TWO, RED(1))


def test_it_has_no_use_for_a_record_that_is_not_an_acceptors():
    with pytest.raises(TypeError, match="Round"):
        acceptor(Round(ONE))
