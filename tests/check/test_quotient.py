"""Worlds that are alike have like futures: what a protocol says that it only counts up, it only counts up."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.check.quotient import Freezer, raised_machine
from consensus_lab.check.reachable import identity
from consensus_lab.kernel import Cast, Recurrence
from consensus_lab.protocols import paxos
from consensus_lab.protocols.paxos.messages import BOTTOM, Ballot, Prepare, Promise
from consensus_lab.sim import World
from consensus_lab.sim.conditions import STORMY
from consensus_lab.sim.growing import Growing
from consensus_lab.sim.pickers import Seeded, play

CASTS = {
    "backoff": paxos.cast(2, 3, 1),
    "eager": paxos.cast(2, 3, 1, retry="eager", nack=True),
    "distinguished": paxos.cast(2, 3, 1, retry="distinguished"),
    "servers": paxos.cast(servers=3),
}


def raised(world: World, by: int) -> World:
    """The same world with every number counted so much higher."""
    recurrence = world.cast.recurrence
    machines = {me: raised_machine(recurrence, machine, by) for me, machine in world.machines.items()}
    flight = tuple(recurrence.raised(envelope, by) for envelope in world.network.flight)
    decisions = Growing(recurrence.raised(decision, by) for decision in world.decisions)
    return replace(world, machines=machines, network=replace(world.network, flight=flight), decisions=decisions)


@pytest.mark.parametrize("cast", CASTS.values(), ids=CASTS)
@settings(max_examples=20)
@given(seed=st.integers(1, 10_000), length=st.integers(0, 60), by=st.integers(1, 5))
def test_a_world_with_higher_ballots_goes_on_like_one_with_lower(cast: Cast, seed: int, length: int, by: int) -> None:
    """All but a first ballot: whoever has none yet begins at 1."""
    steps = play(World.of(cast), Seeded(seed, STORMY), steps=length)
    world = steps[-1].world if steps else World.of(cast)
    for choice in world.choices():
        after = world.take(choice)
        higher = raised(world, by).take(cast.recurrence.raised(choice, by))
        if not begins(world, after):
            assert identity(raised(after, by)) == identity(higher)


def begins(world: World, after: World) -> bool:
    """Whether somebody takes a ballot who has neither had one nor heard of one."""
    fresh = {me for me, process in world.processes.items() if getattr(process, "ballot", None) == BOTTOM}
    return any(getattr(after.processes.get(me), "ballot", BOTTOM) != BOTTOM for me in fresh)


def test_journals_are_alike_when_they_say_the_same() -> None:
    cast = CASTS["backoff"]
    machine = World.of(cast).machines["a1"]
    long, short, other = (
        replace(machine, disk=replace(machine.disk, records=Growing(map(Prepare, ballots))))
        for ballots in ([Ballot(1, "p1"), Ballot(2, "p1")], [Ballot(2, "p1")], [Ballot(3, "p1")])
    )
    freeze = Freezer(cast, cast.recurrence)
    assert freeze("a1", long) == freeze("a1", short) != freeze("a1", other)


def test_the_lowest_of_all_stays_the_lowest() -> None:
    recurrence = Recurrence((Ballot,))
    assert recurrence.raised({"x": [Prepare(BOTTOM), Promise(Ballot(2, "p"), None)]}, -1) == {
        "x": [Prepare(BOTTOM), Promise(Ballot(1, "p"), None)]
    }
    assert recurrence.numbers((Prepare(BOTTOM), Prepare(Ballot(7, "p")))) == [7]
