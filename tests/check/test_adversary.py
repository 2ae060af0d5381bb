"""Fischer, Lynch and Paterson, played: every message arrives, nobody crashes, and nobody decides."""

import pytest

from consensus_lab.check.adversary import Adversary, by_age
from consensus_lab.kernel import Cast
from consensus_lab.protocols import paxos, two_phase_commit
from consensus_lab.sim import World
from consensus_lab.sim.pickers import play, steps_of

STEPS = 10_000
LONGEST = 200
"""Steps after which whatever was sent has come; a timer may take five times as long."""


def test_paxos_is_kept_undecided_for_ten_thousand_steps_and_every_message_arrives() -> None:
    cast = paxos.cast(learners=1)
    seen: dict[int, int] = {}  # the step at which each envelope and timer was first seen
    taken = 0
    for taken, step in enumerate(steps_of(World.of(cast), Adversary(cast), steps=STEPS), 1):
        assert not step.world.decisions
        sent = {envelope.serial for envelope in step.world.network.flight}
        timers = {armed.serial for machine in step.world.machines.values() for armed in machine.timers}
        seen = {serial: seen.get(serial, taken) for serial in sent | timers}
        assert all(taken - seen[serial] <= LONGEST * (1 if serial in sent else 5) for serial in seen)
    assert taken == STEPS


@pytest.mark.parametrize(
    "cast",
    [paxos.cast(learners=1, retry="eager", nack=True), paxos.cast(retry="distinguished"), paxos.cast(servers=3)],
    ids=["eager", "distinguished", "servers"],
)
def test_no_way_to_retry_is_safe_from_it(cast: Cast) -> None:
    trace = play(World.of(cast), Adversary(cast), steps=300)
    assert len(trace) == 300
    assert not trace[-1].world.decisions


def test_where_only_one_decision_is_possible_it_gives_up() -> None:
    cast = paxos.cast(1)
    assert not play(World.of(cast), Adversary(cast), steps=10)


def test_it_picks_the_same_again_after_going_back() -> None:
    cast = paxos.cast(learners=1)
    adversary = Adversary(cast)
    first = play(World.of(cast), adversary, steps=120)
    again = play(first[39].world, adversary, steps=80)
    assert [str(step.choice) for step in again] == [str(step.choice) for step in first[40:]]


def test_the_oldest_of_all_comes_first_unless_it_would_settle_the_matter() -> None:
    cast = two_phase_commit.cast(2)
    world = World.of(cast)
    assert str(by_age(world)[0]) == "submit coordinator Begin(T1)"
