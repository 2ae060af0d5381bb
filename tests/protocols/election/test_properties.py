"""Whatever happens, in any order, to any ensemble: the invariants hold, and calm weather brings one leader."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.kernel import Cast
from consensus_lab.protocols.election import cast
from consensus_lab.protocols.election.invariants import worth_of
from consensus_lab.protocols.election.messages import Elected, State
from consensus_lab.sim import World
from consensus_lab.sim.chance import Uniform
from consensus_lab.sim.conditions import STORMY
from consensus_lab.sim.pickers import Seeded, play
from tests.protocols.election.running import assert_settled, casts, checked, mended, peers, settle, take

ROUGH = replace(STORMY, latency=Uniform(0.005, 0.4), crash=0.04, reset=0.05, pause=0.03, cut=0.03, most_faults=20)
"""Latencies on both sides of finalizeWait."""


def wander(world: World, decisions: list[int]) -> World:
    """Take any choices that the world offers, faults included: each number picks one."""
    for number in decisions:
        choices = world.choices()
        offered = world.moves() if number % 3 and world.moves() else choices
        world = take(world, offered[number // 3 % len(offered)])
    return world


DECISIONS = st.lists(st.integers(0, 30_000), min_size=20, max_size=80)


@settings(max_examples=120)
@given(casts(), DECISIONS)
def test_the_invariants_hold_in_every_world_of_any_interleaving(cast: Cast, decisions: list[int]):
    wander(World.of(cast), decisions)


@settings(max_examples=60)
@given(casts(most=4), DECISIONS)
def test_once_failures_are_mended_everybody_has_the_same_leader(cast: Cast, decisions: list[int]):
    assert_settled(settle(mended(wander(World.of(cast), decisions))))


@settings(max_examples=60)
@given(casts(), st.integers(0, 2**32), st.sampled_from([STORMY, ROUGH]))
def test_a_storm_violates_nothing_and_ends_with_one_leader(cast: Cast, seed: int, weather):
    world = World.of(cast)
    for step in play(world, Seeded(seed, weather), steps=4_000):
        world = checked(world, step)
    assert world.quiet, "a storm of so few faults passes"
    assert_settled(world)


@settings(max_examples=60)
@given(casts(), st.integers(0, 2**32))
def test_when_all_start_together_and_nothing_is_slow_the_best_voter_wins_in_the_first_round(cast: Cast, seed: int):
    start = World.of(cast)
    end = settle(start, seed)
    assert_settled(end)
    voters = [p for a, p in peers(start).items() if a in p.quorum.members - p.weightless]
    best = f"n{max(map(worth_of, voters)).sid}"
    assert {decision.value for decision in end.decisions} == {Elected(best, 1)}
    assert {decision.node for decision in end.decisions} == set(cast.addresses)


@settings(max_examples=30)
@given(st.integers(0, 2**32))
def test_a_leader_that_crashes_again_and_again_is_replaced_again_and_again(seed: int):
    from consensus_lab.sim import Crash, Recover

    world = settle(World.of(cast(5)), seed)
    for _ in range(4):
        leader = next(address for address, peer in peers(world).items() if peer.state is State.LEADING)
        world = settle(take(world, Crash(leader)), seed)
        assert {peer.leader for peer in peers(world).values()} != {leader}
        world = settle(take(world, Recover(leader)), seed)
        assert_settled(world)
