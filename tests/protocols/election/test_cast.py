"""Who may play, and what an election costs."""

import pytest

from consensus_lab.kernel.quorum import Hierarchical, Majority, Weighted
from consensus_lab.lab.costs import deepest, forced_by_node, messages_by_name
from consensus_lab.protocols.election import best_cost, cast, worst_cost
from consensus_lab.protocols.election.messages import UNTRUSTED, Zxid
from consensus_lab.sim import Deliver, World, WorldTrace
from consensus_lab.sim.pickers import Human, Rounds, play

SIZES = (1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"servers": 0}, "servers must be 1 to 100, not 0"),
        ({"servers": 100_000_000}, "servers must be 1 to 100, not 100000000"),
        ({"zxids": ("1.2",)}, "zxids must say one for each of 3 servers, not 1"),
        ({"zxids": ("1.2", "x", "1.2")}, "zxids are written EPOCH.COUNTER, such as 1.7, or -1; not 'x'"),
        ({"epochs": ("1", "-2", "3")}, "epochs must be whole numbers, not -2"),
        ({"observers": ("n9",)}, "observers names n9; servers are n1, n2, n3"),
        ({"observers": ("n1", "n2", "n3")}, "somebody must vote"),
        ({"weights": ("0", "0", "0")}, "weights of the voters must not all be 0"),
        ({"weights": ("0", "0", "1"), "observers": ("n3",)}, "weights of the voters must not all be 0"),
    ],
)
def test_a_cast_that_makes_no_sense_is_refused_with_a_sentence(parameters: dict, sentence: str):
    with pytest.raises(ValueError, match=sentence):
        cast(**parameters)


def test_who_votes_and_for_how_much():
    def quorum(**parameters):
        return cast(**parameters).processes["n1"].quorum

    assert quorum(observers=("n3",)) == Majority(frozenset({"n1", "n2"}))
    assert quorum(weights=("2", "1", "0")) == Weighted.of({"n1": 2, "n2": 1, "n3": 0})
    assert quorum(groups=("a", "b", "a")) == Hierarchical.of({"a": {"n1": 1, "n3": 1}, "b": {"n2": 1}})


def test_what_a_disk_holds_by_default():
    servers = cast(zxids=("2.5", "-1", "1.0"), accepted=("4", "1", "1")).processes
    assert [p.last_zxid for p in servers.values()] == [Zxid(2, 5), UNTRUSTED, Zxid(1, 0)]
    assert [p.current_epoch for p in servers.values()] == [2, 0, 1]
    assert [p.accepted_epoch for p in servers.values()] == [4, 1, 1]


# -- costs -------------------------------------------------------------------------------------------------------------


def notifications(start: World, trace: WorldTrace) -> int:
    """Those that were sent when the servers were switched on, and those since."""
    return len(start.network.flight) + messages_by_name(trace)["Notification"]


def until_all_is_said(servers: int, picker) -> tuple[World, WorldTrace]:
    start = World.of(cast(servers))
    return start, play(start, picker, until=lambda world: not world.network.flight)


def best_first(world: World):
    """Of what is in flight, whatever is for the best arrives first."""
    deliveries = [move for move in world.moves() if isinstance(move, Deliver)]
    return max(deliveries, key=lambda move: (move.message.vote, move.envelope(world).depth == 1), default=None)


@pytest.mark.parametrize("servers", SIZES)
def test_the_dearest_election_is_the_one_in_which_votes_arrive_from_the_worst_to_the_best(servers: int):
    start, trace = until_all_is_said(servers, Rounds())
    assert notifications(start, trace) == worst_cost(servers).messages == servers * (servers**2 - 1) // 2
    assert (deepest(trace[-1].world) if trace else 0) == worst_cost(servers).delays


@pytest.mark.parametrize("servers", SIZES)
def test_the_cheapest_election_is_the_one_in_which_the_best_vote_arrives_first(servers: int):
    start, trace = until_all_is_said(servers, Human(best_first))
    assert notifications(start, trace) == best_cost(servers).messages == (2 * servers - 1) * (servers - 1)


def test_an_election_writes_nothing():
    assert forced_by_node(play(World.of(cast(5)), Rounds())) == {}
