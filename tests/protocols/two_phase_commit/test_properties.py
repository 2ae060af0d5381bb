"""Whatever happens, in any order, to any cast of any variant: AC1 to AC4 hold and locks are released once decided."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.kernel import Cast
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.sim import World
from consensus_lab.sim.conditions import CALM, STORMY
from consensus_lab.sim.pickers import Rounds, Seeded, play
from tests.protocols.two_phase_commit.running import (
    VARIANT_NAMES,
    assert_unrefuted,
    has_decided,
    mended,
    participants,
    settle,
)


@st.composite
def casts(draw: Callable, most: int = 4) -> Cast:
    count = draw(st.integers(1, most))
    unwilling = draw(st.sets(st.sampled_from([f"p{n}" for n in range(1, count + 1)]), max_size=count))
    return cast(count, variant=draw(st.sampled_from(VARIANT_NAMES)), unwilling=sorted(unwilling))


def wander(world: World, decisions: list[int]) -> World:
    """Take any choices that the world offers, faults included: each number picks one."""
    for number in decisions:
        choices = world.choices()
        # Of many faults few change anything: give what needs no fault half of the picks.
        offered = world.moves() if number % 2 and world.moves() else choices
        choice = offered[number // 2 % len(offered)]
        world = world.take(choice)
        assert_unrefuted(world, choice)
    return world


@settings(max_examples=150)
@given(casts(), st.lists(st.integers(0, 10_000), min_size=20, max_size=70))
def test_ac1_to_ac4_and_locks_hold_in_every_world_of_any_interleaving(cast: Cast, decisions: list[int]):
    wander(World.of(cast), decisions)


@settings(max_examples=60)
@given(casts(most=3), st.lists(st.integers(0, 10_000), min_size=10, max_size=50))
def test_ac5_once_failures_are_mended_every_participant_that_was_asked_decides(cast: Cast, decisions: list[int]):
    end = settle(mended(wander(World.of(cast), decisions)))
    assert all(has_decided(participant) for participant in participants(end).values())
    assert all(participant.lock is None for participant in participants(end).values())


@settings(max_examples=40)
@given(casts(), st.integers(0, 2**32))
def test_a_stormy_seed_violates_nothing_and_ends_with_everyone_decided(cast: Cast, seed: int):
    world = World.of(cast)
    for step in play(world, Seeded(seed, STORMY), steps=1500):
        assert_unrefuted(step.world, step.choice)
        world = step.world
    assert world.quiet, "a storm of at most 12 faults passes"
    assert all(has_decided(participant) for participant in participants(world).values())


@settings(max_examples=40)
@given(casts(), st.integers(0, 2**32))
def test_without_a_fault_all_decide_to_commit_exactly_when_all_are_willing(cast: Cast, seed: int):
    start = World.of(cast)
    verdicts = set()
    for picker in (Seeded(seed, CALM), Rounds()):
        for step in play(start, picker):
            assert_unrefuted(step.world, step.choice)
        assert step.world.quiet
        assert {decision.node for decision in step.world.decisions} == set(cast.addresses)
        verdicts |= {type(decision.value).__name__ for decision in step.world.decisions}
    all_willing = all(participant.willing for participant in participants(start).values())
    assert verdicts == {"Commit" if all_willing else "Abort"}
