"""Who plays: what may be asked for, and what is refused with a sentence."""

import pytest

from consensus_lab.kernel.notation import parse, render, vocabulary
from consensus_lab.lab.catalogue import make_cast
from consensus_lab.protocols.multi_paxos import READS, cast, messages
from consensus_lab.protocols.multi_paxos.messages import Accept, Add, Ballot, Call, Get, Noop, Put, Request


def test_servers_come_first_and_the_first_of_them_leads_at_first():
    assert cast().addresses == ("s1", "s2", "s3", "c1", "c2")
    assert cast(5, 0).addresses == ("s1", "s2", "s3", "s4", "s5")
    assert all(cast(3, 0).processes[server].first == "s1" for server in ("s1", "s2", "s3"))


def test_clients_have_their_wishes_in_turn():
    assert cast(clients=3).requests == (
        ("c1", Call(Add("x", 1))),
        ("c2", Call(Get("x"))),
        ("c3", Call(Add("x", 1))),
    )
    assert cast(clients=1, wishes=("blue",)).requests == (("c1", Call(Put("x", "blue"))),)
    assert cast(wishes=()).requests == ()


@pytest.mark.parametrize("reads", READS)
def test_every_way_to_read_has_servers_of_its_own(reads: str):
    assert {type(process) for process in cast(clients=0, reads=reads).processes.values()} == {READS[reads]}


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"servers": 0}, "servers must be 1 to 100, not 0"),
        ({"clients": -1}, "clients must be 0 to 100, not -1"),
        ({"reads": "fast"}, "reads must be one of log, index, lease, not fast"),
        ({"snapshot_every": -1}, r"snapshot_every must be 0 \(never\) or more slots, not -1"),
        ({"wishes": ("add", "steal")}, "wishes are of add, get, red, blue; not steal"),
    ],
)
def test_what_makes_no_cast_is_refused_with_a_sentence(parameters: dict, sentence: str):
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        cast(**parameters)


def test_a_cast_is_made_again_from_its_words():
    made = make_cast("multi-paxos", [("servers", "5"), ("reads", "lease"), ("wishes", "")])
    assert made.parameters == {"servers": 5, "reads": "lease", "wishes": ()}


def test_a_proposal_is_written_with_its_ballot_and_read_back():
    words = vocabulary(messages)
    for command in (Noop(), Request("c1", 1, Put("x", "red"))):
        accept = Accept(Ballot(2, "s1"), 7, command, 6)
        assert parse(render(accept), words) == accept
