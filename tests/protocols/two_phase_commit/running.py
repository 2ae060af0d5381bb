"""How the tests of two-phase commit reach a situation: by the text of choices, by rounds, or by mending everything."""

from collections.abc import Callable
from typing import Any

from consensus_lab.kernel import CLIENT, Address, Context, Process
from consensus_lab.protocols.two_phase_commit.messages import State
from consensus_lab.protocols.two_phase_commit.participant import Participant
from consensus_lab.sim import HealAll, Recover, Resume, World
from consensus_lab.sim.pickers import Rounds, play
from consensus_lab.sim.reading import read_choice

COORDINATOR = "coordinator"
PROTOCOL = "two-phase-commit"
VARIANT_NAMES = ("presumed-nothing", "presumed-abort", "presumed-commit", "cooperative")


def after(world: World, script: str) -> World:
    """The world after these choices, one a line, every invariant holding all the way."""
    for line in filter(None, map(str.strip, script.splitlines())):
        world = world.take(read_choice(line, world))
        assert_unrefuted(world, line)
    return world


def assert_unrefuted(world: World, happening: object = "") -> None:
    violations = world.violations()
    assert not violations, f"after {happening}: {'; '.join(map(str, violations))}"


def mended(world: World) -> World:
    """Everybody is up and running, and every link works."""
    for address, machine in world.machines.items():
        if not machine.up:
            world = world.take(Recover(address))
        elif machine.paused:
            world = world.take(Resume(address))
    return world.take(HealAll()) if world.network.cuts else world


def settle(world: World, *, until: Callable[[World], bool] | None = None, steps: int = 600) -> World:
    """Let calm rounds follow until nothing is owed (or `until`), every invariant holding throughout."""
    for step in play(world, Rounds(), steps=steps, until=until or (lambda now: now.quiet)):
        assert_unrefuted(step.world, step.choice)
        world = step.world
    return world


def participants(world: World) -> dict[Address, Participant]:
    """Those who are up, by address."""
    return {address: p for address, p in world.processes.items() if isinstance(p, Participant)}


def has_decided(participant: Participant) -> bool:
    return participant.state in (State.COMMIT, State.ABORT)


def told(process: Process, message: Any, sender: Address = CLIENT) -> tuple[Any, ...]:
    """The effects with which `process` answers one message."""
    ctx = Context("me", sender)
    assert process.receive(message, ctx), f"{process} has no rule for {message}"
    return ctx.effects


def deaf(process: Process, message: Any, sender: Address = CLIENT) -> bool:
    """Whether `process` has no rule for this message now; it must then change nothing."""
    before, ctx = dict(vars(process)), Context("me", sender)
    heard = process.receive(message, ctx)
    return not heard and not ctx.effects and vars(process) == before
