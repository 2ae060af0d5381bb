"""Coverage: what of a protocol a search, a run or a test-suite has reached, and what it never did.

Four things are counted: which message arrived in which state, which rules ran, with which outcomes, and what happened
to the world. Lines are not: tracing them would slow every step, and a rule of a paper has few lines and many outcomes.
An outcome is what a rule asked for, kind by kind, and the state it left: two of one rule are two branches of it, though
which others there are is only known by reading. It is fed from any stream of steps, and refuses to know who takes them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from typing import Any, NamedTuple

from consensus_lab.kernel import (
    Append,
    CancelTimer,
    Cast,
    Decide,
    Effect,
    Force,
    Note,
    Process,
    Recovered,
    Send,
    SetTimer,
    Start,
)
from consensus_lab.sim import Choice, Deliver, Fire, Recover, Submit, World, WorldStep
from consensus_lab.sim.faults import Crash, Cut, Delay, Drop, Duplicate, Partition, Pause, Reset
from consensus_lab.sim.machine import booted

ANY = "any"
"""The state of a process that has none."""
FAULTS = tuple(kind.verb for kind in (Crash, Pause, Drop, Duplicate, Delay, Cut, Partition, Reset))
WORDS: dict[type, str] = {
    Send: "send",
    Force: "force",
    Append: "append",
    SetTimer: "timer",
    CancelTimer: "cancel",
    Decide: "decide",
    Note: "note",
}


class Pair(NamedTuple):
    """A message of this kind meets a process of this class in this state."""

    role: str
    state: str
    kind: str


class Coverage:
    """What was reached, as counts: of steps, or, in a search, of different situations of one node."""

    def __init__(self) -> None:
        self.roles: dict[str, type[Process]] = {}
        self.pairs: Counter[Pair] = Counter()
        self.rules: Counter[tuple[str, str]] = Counter()  # (class, rule)
        self.outcomes: Counter[tuple[str, str, str]] = Counter()  # (class, rule, outcome)
        self.verbs: Counter[str] = Counter()  # what happened to the world
        self.struck: Counter[str] = Counter()  # faults that others have counted, by their own names
        self._started: set[tuple[str, str]] = set()  # (class, address)

    # -- being told ---------------------------------------------------------------------------------------------------

    def expect(self, cast: Cast) -> None:
        """These are the processes whose rules there are to reach; those that have a rule for Start run it."""
        for address in cast.addresses:
            process = cast.fresh(address)
            role, rule = type(process).__name__, process.rule_for(Start())
            known = self.roles.setdefault(role, type(process)) and (role, address) in self._started
            if rule is not None and not known:
                self.pairs[Pair(role, _state(process), "Start")] += 1
                self.rules[role, rule.method] += 1
            self._started.add((role, address))

    def follow(self, start: World, steps: Iterable[WorldStep]) -> None:
        """Every step of a stream that begins in this world."""
        self.expect(start.cast)
        world = start
        for step in steps:
            self.note(world.processes.get(step.choice.actor or ""), step)
            world = step.world

    def note(self, before: Process | None, step: WorldStep) -> None:
        """One step, and the process that takes it as it was before, if that was up."""
        self.verbs[step.choice.verb] += 1
        message = _message(step.choice)
        process = _recovered(step) if isinstance(step.choice, Recover) else before
        if message is None or process is None:
            return
        role, rule = type(process).__name__, process.rule_for(message)
        self.pairs[Pair(role, _state(process), type(message).__name__)] += 1
        if rule is not None:
            self.rules[role, rule.method] += 1
            self.outcomes[role, rule.method, _outcome(process, step)] += 1

    # -- telling ------------------------------------------------------------------------------------------------------

    def lines(self) -> Iterator[str]:
        """All of it, as a text to read."""
        for role, kind in self.roles.items():
            yield from self._table(role, kind)
            yield from self._outcomes(role)
            yield ""
        yield from self.summary()

    def summary(self) -> Iterator[str]:
        """How much of what there is was reached, and what was not."""
        there = list(dict.fromkeys((role, rule.method) for role, kind in self.roles.items() for rule in kind.RULES))
        never = [f"{role}.{method}" for role, method in there if not self.rules[role, method]]
        yield f"rules:    {len(there) - len(never)} of {len(there)} ran{_listed('; never', never)}"
        ruled = [pair for role, kind in self.roles.items() for pair in ruled_pairs(role, kind)]
        yield f"pairs:    {sum(1 for pair in ruled if self.pairs[pair])} of {len(ruled)} (state, message) with a rule"
        yield f"outcomes: {len(self.outcomes)} different ones"
        struck = dict.fromkeys([*(verb for verb in FAULTS if self.verbs[verb]), *sorted(self.struck)])
        yield f"faults:   {_listed('', list(struck)) or 'none'}"

    def _table(self, role: str, kind: type[Process]) -> Iterator[str]:
        """Messages down, states across."""
        known, states = set(ruled_pairs(role, kind)), _states(kind)
        messages = list(dict.fromkeys(rule.kind.__name__ for rule in kind.RULES))
        rows = [[name, *(self._cell(Pair(role, state, name), known) for state in states)] for name in messages]
        yield from _aligned([[role, *states], *rows])

    def _cell(self, pair: Pair, known: set[Pair]) -> str:
        count = self.pairs[pair]
        if pair in known:
            return f"{count:,}" if count else "never"
        return f"({count:,})" if count else "·"

    def _outcomes(self, role: str) -> Iterator[str]:
        """Rule by rule what came of it."""
        mine = [(rule, outcome, n) for (of, rule, outcome), n in self.outcomes.items() if of == role]
        for rule, outcome, count in sorted(mine):
            yield f"  {rule}: {outcome} ({count:,})"


LEGEND = (
    "A number: so often a rule ran for this message in this state; never: there is a rule, and it never did; "
    "(number): it came, and there is no rule; ·: it never came, and there is none."
)


def ruled_pairs(role: str, kind: type[Process]) -> list[Pair]:
    """Every pair for which a class has a rule."""
    first = [_name(kind.state)] if isinstance(kind.state, Enum) else [ANY]
    only: dict[type, list[str]] = {Start: first}  # nobody begins anywhere else
    pairs = [
        Pair(role, state, rule.kind.__name__)
        for rule in kind.RULES
        for state in (map(_name, rule.when) if rule.when else only.get(rule.kind, _states(kind)))
    ]
    return list(dict.fromkeys(pairs))


def _states(kind: type[Process]) -> list[str]:
    """The states that a class of processes has, by the type of its field `state`."""
    default = getattr(kind, "state", None)
    return [state.name for state in type(default) if _is_met(kind, state)] if isinstance(default, Enum) else [ANY]


def _is_met(kind: type[Process], state: Enum) -> bool:
    """Whether any rule of the class speaks of this state: a vocabulary may hold those of other roles, too."""
    return any(state in rule.when for rule in kind.RULES)


def _state(process: Process) -> str:
    return _name(process.state) if isinstance(process.state, Enum) else ANY


def _name(state: Any) -> str:
    return state.name if isinstance(state, Enum) else str(state)


def _message(choice: Choice) -> Any:
    """What a node hears by this choice; None when it hears nothing."""
    match choice:
        case Deliver():
            return choice.message
        case Submit():
            return choice.request
        case Fire():
            return choice.timer
        case Recover():
            return Recovered()
    return None


def _recovered(step: WorldStep) -> Process:
    """A node that has just been switched on again, before it hears of it."""
    me = step.choice.actor or ""
    return booted(me, step.world.cast.fresh(me), step.world.machines[me].disk.records).process


def _outcome(before: Process, step: WorldStep) -> str:
    """What a rule asked for, each kind once, and the state that it left."""
    done = list(dict.fromkeys(map(_word, step.asked)))
    after = step.world.processes[step.choice.actor or ""]
    left = [f"to {_state(after)}"] if _state(after) != _state(before) else []
    return ", ".join(done + left) or "nothing to be seen"


def _word(effect: Effect) -> str:
    """``send Commit``."""
    content = next(
        (getattr(effect, name) for name in ("message", "record", "timer", "value") if hasattr(effect, name)), None
    )
    return WORDS[type(effect)] + (f" {type(content).__name__}" if hasattr(content, "__dataclass_fields__") else "")


def _listed(what: str, words: list[str]) -> str:
    return f"{what} {', '.join(words)}".strip() if words else ""


def _aligned(rows: list[list[str]]) -> Iterator[str]:
    """Columns as wide as they need be."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *cells]).rstrip()


# -- where others take the steps ---------------------------------------------------------------------------------------

watcher: ContextVar[Coverage | None] = ContextVar("watcher", default=None)


@contextmanager
def watching() -> Iterator[Coverage]:
    """Whatever is searched, staged or tried meanwhile is counted."""
    coverage = Coverage()
    token = watcher.set(coverage)
    try:
        yield coverage
    finally:
        watcher.reset(token)


def watched(start: World, steps: Iterable[WorldStep]) -> Iterator[WorldStep]:
    """The same steps, counted if anybody is watching."""
    coverage, world = watcher.get(), start
    if coverage is not None:
        coverage.expect(start.cast)
    for step in steps:
        if coverage is not None:
            coverage.note(world.processes.get(step.choice.actor or ""), step)
        world = step.world
        yield step
