"""A step of a trace as a sentence: who did what, what came of it, and what must wait for the disk.

It reads a step as any trace holds it, and refuses to know the protocol and how the trail was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from consensus_lab.kernel import (
    Append,
    CancelTimer,
    Decide,
    Effect,
    Force,
    Note,
    Send,
    SetTimer,
)
from consensus_lab.kernel.notation import render
from consensus_lab.sim import (
    Crash,
    Cut,
    Deliver,
    Drop,
    Duplicate,
    Fire,
    Heal,
    Recover,
    Submit,
    Sync,
    Wipe,
    WorldStep,
)


def sentence(step: WorldStep) -> str:
    """``p1 receives VoteRequest(T1) from c: it forces Prepared(...); Yes(T1) to c waits for its disk.``"""
    held = {id(effect) for effect in step.held}
    done = [*_done(effect for effect in step.asked if id(effect) not in held), *_done(step.freed)]
    consequences = ([f"it {_listed(done)}"] if done else []) + _waiting(step.held)
    told = opening(step)
    if step.rule == "no rule":
        return f"{told}, and has no rule for it now."
    return f"{told}: {'; '.join(consequences)}." if consequences else f"{told}."


def opening(step: WorldStep) -> str:
    """What was chosen, as the beginning of a sentence."""
    tell = OPENINGS.get(type(step.choice))
    return tell(step.choice) if tell else str(step.choice)


OPENINGS: dict[type, Callable[[Any], str]] = {
    Deliver: lambda c: f"{c.to} receives {render(c.message)} from {c.sender}",
    Submit: lambda c: f"{c.to} is asked {render(c.request)} by its client",
    Fire: lambda c: f"{c.node}'s timer {render(c.timer)} fires",
    Sync: lambda c: f"{c.node}'s disk has caught up",
    Crash: lambda c: (
        f"{c.node} crashes" + (f", {c.kept} of its unwritten records having reached the disk" * bool(c.kept))
    ),
    Recover: lambda c: f"{c.node} recovers with what its disk holds",
    Wipe: lambda c: f"{c.node}'s disk is lost with all its records",
    Drop: lambda c: f"{render(c.message)} from {c.sender} to {c.to} is lost",
    Duplicate: lambda c: f"{render(c.message)} from {c.sender} to {c.to} is on its way twice",
    Cut: lambda c: f"the link from {c.sender} to {c.to} is cut",
    Heal: lambda c: f"the link from {c.sender} to {c.to} works again",
}


def _done(effects: Iterable[Effect]) -> Iterator[str]:
    """What was done, a message to several nodes being told once. Timers forgotten are left out: they mostly ran not."""
    told: dict[str, list[str]] = {}
    for effect in effects:
        if isinstance(effect, Send):
            told.setdefault(f"sends {render(effect.message)} to", []).append(effect.to)
        elif not isinstance(effect, CancelTimer):
            told.setdefault(_deed(effect), [])
    return (f"{deed} {_listed(receivers)}" if receivers else deed for deed, receivers in told.items())


def _deed(effect: Effect) -> str:
    match effect:
        case Force(record):
            return f"forces {render(record)}"
        case Append(record):
            return f"writes {render(record)} lazily"
        case SetTimer(timer):
            return f"sets the timer {render(timer)}"
        case Decide(value):
            return f"decides {render(value)}"
        case Note(text):
            return f"notes that {text}"
    raise TypeError(f"no deed: {effect!r}")


def _waiting(effects: Iterable[Effect]) -> list[str]:
    """What must wait for the disk, as a clause, if there is any."""
    told: dict[str, list[str]] = {}
    for effect in effects:
        if isinstance(effect, Send):
            told.setdefault(f"{render(effect.message)} to", []).append(effect.to)
        elif isinstance(effect, Decide):
            told.setdefault(f"the decision {render(effect.value)}", [])
    clauses = [f"{what} {_listed(to)}" if to else what for what, to in told.items()]
    return [f"{_listed(clauses)} {'waits' if len(clauses) == 1 else 'wait'} for its disk"] if clauses else []


def _listed(words: list[str]) -> str:
    return ", ".join(words[:-1]) + " and " * bool(words[:-1]) + words[-1]
