"""Plays a trace file again, with the code as it is now, and says where the two part.

It judges neither: a trace that goes another way may show a mistake or a repair.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from consensus_lab.kernel import Cast
from consensus_lab.kernel.cast import quoted, unquoted
from consensus_lab.kernel.trace import BadText, Line, Record, read
from consensus_lab.lab.catalogue import make_cast, words_of
from consensus_lab.lab.loading import BadCast, BadInput
from consensus_lab.lab.stage import switched_on
from consensus_lab.sim import RuleFailed, World, WorldStep, WorldTrace
from consensus_lab.sim.pickers import Diverged, Replay, steps_of


@dataclass(frozen=True)
class Replayed:
    """A trace as it goes today."""

    record: Record
    start: World
    trace: WorldTrace
    diverged: str | None  # why it could not be followed to its end
    changed: Line | None  # the first line that could be followed, but now says something else

    @property
    def change(self) -> str | None:
        """What the first changed line says, and what was done instead; None when all is as recorded."""
        if self.changed is None:
            return None
        step = self.trace[self.record.lines.index(self.changed)]
        where = f"from line {self.changed.number} on it goes another way than recorded: there it was"
        if differs(self.changed, step):
            return f"{where} '{self.changed.choice}', and now it is '{step.choice}'"
        return f"{where} '{self.changed.outcome}', and now it is '{step.outcome}'"


def load_trace(path: Path) -> tuple[Record, Cast]:
    """Read a trace file and cast it. Raises BadInput with the file and the line."""
    try:
        record = read(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {path}: {getattr(error, 'strerror', None) or 'it is not text in UTF-8'}") from None
    except BadText as error:
        raise BadInput(f"{path}, {error}" if error.line else f"{path}: {error}") from None
    try:
        return record, make_cast(record.header.protocol, located(record.header.cast, path))
    except BadInput as error:
        key = "cast" if isinstance(error, BadCast) else "protocol"
        raise BadInput(f"{path}, line {_line_of(path, key)}: {error}") from None


def located(cast: Iterable[tuple[str, str]], trace: Path) -> tuple[tuple[str, str], ...]:
    """The cast's words, with each ``FILE.py:CLASS`` looked for beside the trace, beside its folder, and then here."""
    homes = (trace.absolute().parent, trace.absolute().parent.parent)

    def locate(text: str) -> str:
        file, _, name = text.rpartition(":")
        if not file.endswith(".py"):
            return text
        found = (home / unquoted(file) for home in homes if os.path.isfile(home / unquoted(file)))
        place = next(found, None)
        return text if place is None else f"{quoted(str(place))}:{name}"

    return tuple((word, locate(text)) for word, text in cast)


def _line_of(path: Path, key: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.startswith(f"{key}:")), 1)


def replay(record: Record, cast: Cast) -> Replayed:
    """Follow the record as far as it fits. Raises CannotStart when the cast cannot even be switched on."""
    start = switched_on(cast)
    steps: list[WorldStep] = []
    diverged = None
    try:
        steps.extend(steps_of(start, Replay(record.lines, words_of(cast.protocol)), steps=len(record.lines)))
    except Diverged as error:
        diverged = str(error)
    except RuleFailed as error:
        diverged = f"line {record.lines[len(steps)].number}: {error}"
    return Replayed(record, start, WorldTrace(steps), diverged, _first_changed(record, steps))


def _first_changed(record: Record, steps: list[WorldStep]) -> Line | None:
    pairs = zip(record.lines, steps, strict=False)
    return next((line for line, step in pairs if differs(line, step) or _ended_otherwise(line, step)), None)


def differs(line: Line, step: WorldStep) -> bool:
    """Whether what was taken is not what the line says in full; a line that gives the name alone says less."""
    taken = str(step.choice)
    return line.choice != taken and not taken.startswith(f"{line.choice}(")


def _ended_otherwise(line: Line, step: WorldStep) -> bool:
    return bool(line.outcome) and line.outcome != step.outcome
