"""Who plays: what may be asked for, and what is refused with a sentence."""

import pytest

from consensus_lab.kernel.cast import cast_words
from consensus_lab.kernel.notation import parse, render, vocabulary
from consensus_lab.lab.catalogue import make_cast
from consensus_lab.lab.loading import BadCast
from consensus_lab.lab.mutants.paxos import NoPromiseCheck
from consensus_lab.protocols.paxos import cast, messages
from consensus_lab.protocols.paxos.messages import BOTTOM, Accept, Ballot, Promise, Propose


def test_every_role_has_processes_of_its_own_or_each_server_plays_all():
    assert cast(2, 3, 2).addresses == ("p1", "p2", "a1", "a2", "a3", "l1", "l2")
    assert cast(servers=3).addresses == ("s1", "s2", "s3")


def test_each_proposer_has_a_client_and_clients_differ():
    wishes = [("p1", "red"), ("p2", "blue"), ("p3", "green"), ("p4", "red")]
    assert cast(4).requests == tuple((p, Propose(value)) for p, value in wishes)
    assert cast(2, values=("x",)).requests == (("p1", Propose("x")), ("p2", Propose("x")))


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"proposers": 0}, "proposers must be 1 to 100, not 0"),
        ({"acceptors": 0}, "acceptors must be 1 to 100, not 0"),
        ({"learners": 1, "learning": "set"}, "learners must be 2 to 100, not 1"),
        ({"servers": 1, "learning": "set"}, "servers must be 2 to 100, not 1"),
        ({"learning": "osmosis"}, "learning must be one of all, distinguished, set, not osmosis"),
        ({"retry": "never"}, "retry must be one of backoff, eager, distinguished, not never"),
        ({"promise_quorum": 4}, "promise_quorum must be from 1 to 3, or 0 for a majority, not 4"),
        ({"accept_quorum": -1}, "accept_quorum must be from 1 to 3, or 0 for a majority, not -1"),
        ({"values": ()}, "values must name at least one value"),
    ],
)
def test_what_makes_no_cast_is_refused_with_a_sentence(parameters: dict, sentence: str):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        cast(**parameters)


def test_a_cast_is_told_by_what_is_unusual_about_it_and_made_again_from_that():
    assert cast().parameters == {}
    made = cast(1, nack=True, values=("x", "y"), acceptor=NoPromiseCheck)
    words = cast_words(made.parameters)
    assert words == (
        ("proposers", "1"),
        ("nack", "yes"),
        ("values", "x+y"),
        ("acceptor", "consensus_lab.lab.mutants.paxos.acceptors:NoPromiseCheck"),
    )
    again = make_cast("paxos", words)
    assert (again.processes, again.requests) == (made.processes, made.requests)


def test_yes_and_no_are_the_words_of_a_switch():
    assert make_cast("paxos", [("nack", "no")]).parameters == {}
    with pytest.raises(BadCast, match="nack must be yes or no, not 'maybe'"):
        make_cast("paxos", [("nack", "maybe")])


def test_ballots_are_ordered_by_number_then_name_above_a_bottom():
    assert BOTTOM < Ballot(1, "p1") < Ballot(1, "p2") < Ballot(2, "p1")
    assert Ballot(3, "p9").next("p1") == Ballot(4, "p1")


def test_a_ballot_is_written_shortly_and_read_back():
    promise = Promise(Ballot(2, "p1"), Accept(Ballot(1, "p2"), "blue"))
    text = "Promise(ballot=Ballot(2, p1), accepted=Accept(ballot=Ballot(1, p2), value=blue))"
    assert render(promise) == text
    assert parse(text, vocabulary(messages)) == promise
