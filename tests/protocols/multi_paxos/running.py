"""How the tests of Multi-Paxos reach a situation, and what they hold every step on the way to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from consensus_lab.kernel import Address, Cast
from consensus_lab.protocols.multi_paxos import READS, cast
from consensus_lab.protocols.multi_paxos.client import Client
from consensus_lab.protocols.multi_paxos.ledger import servers
from consensus_lab.protocols.multi_paxos.messages import Add, Call, Get, Put
from consensus_lab.sim import HealAll, Recover, Resume, Submit, World, WorldStep
from consensus_lab.sim.conditions import CALM
from consensus_lab.sim.pickers import Seeded, steps_of

OPERATIONS = st.sampled_from([Add("x", 1), Add("x", 10), Put("y", "red"), Put("y", "blue"), Get("x"), Get("y")])


@st.composite
def casts(draw: Callable) -> Cast:
    """Any group: of any size, with any way to read, perhaps with frequent snapshots."""
    return cast(
        draw(st.sampled_from([1, 2, 3, 3, 3, 5])),
        draw(st.integers(1, 3)),
        reads=draw(st.sampled_from(sorted(READS))),
        snapshot_every=draw(st.sampled_from([0, 1, 2, 3])),
    )


def checked(before: World, step: WorldStep) -> World:
    """The world after a step that refutes nothing, and in which nobody who stays up goes back."""
    violations = step.world.violations()
    assert not violations, f"after {step.choice}: {'; '.join(map(str, violations))}"
    after = servers(step.world)
    for address, server in servers(before).items():
        if address in after and not isinstance(step.choice, Recover):
            assert after[address].applied >= server.applied, f"{step.choice}: {address} knows less to be committed"
            assert after[address].promised >= server.promised, f"{step.choice}: {address} goes back on a promise"
    return step.world


def take(world: World, choice: Any) -> World:
    return checked(world, world.step(choice))


def calls(world: World, wanted: list[tuple[int, Any]]) -> World:
    """Each wish to the client of that number, in turn, whoever is up."""
    users = [address for address, process in world.processes.items() if isinstance(process, Client)]
    for number, operation in wanted:
        if users:
            world = take(world, Submit(users[number % len(users)], Call(operation)))
    return world


def mended(world: World) -> World:
    """Everybody is up and running, and every link works."""
    for address, machine in world.machines.items():
        if not machine.up:
            world = take(world, Recover(address))
        elif machine.paused:
            world = take(world, Resume(address))
    return take(world, HealAll()) if world.network.cuts else world


def is_settled(world: World) -> bool:
    """One leads, nobody waits for an answer, and all replicas have applied the same log."""
    users = [process for process in world.processes.values() if isinstance(process, Client)]
    reached = {server.applied for server in servers(world).values()}
    served = all(user.request is None for user in users) and not world.requests
    return len(leaders(world)) == len(reached) == 1 and served


def settle(world: World, seed: int = 1, steps: int = 5_000) -> World:
    """Let calm follow until everybody is served."""
    for step in steps_of(world, Seeded(seed, CALM), steps=steps, until=is_settled):
        world = checked(world, step)
    assert is_settled(world), "calm weather answers every request"
    return world


def leaders(world: World) -> list[Address]:
    return [address for address, server in servers(world).items() if server.state.name == "LEADING"]
