"""Whatever happens, in any order, to any ensemble: the invariants hold, and a quorum serves again in calm weather."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.kernel import Cast
from consensus_lab.protocols.zab import cast
from consensus_lab.protocols.zab.evidence import peers
from consensus_lab.protocols.zab.messages import Increment, Response, Txn, WriteRequest
from consensus_lab.sim import Crash, Deliver, Fire, Submit, World
from consensus_lab.sim.chance import Uniform
from consensus_lab.sim.conditions import STORMY
from consensus_lab.sim.pickers import Seeded, steps_of
from tests.protocols.zab.running import assert_memory_is_disk, casts, checked, leader_of, mended, settle, take

ROUGH = replace(STORMY, latency=Uniform(0.005, 0.2), crash=0.02, reset=0.03, cut=0.01, most_faults=20)


def wander(world: World, decisions: list[int]) -> World:
    """Take any choices that the world offers, faults included: each number picks one, most often what is due anyway."""
    for number in decisions:
        moves = world.moves()
        ready = [move for move in moves if not isinstance(move, Fire)]
        offered = (world.choices(), moves, ready, ready)[number % 4] or moves or world.choices()
        world = take(world, offered[number // 4 % len(offered)])
    return world


DECISIONS = st.lists(st.integers(0, 40_000), min_size=30, max_size=120)


@settings(max_examples=60)
@given(casts(), st.integers(0, 2**32), DECISIONS)
def test_the_invariants_hold_in_every_world_of_any_interleaving(cast: Cast, seed: int, decisions: list[int]):
    wander(settle(World.of(cast), seed), decisions)


@settings(max_examples=25)
@given(casts(most=4), st.integers(0, 2**32), DECISIONS)
def test_once_failures_are_mended_a_quorum_serves_again(cast: Cast, seed: int, decisions: list[int]):
    settle(mended(wander(settle(World.of(cast), seed), decisions)), seed)


@settings(max_examples=40)
@given(casts(), st.integers(0, 2**32), st.sampled_from([STORMY, ROUGH]))
def test_a_storm_violates_nothing(cast: Cast, seed: int, weather):
    world = World.of(cast)
    for step in steps_of(world, Seeded(seed, weather), steps=600):
        world = checked(step)
        assert_memory_is_disk(world)
    settle(mended(world), seed)


@settings(max_examples=15)
@given(st.integers(0, 2**32))
def test_a_leader_that_crashes_again_and_again_is_replaced_and_what_was_answered_is_in_every_log(seed: int):
    world = settle(World.of(cast()), seed)
    for round in range(1, 4):
        leader = leader_of(world)
        assert leader is not None
        world = settle(take(world, Submit(leader, WriteRequest(7, round, Increment()))), seed)
        world = settle(mended(settle(take(world, Crash(leader)), seed)), seed)
    answers = [sent.message for sent in world.answers if isinstance(sent.message, Response)]
    assert {(answer.session, answer.cxid) for answer in answers} == {(7, 1), (7, 2), (7, 3)}
    txns = [decision.value for decision in world.decisions if isinstance(decision.value, Txn)]
    assert {(txn.session, txn.cxid) for txn in txns} == {(7, 1), (7, 2), (7, 3)}
    assert {peer.replica for peer in peers(world).values()} == {3}


SEEDS = range(40)
LOGS = ("1.3", "1.3", "1.1")


@pytest.fixture(scope="module")
def weather() -> Counter[str]:
    """What was heard in some storms over one ensemble."""
    heard: Counter[str] = Counter()
    for seed in SEEDS:
        world = World.of(cast(writes=6, logs=LOGS, window=2, ticking=False))
        for step in steps_of(world, Seeded(seed, ROUGH), steps=300):
            world = checked(step)
            heard[type(step.choice.message).__name__ if isinstance(step.choice, Deliver) else step.choice.verb] += 1
    return heard


def test_the_storms_are_worth_something_for_each_of_the_four_ways_is_gone(weather: Counter[str]):
    assert min(weather[packet] for packet in ("DIFF", "TRUNC", "SNAP", "PROPOSAL", "COMMIT", "UPTODATE")) > 0
    assert min(weather[fault] for fault in ("crash", "recover", "reset", "cut")) > 10
