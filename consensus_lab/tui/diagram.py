"""A branch as a space-time diagram to be drawn row by row: which rows show, which arrows pass, on what track.

Row 0 is the world as it was switched on; row n is the n-th step. Pure geometry: `painting` draws it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from consensus_lab.kernel import Address, Decide
from consensus_lab.lab.costs import left
from consensus_lab.lab.spacetime import Arrow, Row, SpaceTime
from consensus_lab.sim import World, WorldStep
from consensus_lab.tui.desk import Hidden
from consensus_lab.tui.telling import said

BUCKET = 64
"""Rows per bucket of the index of arrows: to draw a row, only its own bucket is searched."""

START = Row(None, "", "", (), ())


@dataclass(frozen=True)
class Passing:
    """An arrow in one row: on which track it runs, counted from the lane of its receiver."""

    arrow: Arrow
    track: int


@dataclass(frozen=True)
class Scene:
    """Everything there is to draw in one row. Rows count from 0 here, unlike in `SpaceTime`."""

    number: int
    event: Row
    arrows: tuple[Passing, ...]
    standing: tuple[str, ...]  # of each lane: up, down or paused
    decided: bool
    text: str = ""  # the choice in words


class Diagram:
    """The rows of one branch. Grows by `extend`; another branch, or other things hidden, is another Diagram."""

    def __init__(self, start: World, hidden: Hidden | None = None) -> None:
        self.hidden = hidden or Hidden()
        self.start = start
        self.lanes = tuple(a for a in start.cast.addresses if a not in self.hidden.nodes)
        self.space = SpaceTime(start.cast.addresses)
        self.steps: list[WorldStep] = []
        self.shown: list[int] = [0]  # the rows that are not hidden
        self._tracks: dict[int, int] = {}
        self._busy: dict[tuple[Address, bool], list[Arrow]] = defaultdict(list)
        self._buckets: dict[int, list[Arrow]] = defaultdict(list)
        self._place = {address: place for place, address in enumerate(start.cast.addresses)}
        self._open: list[Arrow] = []  # the arrows that no bucket after the newest row's has yet
        self.space.begin(start)
        self._enter(self.space.arrows)

    def __len__(self) -> int:
        """How many rows there are, shown or not."""
        return len(self.steps) + 1

    def extend(self, steps: Sequence[WorldStep]) -> None:
        """Add what the branch has beyond what is here."""
        for step in steps[len(self.steps) :]:
            self._add(step)

    def _add(self, step: WorldStep) -> None:
        self.steps.append(step)
        number = len(self.steps)
        row = self.space.add(step)
        if number % BUCKET == 0:
            self._open = [arrow for arrow in self._open if arrow.ended is None or arrow.ended + 1 >= number]
            self._buckets[number // BUCKET] = list(self._open)
        self._enter(row.sent)
        if self._shows(row):
            self.shown.append(number)

    def _enter(self, arrows: Sequence[Arrow]) -> None:
        for arrow in arrows:
            if self._shows_arrow(arrow):
                self._tracks[arrow.serial] = self._track(arrow)
                self._buckets[(arrow.sent + 1) // BUCKET].append(arrow)
                self._open.append(arrow)

    def _track(self, arrow: Arrow) -> int:
        """The first track beside the receiver's lane that is free by now (greedy interval colouring)."""
        tracks = self._busy[arrow.to, self._place.get(arrow.sender, -1) < self._place[arrow.to]]
        for number, holder in enumerate(tracks):
            if holder.ended is not None and holder.ended < arrow.sent:
                tracks[number] = arrow
                return number
        tracks.append(arrow)
        return len(tracks) - 1

    # -- what is hidden ----------------------------------------------------------------------------------------------

    def _shows_arrow(self, arrow: Arrow) -> bool:
        seen = arrow.to in self._place and not {arrow.sender, arrow.to} & self.hidden.nodes
        return seen and arrow.label not in self.hidden.kinds

    def _shows(self, row: Row) -> bool:
        """A row is hidden with its node or its kind, unless an arrow that is not hidden begins or ends there."""
        if any(map(self._shows_arrow, (*row.sent, *row.ended))):
            return True
        return row.actor not in self.hidden.nodes and not {row.verb, row.label} & self.hidden.kinds

    def line_of(self, row: int) -> int:
        """On which line of the diagram a row is drawn; for a hidden one, the line of the last row shown before it."""
        return bisect_right(self.shown, row) - 1

    def lines(self, horizon: int) -> int:
        """How many lines the rows up to `horizon` take."""
        return bisect_right(self.shown, horizon)

    # -- drawing -----------------------------------------------------------------------------------------------------

    def scene(self, row: int) -> Scene:
        """What there is to draw in this row."""
        passing = tuple(
            Passing(arrow, self._tracks[arrow.serial])
            for arrow in self._buckets.get(row // BUCKET, ())
            if arrow.sent + 1 <= row and (arrow.ended is None or row <= arrow.ended + 1)
        )
        if row == 0:
            return Scene(0, START, passing, tuple("up" for _ in self.lanes), False)
        step = self.steps[row - 1]
        standing = tuple(_standing(step.world, lane) for lane in self.lanes)
        decided = any(isinstance(effect, Decide) for effect in left(step))
        return Scene(row, self.space.rows[row - 1], passing, standing, decided, said(step.choice))


def _standing(world: World, address: Address) -> str:
    machine = world.machines[address]
    return "down" if not machine.up else "paused" if machine.paused else "up"
