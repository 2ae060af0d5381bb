"""What holds of three-phase commit whatever crashes: AC1 to AC4, NB and LOCKS always, and whoever stays up decides.

And what does not: once messages are lost, a storm soon finds a split.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.kernel import Cast
from consensus_lab.protocols.three_phase_commit import cast
from consensus_lab.sim import Choice, Crash, Drop, Recover, World
from consensus_lab.sim.chance import Uniform
from consensus_lab.sim.conditions import CALM, STORMY, Conditions
from consensus_lab.sim.pickers import Rounds, Seeded, play
from tests.protocols.three_phase_commit.running import VARIANT_NAMES, undecided
from tests.protocols.two_phase_commit.running import assert_unrefuted, mended, settle

CRASHES = Conditions(crash=0.05, outage=Uniform(4.0, 9.0), most_faults=1)
SEEDS = st.integers(0, 2**32)


@st.composite
def casts(draw: Callable, *variants: str, most: int = 4) -> Cast:
    count = draw(st.integers(1, most))
    unwilling = draw(st.sets(st.sampled_from([f"p{n}" for n in range(1, count + 1)]), max_size=1))
    return cast(count, variant=draw(st.sampled_from(variants or VARIANT_NAMES)), unwilling=sorted(unwilling))


def weather(start: World, seed: int, conditions: Conditions) -> World:
    """The last world of a seeded run, every invariant holding all the way."""
    world = start
    for step in play(start, Seeded(seed, conditions), steps=1500, until=lambda now: now.now > 120_000_000):
        assert_unrefuted(step.world, step.choice)
        world = step.world
    return world


@settings(max_examples=60)
@given(casts("skeen", "termination"), SEEDS)
def test_while_one_stays_up_crashes_violate_nothing_and_every_participant_decides(cast: Cast, seed: int):
    all_but_one = replace(CRASHES, most_faults=len(cast.addresses) - 1)
    assert undecided(weather(World.of(cast), seed, all_but_one)) == []


@settings(max_examples=40)
@given(casts("course"), SEEDS)
def test_as_the_course_tells_it_one_crash_violates_nothing(cast: Cast, seed: int):
    assert undecided(weather(World.of(cast), seed, CRASHES)) == []


@settings(max_examples=40)
@given(casts(), SEEDS)
def test_without_a_fault_all_decide_to_commit_exactly_when_all_are_willing(cast: Cast, seed: int):
    start = World.of(cast)
    for picker in (Seeded(seed, CALM), Rounds()):
        end = settle(start) if isinstance(picker, Rounds) else weather(start, seed, CALM)
        assert end.quiet
        all_willing = all(getattr(process, "willing", True) for process in start.processes.values())
        assert {decision.node for decision in end.decisions} == set(cast.addresses)
        assert {type(d.value).__name__ for d in end.decisions} == {"Commit" if all_willing else "Abort"}


# -- crashes in the middle of a broadcast ------------------------------------------------------------------------------


def stricken(world: World, numbers: list[int]) -> World:
    """Rounds, and at each number's turn a crash (never of the last node that is up) with part of what it was saying."""
    for number in numbers:
        for step in play(world, Rounds(), steps=number % 13):
            world = after(step.world, step.choice)
        up = [address for address, machine in world.machines.items() if machine.up]
        if len(up) > 1:
            crash = Crash(up[number % len(up)])
            world = after(world.take(crash), crash)
            world = fall_silent(world, crash.node, number)
    return world


def fall_silent(world: World, node: str, number: int) -> World:
    """Lose some of the messages that a crashed node had in flight."""
    for index, envelope in enumerate(list(world.network.flight)):
        if envelope.sender == node and number >> index & 1:
            drop = Drop(envelope.sender, envelope.to, envelope.message)
            world = after(world.take(drop), drop)
    return world


def after(world: World, choice: Choice) -> World:
    assert_unrefuted(world, choice)
    return world


@settings(max_examples=150)
@given(casts("termination"), st.lists(st.integers(0, 10_000), max_size=4))
def test_with_the_termination_protocol_a_crash_may_cut_any_broadcast_short(cast: Cast, numbers: list[int]):
    end = settle(stricken(World.of(cast), numbers), until=lambda world: not undecided(world))
    assert undecided(end) == [], "AC5, and nobody had to recover for it"


@settings(max_examples=100)
@given(casts("termination", most=3), st.lists(st.integers(0, 10_000), min_size=1, max_size=2))
def test_whoever_is_back_learns_what_those_who_stayed_have_decided(cast: Cast, numbers: list[int]):
    end = settle(stricken(World.of(cast), numbers), until=lambda world: not undecided(world))
    stayed = [a for a, machine in end.machines.items() if machine.up and a != "coordinator"]
    back = settle(mended(end))
    assert undecided(back) == [] or not stayed
    assert all(getattr(process, "lock", None) is None for process in back.processes.values()) or not stayed


# -- what it does not promise ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variant", VARIANT_NAMES)
def test_where_messages_are_lost_a_storm_finds_a_split(variant: str):
    """The reason for Paxos. NB falls before AC1: somebody commits while another is uncertain."""
    fallen: list[str] = []
    for seed in range(200):
        for step in play(World.of(cast(3, variant=variant)), Seeded(seed, STORMY), steps=300):
            fallen += [v.invariant.name for v in step.world.violations() if v.invariant.name not in fallen]
        if "AC1" in fallen:
            break
    assert "AC1" in fallen


def test_after_a_total_failure_whoever_is_back_waits_for_the_last_that_failed():
    world = World.of(cast(2, variant="termination"))
    for step in play(world, Rounds(), until=lambda now: now.processes["p1"].state.name == "PRECOMMIT"):
        world = step.world
    for address in ("coordinator", "p2", "p1"):
        world = world.take(Crash(address, kept=len(world.machines[address].unwritten)))
    alone = settle(world.take(Recover("p1")), steps=60)
    assert undecided(alone) == ["p1"]
    assert alone.processes["p1"].lock == "T1"
