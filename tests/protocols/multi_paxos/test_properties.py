"""Whatever happens, in any order, to any group: the invariants hold, and calm weather answers every client."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.kernel import Cast
from consensus_lab.protocols.multi_paxos import READS, cast
from consensus_lab.protocols.multi_paxos.ledger import servers
from consensus_lab.sim import Crash, Recover, World
from consensus_lab.sim.chance import Exponential
from consensus_lab.sim.conditions import STORMY
from consensus_lab.sim.pickers import Seeded, steps_of
from tests.protocols.multi_paxos.running import OPERATIONS, calls, casts, checked, leaders, mended, settle, take

ROUGH = replace(STORMY, latency=Exponential(0.1, low=0.005), crash=0.04, pause=0.03, cut=0.03, most_faults=30)
"""Latencies on both sides of a heartbeat."""
WISHES = st.lists(st.tuples(st.integers(0, 2), OPERATIONS), max_size=6)
DECISIONS = st.lists(st.integers(0, 30_000), min_size=20, max_size=80)


def wander(world: World, decisions: list[int]) -> World:
    """Take any choices that the world offers, faults included: each number picks one."""
    for number in decisions:
        offered = world.moves() if number % 3 and world.moves() else world.choices()
        world = take(world, offered[number // 3 % len(offered)])
    return world


@settings(max_examples=60)
@given(casts(), WISHES, DECISIONS)
def test_the_invariants_hold_in_every_world_of_any_interleaving(cast: Cast, wishes: list, decisions: list[int]):
    wander(calls(World.of(cast), wishes), decisions)


@settings(max_examples=40)
@given(casts(), WISHES, st.integers(0, 2**32), st.sampled_from([STORMY, ROUGH]))
def test_a_storm_violates_nothing_and_then_every_client_is_answered(cast: Cast, wishes: list, seed: int, weather):
    world = calls(World.of(cast), wishes)
    for step in steps_of(world, Seeded(seed, weather), steps=400):
        world = checked(world, step)
    settle(mended(world), seed)


@settings(max_examples=20)
@given(st.sampled_from(sorted(READS)), st.sampled_from([0, 2]), WISHES, st.integers(0, 2**32))
def test_a_leader_that_crashes_again_and_again_is_replaced_again_and_again(
    reads: str, snapshot_every: int, wishes: list, seed: int
):
    world = settle(World.of(cast(reads=reads, snapshot_every=snapshot_every)), seed)
    for _ in range(3):
        down = leaders(world)[0]
        world = settle(calls(take(world, Crash(down)), wishes), seed)
        world = settle(take(world, Recover(down)), seed)
        assert len({server.applied for server in servers(world).values()}) == 1


@settings(max_examples=20)
@given(casts(), WISHES, st.integers(0, 2**32))
def test_when_nothing_goes_wrong_the_first_leader_stays(cast: Cast, wishes: list, seed: int):
    end = settle(calls(World.of(cast), wishes), seed)
    assert leaders(end) == ["s1"]
    assert {server.ballot.number for server in servers(end).values()} <= {0, 1}
