"""A trace: what happened, step by step, and its text: one line a step, keyed by message names.

The text is for people and for diffs; it holds no class and no number that an edit of the code would break. Reading it
back gives `Line`s, whose choices are matched by their text against what a world offers: see `sim.pickers.Replay`. This
module refuses to know what a choice or a world is, beyond that a choice has a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

from consensus_lab.kernel.cast import Cast, cast_words
from consensus_lab.kernel.effect import Append, CancelTimer, Decide, Effect, Force, Note, Send, SetTimer
from consensus_lab.kernel.notation import render

FORMAT = "consensus-lab trace 1"
MICROSECOND = 1_000_000  # per second: virtual time is counted in whole microseconds, the same on every machine

WorldT = TypeVar("WorldT")
ChoiceT = TypeVar("ChoiceT")


@dataclass(frozen=True, slots=True)
class Step(Generic[ChoiceT, WorldT]):
    """One choice taken: who acted by which rule, what it asked for, what of that left at once, and the world after."""

    choice: ChoiceT
    now: int  # microseconds of virtual time at which it was taken
    rule: str  # the method that ran; empty when none did
    asked: tuple[Effect, ...]  # what the handler asked for, in the order written
    held: tuple[Effect, ...]  # ... of that, what waits for the disk
    freed: tuple[Effect, ...]  # what an fsync of this step set free
    world: WorldT

    def __str__(self) -> str:
        outcome = self.outcome
        return f"{seconds(self.now)}  {self.choice}" + (f"  | {outcome}" if outcome else "")

    @property
    def outcome(self) -> str:
        """What came of it, as text: ``vote: force Prepared(...); hold Yes(T1) -> coordinator``."""
        held = {id(effect) for effect in self.held}  # not by value: the same words may be said again while others wait
        done = "; ".join([*(describe(e, held=id(e) in held) for e in self.asked), *map(describe, self.freed)])
        return f"{self.rule}: {done}".removesuffix(": ") if self.rule else done


class Trace(tuple[Step[ChoiceT, WorldT], ...]):
    """Steps in order. The world before the first is not in it."""

    def text(self, header: Header, captions: dict[int, list[str]] | None = None) -> str:
        """The whole as a file: header, then a line a step; `captions[i]` are sentences that stand before step i."""
        captions = captions or {}
        lines = list(header.lines())
        for index in range(len(self) + 1):
            lines += [f"# {line}" for sentence in captions.get(index, ()) for line in sentence.splitlines()]
            lines += [str(step) for step in self[index : index + 1]]
        return "\n".join(lines) + "\n"


def header_for(cast: Cast, scenario: str = "", picker: object = "") -> Header:
    """The header of a trace of this cast."""
    return Header(cast.protocol, cast_words(cast.parameters), scenario, str(picker))


def seconds(now: int) -> str:
    """Virtual time for people: ``1.250000`` seconds from microseconds."""
    return f"{now // MICROSECOND}.{now % MICROSECOND:06d}"


def describe(effect: Effect, *, held: bool = False) -> str:
    """One effect as a few words."""
    match effect:
        case Send(to, message, eager):
            verb = "hold" if held else "send eagerly" if eager else "send"
            return f"{verb} {render(message)} -> {to}"
        case Force(record):
            return f"force {render(record)}"
        case Append(record):
            return f"append {render(record)}"
        case SetTimer(timer, low, high):
            return f"timer {render(timer)} in {low:g}" + (f" to {high:g}" if high != low else "") + " s"
        case CancelTimer(timer):
            return f"cancel {render(timer)}"
        case Decide(value):
            return f"{'hold decision' if held else 'decide'} {render(value)}"
        case Note(text):
            return f"note {' '.join(text.split())}".rstrip()  # a line a step, whatever a student writes


@dataclass(frozen=True)
class Header:
    """What a trace is of: enough to cast again. `scenario` and `seed` say how it was made, when known."""

    protocol: str
    cast: tuple[tuple[str, str], ...] = ()
    scenario: str = ""
    picker: str = ""

    def lines(self) -> Iterator[str]:
        """The header as text, ended by an empty line."""
        yield FORMAT
        yield f"protocol: {self.protocol}"
        yield f"cast: {write_parameters(self.cast)}".rstrip()
        if self.scenario:
            yield f"scenario: {self.scenario}"
        if self.picker:
            yield f"picker: {self.picker}"
        yield ""


class Line(NamedTuple):
    """One step as read from a file: where it stood, when it happened, which choice, and what came of it."""

    number: int
    now: int
    choice: str
    outcome: str


@dataclass(frozen=True)
class Record:
    """A trace file as read: its header, its lines, and the captions before each of them."""

    header: Header
    lines: tuple[Line, ...]
    captions: dict[int, list[str]] = field(default_factory=dict)


class BadText(ValueError):
    """A file that cannot be read, with the line and what was expected there."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        super().__init__(sentence if line is None else f"line {line}: {sentence}")
        self.line = line


QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""  # a string in a message may hold what divides a line
STEP = re.compile(rf"(?P<time>\d+\.\d{{6}})  (?P<choice>\S(?:{QUOTED}|.)*?)(?:  \| (?P<outcome>.*))?$")


def read(text: str) -> Record:
    """Read a trace's text. Raises BadText naming the line that is no header, caption or step."""
    numbered = list(enumerate(text.splitlines(), 1))
    if not numbered or numbered[0][1].strip() != FORMAT:
        raise BadText(f"not a trace: it must begin with {FORMAT!r}", 1)
    blank = next((number for number, line in numbered if not line.strip()), len(numbered) + 1)
    header = read_header(numbered[1 : blank - 1])
    lines: list[Line] = []
    captions: dict[int, list[str]] = {}
    for number, line in numbered[blank:]:
        if line.startswith("#"):
            captions.setdefault(len(lines), []).append(line[1:].strip())
        elif line.strip():
            lines.append(_read_step(number, line))
    return Record(header, tuple(lines), captions)


def _read_step(number: int, line: str) -> Line:
    found = STEP.fullmatch(line.rstrip())
    if found is None:
        expected = "'SECONDS  CHOICE  | OUTCOME', such as '0.001000  fire p1 Overdue'"
        raise BadText(f"expected {expected}, got {line!r}", number)
    whole, fraction = found["time"].split(".")
    return Line(number, int(whole) * MICROSECOND + int(fraction), found["choice"], found["outcome"] or "")


def read_header(numbered: Iterable[tuple[int, str]]) -> Header:
    """Read `key: value` lines. Raises BadText for an unknown key, or when the protocol is missing."""
    known = {"protocol", "cast", "scenario", "picker"}
    words: dict[str, Any] = {}
    number = 1
    for number, line in numbered:
        key, colon, value = line.partition(":")
        if not colon or key.strip() not in known:
            raise BadText(f"expected one of {', '.join(f'{k}:' for k in sorted(known))}, got {line!r}", number)
        words[key.strip()] = _read_cast(value, number) if key.strip() == "cast" else value.strip()
    if not words.get("protocol"):
        raise BadText("the header does not say 'protocol: NAME'", number)
    return Header(**words)


def _read_cast(value: str, number: int) -> tuple[tuple[str, str], ...]:
    try:
        return read_parameters(value)
    except BadText as error:
        raise BadText(str(error), number) from None


def write_parameters(parameters: Iterable[tuple[str, str]]) -> str:
    """``participants=2, variant=basic``."""
    return ", ".join(f"{name}={value}" for name, value in parameters)


def read_parameters(text: str) -> tuple[tuple[str, str], ...]:
    """The inverse of `write_parameters`. Raises BadText for a word without '='."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if "=" not in word:
            raise BadText(f"a cast's parameter is written NAME=VALUE, got {word!r}")
    return tuple((name.strip(), value.strip()) for name, _, value in (word.partition("=") for word in words))
