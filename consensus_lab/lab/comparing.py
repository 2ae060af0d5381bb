"""The same schedule with the library's own classes: where does a class of somebody's first do otherwise?

A hint that is computed, not written: which rule, at which step, did what, and what the reference does there. It refuses
to judge: a difference may be harmless, and whether a claim fell is known elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from consensus_lab import protocols as library
from consensus_lab.kernel import Cast, Process
from consensus_lab.kernel.notation import render
from consensus_lab.lab.catalogue import protocol
from consensus_lab.sim import Impossible, RuleFailed, World, WorldStep

NOTHING = "nothing"
HEADLINE = "The first difference from the library"
LINES = 3
"""A difference is told in so many."""


@dataclass(frozen=True)
class Difference:
    """At `step` (from 1) of `steps`: the same choice, and what became of it with either class."""

    step: int
    steps: int
    choice: str
    rule: str  # of the class that is compared
    yours: str
    reference: str

    def lines(self) -> Iterator[str]:
        """The difference as lines of a report."""
        rule = f", in {self.rule}" if self.rule else ""
        yield f"{HEADLINE}: step {self.step} of {self.steps}, '{self.choice}'{rule}."
        yield f"  here:    {self.yours}"
        yield f"  library: {self.reference}"


def told_in(message: str) -> list[str]:
    """The lines of a report's message that tell a difference; none when it tells none."""
    lines = [line.strip() for line in message.splitlines()]
    at = next((number for number, line in enumerate(lines) if line.startswith(HEADLINE)), len(lines))
    return lines[at : at + LINES]


def first_difference(cast: Cast, steps: Sequence[WorldStep]) -> Difference | None:
    """Where these steps of a cast first go another way than with the library's classes; None when they never do.

    Also None when the cast has no class of anybody's own.
    """
    reference = with_library_classes(cast)
    if reference is None:
        return None
    world = World.of(reference)
    for number, step in enumerate(steps, 1):
        try:
            there = world.step(step.choice, step.now)
        except (Impossible, RuleFailed):
            return None  # it has gone another way before, unseen: the reference has nothing to do here
        found = _difference(step, there)
        if found:
            return Difference(number, len(steps), str(step.choice), step.rule, *found)
        world = there.world
    return None


def with_library_classes(cast: Cast) -> Cast | None:
    """The same cast with the library's class in the place of each of somebody's own; None when there is none."""
    replaced = {name: library_class(kind) for name, kind in cast.parameters.items() if isinstance(kind, type)}
    if all(cast.parameters[name] is kind for name, kind in replaced.items()):
        return None
    again: Cast = protocol(cast.protocol).cast(**{**cast.parameters, **replaced})
    return again


def library_class(kind: type) -> type[Process]:
    """The class of a protocol that this one derives from, or is."""
    found: type[Process] = next(base for base in kind.__mro__ if base.__module__.startswith(f"{library.__name__}."))
    return found


def _difference(mine: WorldStep, there: WorldStep) -> tuple[str, str] | None:
    """What one and the same choice does here and there, where that is not the same."""
    if mine.outcome != there.outcome:
        return mine.outcome or NOTHING, there.outcome or NOTHING
    actor = mine.choice.actor
    ours, theirs = mine.world.processes.get(actor or ""), there.world.processes.get(actor or "")
    if ours is None or theirs is None:
        return None
    left = {name: (ours.facts().get(name), value) for name, value in theirs.facts().items()}
    changed = {name: pair for name, pair in left.items() if render(pair[0]) != render(pair[1])}
    if not changed:
        return None
    return _told({n: p[0] for n, p in changed.items()}), _told({n: p[1] for n, p in changed.items()})


def _told(facts: dict[str, Any]) -> str:
    return f"leaves {', '.join(f'{name} = {render(value)}' for name, value in facts.items())}"
