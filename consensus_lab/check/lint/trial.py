"""A trial: a cast is played, every step twice, and what cannot be trusted is told.

A world is a value, so the same step can be taken again: whatever differs then comes from outside the state and the
message. Two trials in interpreters with different hash seeds must say the same, too (`differences`).
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

from consensus_lab.check.freeze import Unfreezable, freeze_process
from consensus_lab.check.lint.finding import Finding
from consensus_lab.kernel import Cast, Process
from consensus_lab.kernel.notation import render
from consensus_lab.kernel.process import is_configuration
from consensus_lab.sim import Choice, Impossible, RuleFailed, World, WorldStep
from consensus_lab.sim.conditions import STORMY
from consensus_lab.sim.pickers import Seeded

SEEDS, STEPS = 12, 150

STATE = "A rule may depend on its own fields and its message only: keep what it needs in a field."
ORDER = "Sets of text are iterated in another order in every run: go through sorted(...), or ask min and max."
FIELDS = "Keep numbers, text, tuples, sets, dicts, lists, Enums or a @message in a field."
ALIKE = "True == 1 and 1 == 1.0 in Python: use one type for one thing, and an Enum rather than a bool or a number."
FACTS = "Build a new message instead: one that was sent is a fact, and others may hold the very same object."


@dataclass(frozen=True)
class Line:
    """One step of a trial as text, and whose rule it was: what two interpreters must agree on."""

    file: str
    line: int
    rule: str
    text: str


@dataclass
class Trial:
    """What a trial came to."""

    lines: list[Line] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def try_out(cast: Cast, *, seeds: int = SEEDS, steps: int = STEPS) -> Trial:
    """Play that many seeds in bad weather. A rule that raises ends its seed and is no matter of this trial."""
    trial = Trial()
    watch = Watch(trial)
    for seed in range(1, seeds + 1):
        _play(cast, seed, steps, watch)
    trial.findings += watch.confusable()
    return trial


def _play(cast: Cast, seed: int, steps: int, watch: Watch) -> None:
    picker = Seeded(seed, STORMY)
    watch.said.clear()
    try:
        world = World.of(cast)
        for _ in range(steps):
            pick = picker.pick(world)
            if pick is None:
                return
            world = watch.step(world, pick.choice, pick.at)
    except (RuleFailed, Impossible):
        return


class Watch:
    """Takes each step twice, and keeps an eye on what was said."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.said: dict[
            int, tuple[Any, Any, Place]
        ] = {}  # by identity: the message, what it was when sent, and by whom
        self.values: dict[Any, dict[str, tuple[Any, Place]]] = {}  # equal values by how they read

    def step(self, world: World, choice: Choice, at: int | None) -> World:
        step = world.step(choice, at)
        again = world.step(choice, at)
        place = place_of(world, step)
        text = self._told(step, place)
        self.trial.lines.append(Line(place.file, place.line, place.rule, text))
        if text != (other := self._told(again, place)):
            what = f"{place.rule} does not do the same twice: {_difference(text, other)}"
            self.trial.findings.append(place.found(what, STATE))
        self._remember(step, place)
        self._see_changes(place)
        return step.world

    def _told(self, step: WorldStep, place: Place) -> str:
        process = step.world.processes.get(step.choice.actor or "")
        if process is None:
            return str(step)
        try:
            freeze_process(process)
        except Unfreezable as error:
            where = field_of(process, str(error).partition(" ")[0].rpartition(".")[2])
            self.trial.findings.append(where.found(str(error).partition(",")[0], FIELDS))
        return f"{step}  {render(state_of(process))}"

    def _remember(self, step: WorldStep, place: Place) -> None:
        for effect in step.asked:
            for name in ("message", "record", "timer", "value"):
                message = getattr(effect, name, None)
                if message is not None and id(message) not in self.said:
                    self.said[id(message)] = (message, copied(message), place)
                    self._compare(message, place)

    def _compare(self, message: Any, place: Place) -> None:
        self.values.setdefault(message, {}).setdefault(render(message), (message, place))

    def confusable(self) -> Iterator[Finding]:
        """Messages that are equal, but do not say the same."""
        for alike in self.values.values():
            (first, _), *others = alike.items()
            for text, (_, place) in others:
                yield place.found(f"{place.rule} says {text}, which equals {first}", ALIKE)

    def _see_changes(self, place: Place) -> None:
        for key, (message, before, sender) in self.said.items():
            if message != before:
                whose = "" if sender.rule == place.rule else f", which {sender.rule} had sent"
                self.trial.findings.append(place.found(f"{place.rule} changed {type(message).__name__}{whose}", FACTS))
                self.said[key] = (message, copied(message), sender)


def copied(message: Any) -> Any:
    """A copy that shares nothing; the message itself where there can be none."""
    try:
        return copy.deepcopy(message)
    except Exception:  # whatever a student's class raises
        return message


def state_of(process: Process) -> dict[str, Any]:
    """Every attribute that the cast did not give it, also those that are no declared field."""
    given = {field.name for field in fields(process) if is_configuration(field)}
    return {name: value for name, value in sorted(vars(process).items()) if name not in given}


def _difference(one: str, other: str) -> str:
    """Where two texts part, a few words of each."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, at - 20)
    return f"once '{one[start : at + 30]}', then '{other[start : at + 30]}'"


@dataclass(frozen=True)
class Place:
    """Where a rule or a field stands."""

    file: str
    line: int
    rule: str

    def found(self, what: str, remedy: str) -> Finding:
        return Finding(self.file, self.line, what, remedy)


def place_of(world: World, step: WorldStep) -> Place:
    """The rule that ran, or the class whose step it was."""
    process = world.processes.get(step.choice.actor or "") or world.cast.processes.get(step.choice.actor or "")
    if process is None:
        return Place("", 0, step.rule)
    code: Any = getattr(type(process), step.rule, None) or type(process)
    return Place(*_stands(code), f"{type(process).__name__}.{step.rule}".rstrip("."))


def field_of(process: Process, name: str) -> Place:
    """Where a field of a process is declared."""
    for kind in type(process).__mro__:
        if name in vars(kind).get("__annotations__", {}):
            lines, start = inspect.getsourcelines(kind)
            offset = next((n for n, line in enumerate(lines) if line.strip().startswith((f"{name}:", f"{name} "))), 0)
            return Place(inspect.getsourcefile(kind) or "", start + offset, name)
    code: Any = type(process)
    return Place(*_stands(code), name)


@cache
def _stands(code: Any) -> tuple[str, int]:
    try:
        return inspect.getsourcefile(code) or "", inspect.getsourcelines(code)[1]
    except (OSError, TypeError):
        return "", 0


def differences(one: Sequence[Line], other: Sequence[Line]) -> list[Finding]:
    """What two interpreters did not do alike: the first step that differs."""
    for first, second in zip(one, other, strict=False):
        if first.text != second.text:
            what = f"{first.rule} depends on the order of a set: {_difference(first.text, second.text)}"
            return [Finding(first.file, first.line, what, ORDER)]
    return []
