"""What a protocol was seen doing: its scenarios and seeded storms are played, and every rule that ran is written down.

So a diagram drawn from it shows behaviour, not intention, and is never stale. It knows no protocol: a process counts
if its rules say ``when=``, that is, if it has a state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from consensus_lab.kernel import Address, Cast, Process, Recovered, Start
from consensus_lab.lab.catalogue import protocol, scenario_files
from consensus_lab.sim import Recover, World, WorldStep
from consensus_lab.sim.conditions import STORMY
from consensus_lab.sim.machine import booted
from consensus_lab.sim.pickers import Seeded, play
from consensus_lab.site.errors import BuildFailed
from consensus_lab.site.figures import performed

STORMS = 450  # shared evenly among the casts that a protocol's scenarios have
STORM_STEPS = 300
STORMED = 6  # nodes at most: more of them do nothing that fewer do not, and take long over it


class Transition(NamedTuple):
    """In `state`, upon a message of `kind`, `rule` ran and left the process in `after`; no rule: it was ignored."""

    state: Any
    kind: type
    rule: str
    after: Any


Seen = Counter[Transition]


@cache
def behaviour(name: str) -> dict[type[Process], Seen]:
    """Every transition of every class of a protocol, with how often it was seen."""
    seen: dict[type[Process], Seen] = {}
    for start, steps in runs(name):
        for process, transition in observed(start, steps):
            seen.setdefault(process, Counter())[transition] += 1
    return seen


def runs(name: str) -> Iterator[tuple[World, tuple[WorldStep, ...]]]:
    """Each scenario, and storms over each cast that a scenario has."""
    protocol(name)
    casts: dict[str, Cast] = {}
    for each in scenario_files():
        if each.startswith(f"{name}/"):
            performance = performed(each)
            casts[str(performance.header.cast)] = performance.start.cast
            yield performance.start, performance.trace
    for cast in casts.values():
        storms = STORMS // len(casts) if len(cast.addresses) <= STORMED else 0
        for seed in range(storms):
            start = World.of(cast)
            yield start, play(start, Seeded(seed, STORMY), steps=STORM_STEPS)


def observed(start: World, steps: tuple[WorldStep, ...]) -> Iterator[tuple[type[Process], Transition]]:
    """What each step of one run says about the rules of whoever acted."""
    for address, process in start.processes.items():
        if process.hears(Start):
            fresh = start.cast.fresh(address)
            yield type(process), _transition(fresh, Start(), process)
    before = start
    for step in steps:
        yield from _acted(before, step)
        before = step.world


def _acted(before: World, step: WorldStep) -> Iterator[tuple[type[Process], Transition]]:
    choice, actor = step.choice, step.choice.actor
    if actor is None or actor not in step.world.processes:
        return
    if isinstance(choice, Recover):
        earlier, heard = restored(before, actor), Recovered()
    elif choice.verb in ("deliver", "fire", "submit"):
        earlier, heard = before.processes[actor], _heard(choice)
    else:
        return
    yield type(earlier), _transition(earlier, heard, step.world.processes[actor])


def restored(world: World, address: Address) -> Process:
    """What the journal alone makes of a process, before it hears that it has recovered."""
    return booted(address, world.cast.fresh(address), world.machines[address].disk.records).process


def _heard(choice: Any) -> Any:
    return next(getattr(choice, name) for name in ("message", "timer", "request") if hasattr(choice, name))


def _transition(before: Process, heard: Any, after: Process) -> Transition:
    rule = before.rule_for(heard)
    return Transition(before.state, type(heard), rule.method if rule else "", after.state)


def class_named(name: str, class_name: str) -> type[Process]:
    """A class that was seen playing. Raises BuildFailed when none of that name was."""
    known = {process.__name__: process for process in behaviour(name)}
    if class_name not in known:
        raise BuildFailed(f"nobody plays {class_name} in {name}; there are {', '.join(sorted(known))}")
    return known[class_name]
