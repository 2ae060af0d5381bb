"""Claims that a scenario makes in words: ``p1 decided Commit(T1)``, ``p2.state = READY``, ``p1 undecided``, ``quiet``.

Used by `expect` and by `run until`. They know worlds and fields, and no protocol.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any

from consensus_lab.kernel.notation import render
from consensus_lab.sim import World

FORMS = (
    "NODE.FIELD = VALUE",
    "NODE decided [VALUE]",
    "NODE undecided",
    "NODE up",
    "NODE down",
    "quiet",
    "at rest",
    "violated NAME",
    "not CLAIM",
)
FIELD = re.compile(r"(\S+)\.(\w+)\s*=\s*(.+)")
NODE = re.compile(r"(\S+) (decided|undecided|up|down)(?: (.+))?")


@dataclass(frozen=True)
class Claim:
    """Something that may be true of a world. `found` says, for a message, what is the case instead."""

    text: str
    holds: Callable[[Any], bool]  # of a World; of fields and decisions, of any kernel.View
    found: Callable[[World], str]


class BadClaim(ValueError):
    """This is not written as a claim: says which forms there are."""


def read_claim(text: str) -> Claim:
    """Read one claim. Raises BadClaim."""
    text = text.strip()
    if text.startswith("not "):
        inner = read_claim(text[4:])
        return Claim(text, lambda world: not inner.holds(world), inner.found)
    if text == "quiet":
        return Claim(text, lambda world: world.quiet, lambda world: f"still possible: {_some(world.moves())}")
    if text == "at rest":
        return Claim(text, lambda world: world.at_rest, lambda world: f"still possible: {_some(world.moves())}")
    if text.startswith("violated "):
        return _violated(text)
    for form, read in ((FIELD, _field), (NODE, _node)):
        found = form.fullmatch(text)
        if found:
            return read(text, found)
    raise _no_claim(text)


def _no_claim(text: str) -> BadClaim:
    return BadClaim(f"cannot read {text!r} as a claim; one is written {' | '.join(FORMS)}")


def _violated(text: str) -> Claim:
    name = text.removeprefix("violated ").strip()

    def holds(world: World) -> bool:
        known = [invariant.name for invariant in world.cast.invariants]
        if name not in known:  # else "not violated" would hold of any misspelt name
            raise BadClaim(f"no invariant is named {name}; here are {', '.join(known)}")
        return any(violation.invariant.name == name for violation in world.violations())

    return Claim(
        text,
        holds,
        lambda world: _some(world.violations()) or "every invariant holds",
    )


def _field(text: str, found: re.Match[str]) -> Claim:
    node, field, wanted = found.groups()

    def value(world: World) -> Any:
        process = world.processes.get(_known(node, world))
        if process is None:
            return NOTHING
        if not hasattr(process, field):
            raise BadClaim(f"{node} has no field {field}; it has {', '.join(f.name for f in fields(process))}")
        return getattr(process, field)

    return Claim(
        text,
        lambda world: wanted.strip() in spellings(value(world)),
        lambda world: f"{node}.{field} is {_shown(value(world))}",
    )


NOTHING = object()


def _shown(value: Any) -> str:
    return "not there: the node is down" if value is NOTHING else render(value)


def spellings(value: Any) -> set[str]:
    """How a value may be written in a claim: an enum also by its bare name or value."""
    if isinstance(value, Enum):
        return {render(value), value.name, str(value.value)}
    return {render(value)} | ({"∅", "nothing"} if value is None else set())


def _node(text: str, found: re.Match[str]) -> Claim:
    node, verb, wanted = found.groups()
    if wanted and verb != "decided":
        raise _no_claim(text)

    def decisions(world: World) -> list[str]:
        known = _known(node, world)
        return [render(decision.value) for decision in world.decisions if decision.node == known]

    def holds(world: World) -> bool:
        if verb in ("up", "down"):
            return world.machines[_known(node, world)].up == (verb == "up")
        decided = decisions(world)
        if verb == "undecided":
            return not decided
        return wanted.strip() in decided if wanted else bool(decided)

    def instead(world: World) -> str:
        up = "up" if world.machines[_known(node, world)].up else "down"
        return f"{node} is {up} and decided {', '.join(decisions(world)) or 'nothing'}"

    return Claim(text, holds, instead)


def _known(node: str, world: World) -> str:
    if node not in world.cast.processes:
        raise BadClaim(f"there is no node {node}; here are {', '.join(world.cast.processes)}")
    return node


def _some(things: Any) -> str:
    return "; ".join(map(str, list(things)[:3]))
