"""The timeline of a window: a lane for each client, a bar for each operation, time to the right.

Only the order of moments counts, so each takes the room that its labels need. Text here; the same geometry as SVG in
`drawing`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from consensus_lab.check.linearizability.history import Operation
from consensus_lab.check.linearizability.minimise import Window
from consensus_lab.kernel.notation import render

ROOM = 5
"""Columns that a bar needs beyond its label."""
WIDTH = 118
"""Columns of a terminal that a drawing may fill before labels become numbers."""


@dataclass(frozen=True)
class Bar:
    """One operation: its lane, where it starts and ends (columns), and what stands on it. `open`: it never returned."""

    lane: int
    start: int
    end: int
    label: str
    open: bool


@dataclass(frozen=True)
class Timeline:
    """Bars on lanes, named after clients. `since` is the column left of which all was still explained.

    `legend` are what numbers on the bars stand for.
    """

    lanes: tuple[str, ...]
    bars: tuple[Bar, ...]
    since: int | None
    legend: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Columns."""
        return max(bar.end for bar in self.bars) + 1


def timeline(operations: Iterable[Operation], since: int | None = None, width: int = WIDTH) -> Timeline:
    """The geometry of a history of one operation at least; `since` is the moment of the dividing line, if there is one.

    Labels that would make it wider than `width` become numbers, explained in the legend.
    """
    ordered = sorted(operations, key=lambda operation: operation.called)
    labels = [_label(operation) for operation in ordered]
    shape = _laid_out(ordered, labels, since)
    if shape.width <= width:
        return shape
    numbers = [str(number) for number in range(1, len(labels) + 1)]
    legend = tuple(f"{number}: {label}" for number, label in zip(numbers, labels, strict=True))
    return replace(_laid_out(ordered, numbers, since), legend=legend)


def timeline_of(window: Window, width: int = WIDTH) -> Timeline:
    """The geometry of a window, with what led there on the left."""
    return timeline((*window.before, *window.operations), window.since, width)


def _label(operation: Operation) -> str:
    return operation.call if operation.returned is None else str(operation)


def _laid_out(operations: Sequence[Operation], labels: Sequence[str], since: int | None) -> Timeline:
    columns = _columns(operations, labels)
    names, lanes = _lanes(operations)
    bars = []
    for operation, label, lane in zip(operations, labels, lanes, strict=True):
        start = columns[operation.called]
        end = start + len(label) + ROOM if operation.returned is None else columns[operation.returned]
        bars.append(Bar(lane, start, end, label, operation.returned is None))
    divide = None if since is None else max((columns[moment] for moment in columns if moment <= since), default=0) + 1
    return Timeline(names, tuple(bars), divide)


def _columns(operations: Sequence[Operation], labels: Sequence[str]) -> dict[int, int]:
    """A column for each moment: later is further right, and every label has its room."""
    columns: dict[int, int] = {}
    for moment in sorted({m for op in operations for m in (op.called, op.returned) if m is not None}):
        ending = [(op, label) for op, label in zip(operations, labels, strict=True) if op.returned == moment]
        needed = [columns.get(op.called, 0) + len(label) + ROOM for op, label in ending]
        columns[moment] = max([*needed, max(columns.values(), default=-2) + 2])
    return columns


def _lanes(operations: Sequence[Operation]) -> tuple[tuple[str, ...], list[int]]:
    """Whose each lane is, and a lane for each operation: its client's, or another one where that is still taken."""
    names: list[str] = []
    taken: list[float] = []  # until when
    chosen = []
    for operation in operations:
        free = (i for i, name in enumerate(names) if name == operation.client and taken[i] <= operation.called)
        lane = next(free, len(names))
        names[lane:] = names[lane:] or [operation.client]
        taken[lane : lane + 1] = [float("inf") if operation.returned is None else operation.returned]
        chosen.append(lane)
    return tuple(names), chosen


# -- as text -----------------------------------------------------------------------------------------------------------


def drawn(shape: Timeline) -> list[str]:
    """The lines of the drawing: ``├─ write(1) ─┤``; what never returned ends in dots."""
    margin = max(len(name) for name in shape.lanes)
    rows = [[" "] * shape.width for _ in shape.lanes]
    if shape.since is not None:
        for row in rows:
            row[shape.since] = "┆"
    for bar in shape.bars:
        room = bar.end - bar.start - 1
        inside = f"─ {bar.label} ".ljust(room, "·" if bar.open else "─")
        rows[bar.lane][bar.start : bar.end + 1] = f"├{inside}{'·' if bar.open else '┤'}"
    lines = [f"{name:<{margin}}  {''.join(row).rstrip()}" for name, row in zip(shape.lanes, rows, strict=True)]
    return lines + [f"{'':<{margin}}  {line}" for line in shape.legend]


def told(window: Window, width: int = WIDTH) -> str:
    """The window for a terminal: what was known before, the drawing, and what it does not depend on."""
    shape = timeline_of(window, width)
    return "\n".join([before(window), "", *(f"  {line}" for line in drawn(shape)), "", *after(window)])


def before(window: Window) -> str:
    """In which states the object can have been."""
    states = " or ".join(map(render, window.states))
    name = window.model.name_of(window.key)
    if window.since is None:
        return f"At first {name} was {states}. Then:"
    return f"At {window.since} {name} can only have been {states}. Left of ┆ is what led there; after that:"


def after(window: Window) -> list[str]:
    """What has no order, whatever others did."""
    count = len(window.operations)
    this = "It fits nowhere" if count == 1 else f"These {count} have no order in which each gives its answer"
    if not window.free:
        return [f"{this}."]
    return [f"{this}, whenever the following took effect, if ever:", f"  {', '.join(counted(window.free))}"]


def counted(operations: Iterable[Operation]) -> list[str]:
    """``write(1) ×2, write(2)``."""
    calls = Counter(operation.call for operation in operations)
    return [f"{call} ×{count}" if count > 1 else call for call, count in sorted(calls.items())]
