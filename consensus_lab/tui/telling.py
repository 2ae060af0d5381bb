"""Says what happened in words: a step, its effects, a fact of a process. It knows the kernel's words and no others."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from consensus_lab.kernel import Address, Effect, Send
from consensus_lab.kernel.notation import render
from consensus_lab.kernel.trace import MICROSECOND, describe
from consensus_lab.sim import Choice, Deliver, World, WorldStep

NOTHING = "∅"


def short(value: Any) -> str:
    """A fact, as short as it can be said: an enum by its value, nothing as ∅."""
    if value is None or (isinstance(value, set | frozenset | tuple | list | dict) and not value):
        return NOTHING
    if isinstance(value, Enum):
        return value.value if isinstance(value.value, str) else value.name
    return render(value)


def clock(now: int) -> str:
    """Virtual time for a title bar: ``0.007 s``."""
    return f"{now / MICROSECOND:.3f} s"


def effects(asked: Iterable[Effect], held: Iterable[Effect]) -> list[str]:
    """Effects as words, in order; one message to several nodes is said once."""
    waiting = list(held)
    words: list[str] = []
    last: tuple[Any, bool] | None = None
    for effect in asked:
        is_held = any(effect is waits for waits in waiting)
        this = (effect.message, is_held) if isinstance(effect, Send) else None
        if this is not None and last is not None and _same(this, last) and isinstance(effect, Send):
            words[-1] += f", {effect.to}"
        else:
            words.append(describe(effect, held=is_held).replace("->", "→"))
        last = this
    return words


def _same(one: tuple[Any, bool], other: tuple[Any, bool]) -> bool:
    return one[1] == other[1] and type(one[0]) is type(other[0]) and bool(one[0] == other[0])


def event(step: WorldStep) -> str:
    """What happened, without its effects: ``deliver p1 → coordinator Yes(T1)``."""
    return said(step.choice)


def said(choice: Choice) -> str:
    """A choice in words: ``drop p1 → coordinator Yes(T1)``."""
    return str(choice).replace("->", "→")


def outcome(step: WorldStep) -> list[str]:
    """What came of it, one effect each."""
    return effects(step.asked, step.held) + effects(step.freed, ())


def facts(world: World, address: Address) -> dict[str, Any]:
    """The state of a process, by field; empty while it is down."""
    node = world.machines[address].node
    return node.process.facts() if node else {}


def standing(world: World, address: Address) -> str:
    """Whether a node is up, in a word."""
    machine = world.machines[address]
    return "down" if not machine.up else "paused" if machine.paused else "up"


def role(world: World, address: Address) -> str:
    """What a node plays."""
    process = world.cast.processes[address]
    return process.role or type(process).__name__.lower()


def state_of(world: World, address: Address) -> str:
    """The short line about a node: its field named `state`, else its first fact, or that it is down."""
    if not world.machines[address].up:
        return "down"
    known = facts(world, address)
    value = known["state"] if "state" in known else next(iter(known.values()), "up")
    return short(value)


def other_facts(world: World, address: Address) -> dict[str, str]:
    """Every other fact, as text."""
    return {name: short(value) for name, value in facts(world, address).items() if name != "state"}


def kinds(steps: Iterable[WorldStep]) -> list[str]:
    """The names of the messages delivered in these steps, in the order of their first appearance."""
    names = (type(step.choice.message).__name__ for step in steps if isinstance(step.choice, Deliver))
    return list(dict.fromkeys(names))
