"""Whatever happens, in any order, to any cast: every invariant holds; and once all is mended, every learner learns."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.kernel import Cast
from consensus_lab.kernel.quorum import Majority, meet
from consensus_lab.protocols.paxos import LEARNING, RETRY, cast
from consensus_lab.protocols.paxos.learner import Learner
from consensus_lab.protocols.paxos.messages import Propose
from consensus_lab.sim import Submit, World
from consensus_lab.sim.conditions import CALM, STORMY
from consensus_lab.sim.pickers import Rounds, Seeded, play
from tests.protocols.paxos.casting import ROUGH
from tests.protocols.two_phase_commit.running import assert_unrefuted, mended


@st.composite
def casts(draw: Callable) -> Cast:
    learning = draw(st.sampled_from(sorted(LEARNING)))
    acceptors = draw(st.integers(1, 4))
    promises = draw(st.integers(1, acceptors))
    return cast(
        draw(st.integers(1, 3)),
        acceptors,
        draw(st.integers(LEARNING[learning] or 1, 3)),
        servers=draw(st.sampled_from([0, 0, acceptors] if acceptors >= (LEARNING[learning] or 1) else [0])),
        learning=learning,
        retry=draw(st.sampled_from(sorted(RETRY))),
        nack=draw(st.booleans()),
        promise_quorum=promises,
        accept_quorum=acceptors - promises + 1,
    )


def wander(world: World, decisions: list[int]) -> World:
    """Take any choices that the world offers, faults included: each number picks one."""
    for number in decisions:
        # Of many faults few change anything: give what needs no fault two thirds of the picks.
        offered = world.moves() if number % 3 and world.moves() else world.choices()
        choice = offered[number // 3 % len(offered)]
        world = world.take(choice)
        assert_unrefuted(world, choice)
    return world


@settings(max_examples=150)
@given(casts(), st.lists(st.integers(0, 10_000), min_size=30, max_size=100))
def test_every_invariant_holds_in_every_world_of_any_interleaving(cast: Cast, decisions: list[int]):
    wander(World.of(cast), decisions)


@settings(max_examples=60)
@given(casts(), st.integers(0, 2**32), st.sampled_from([STORMY, ROUGH]))
def test_every_invariant_holds_in_every_storm(cast: Cast, seed: int, weather):
    for step in play(World.of(cast), Seeded(seed, weather), steps=400):
        assert_unrefuted(step.world, step.choice)


@settings(max_examples=40)
@given(casts(), st.lists(st.integers(0, 10_000), min_size=10, max_size=60), st.integers(0, 2**32))
def test_once_failures_are_mended_and_someone_is_asked_again_every_learner_learns(
    cast: Cast, decisions: list[int], seed: int
):
    world = mended(wander(World.of(cast), decisions))
    world = world.take(Submit(cast.addresses[0], Propose("red")))
    end = settle(world, seed)
    learners = [process for process in end.processes.values() if isinstance(process, Learner)]
    assert len({learner.chosen for learner in learners}) == 1
    assert all(learner.chosen is not None for learner in learners)


def settle(world: World, seed: int) -> World:
    """Calm weather until nothing is owed, every invariant holding throughout."""
    for step in play(world, Seeded(seed, CALM), steps=4000):
        assert_unrefuted(step.world, step.choice)
        world = step.world
    assert world.quiet
    return world


@settings(max_examples=40)
@given(casts(), st.integers(0, 2**32))
def test_without_a_fault_one_of_the_clients_has_its_way_and_all_are_answered_alike(cast: Cast, seed: int):
    world = settle(World.of(cast), seed)
    wishes = {request.value for _, request in cast.requests}
    assert len({decision.value for decision in world.decisions}) == 1
    assert {decision.value for decision in world.decisions} <= wishes
    assert {envelope.sender for envelope in world.answers} == {proposer for proposer, _ in cast.requests}


def test_in_rounds_one_proposer_needs_no_luck():
    for acceptors in range(1, 6):
        end = play(World.of(cast(1, acceptors)), Rounds())[-1].world
        assert {decision.value for decision in end.decisions} == {"red"}
        assert not end.timeouts


@pytest.mark.parametrize("size", range(1, 6))
def test_the_quorums_of_a_cast_meet_exactly_if_they_are_more_than_all_together(size: int):
    for promises in range(1, size + 1):
        for acceptances in range(1, size + 1):
            made = cast(1, size, promise_quorum=promises, accept_quorum=acceptances).processes
            quorums = made["p1"].promise_quorum, made["l1"].accept_quorum
            assert all(isinstance(quorum, Majority) for quorum in quorums)
            assert meet(*quorums) == (promises + acceptances > size)
