"""Breadth-first search by whole levels, in numpy arrays: for spaces of millions of states.

It finds what `search` finds, with the same counts, and asks the same judge. A state is a row of numbers (`columns`),
known by its fingerprint of 64 bits: that two states share one, so that the second is missed, is possible, and how
likely, the verdict says. It refuses to know what states and moves mean.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from consensus_lab.check.bounds import Budget
from consensus_lab.check.columns import NOTHING, Columns
from consensus_lab.check.flight import Full
from consensus_lab.check.hashing import Keys, KeyTable, Numbers, Rows
from consensus_lab.check.local import Broken
from consensus_lab.check.memory import held
from consensus_lab.check.search import Found, Progress, raises, uncollected
from consensus_lab.check.sights import Judge, Sights
from consensus_lab.check.space import Space
from consensus_lab.sim import Choice

CHUNK = 1 << 15
"""Rows expanded at a time: enough to keep numpy busy, and few enough that what they lead to is soon forgotten."""


Links = NDArray[np.uint32]


class Level(NamedTuple):
    """States of one depth, and how each was reached first."""

    columns: list[Numbers]
    fingerprints: Keys
    parents: Links  # which row of the level before
    moves: Numbers

    def part(self, rows: Rows) -> Level:
        """Some of them."""
        columns = [column[rows] for column in self.columns]
        return Level(columns, self.fingerprints[rows], self.parents[rows], self.moves[rows])

    def row(self, index: int) -> list[int]:
        """One state."""
        return [int(column[index]) for column in self.columns]

    @property
    def size(self) -> int:
        """How many states."""
        return len(self.fingerprints)


def joined(levels: Sequence[Level]) -> Level:
    """All of them as one."""
    columns = [np.concatenate(parts) for parts in zip(*(level.columns for level in levels), strict=True)]
    return Level(
        columns,
        np.concatenate([level.fingerprints for level in levels]),
        np.concatenate([level.parents for level in levels]),
        np.concatenate([level.moves for level in levels]),
    )


class LevelSearch:
    """One search. `run` goes on until a state offends, the space is exhausted or the budget spent."""

    def __init__(
        self,
        space: Space,
        judge: Judge,
        budget: Budget,
        tell: Callable[[Progress], None] | None = None,
        roots: Sequence[int] | None = None,
    ) -> None:
        self.space = space
        self.judge = judge
        self.budget = budget
        self.tell = tell
        self.found: Found | None = None
        self.stopped: str | None = None  # by which limit
        self.columns = Columns(space)
        self.sights = Sights(self.columns, judge)
        self._begun = time.monotonic()
        self._seen = KeyTable()
        self._links: list[tuple[Links, Numbers]] = []  # of every level: parents and moves
        self._roots = list(roots or [space.initial])
        self._distinct = self._generated = len(self._roots)
        self._left_out = 0
        self._waiting = 0  # states of the level before the last that are not expanded yet
        self._next: list[Level] = []

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        found = sum(level.size for level in self._next)
        return Progress(
            distinct=self._distinct,
            generated=self._generated,
            depth=max(len(self._links) + bool(found), 1),
            frontier=self._waiting + found,
            seconds=time.monotonic() - self._begun,
            memory=held(),
            steps=self.space.locals.steps,
            met_copies=bool(self._left_out) or self.space.crowded,
            by_fingerprint=True,
        )

    def run(self) -> None:
        """Search, level by level. What it came to is in `found` and `stopped`."""
        with uncollected():
            try:
                level = self._first()
                over = self._offends(level)
                while not over and level.size and self.space.bound.goes_on_after(len(self._links)):
                    self._links.append((level.parents, level.moves))
                    self._next = [level.part(np.arange(0))]
                    over = self._expand(level)
                    level = joined(self._next)
                    self._next = [level]
            except Full as full:
                self.stopped = str(full)

    def _first(self) -> Level:
        rows = [self.columns.row(root) for root in self._roots]
        columns = [np.array(numbers, np.int32) for numbers in zip(*rows, strict=True)]
        fingerprints: Keys = np.zeros(len(rows), np.uint64)
        for column, numbers in zip(self.columns.all, columns, strict=True):
            fingerprints += column.marks[numbers]
        self._seen.add(fingerprints)
        nothing = np.zeros(len(rows), np.uint32)
        return Level(columns, fingerprints, nothing, nothing.astype(np.int32))

    def _expand(self, level: Level) -> bool:
        """Find the next level, in chunks. True when the search is over."""
        rows = np.arange(level.size)
        if self.judge.prune:
            rows = rows[~self.sights.ask(level.columns, self.judge.prunes)]
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            self._waiting = len(rows) - start - len(chunk)
            part = level.part(chunk)
            try:
                fresh = self._successors(part, chunk)
            except Broken as broken:
                self._broke(broken, part, chunk)
                return True
            self._distinct += fresh.size
            self._next.append(fresh)
            if self._offends(fresh) or self._spent():
                return True
        return False

    def _successors(self, level: Level, rows: Rows) -> Level:
        """The states not seen before that these lead to, each once."""
        found = [self.columns.moves(node, level.columns[node]) for node in range(len(self.columns.nodes))]
        out_of = np.concatenate([at for at, _ in found])
        moves = np.concatenate([number for _, number in found])
        if self.space.bound.timers == "late":
            in_time = self.columns.in_time(level.columns, out_of, moves)
            out_of, moves = out_of[in_time], moves[in_time]
        self._generated += len(moves)
        fingerprints = level.fingerprints[out_of]
        columns = [
            self._moved(index, numbers[out_of], moves, fingerprints) for index, numbers in enumerate(level.columns)
        ]
        different = np.flatnonzero(fingerprints != level.fingerprints[out_of])
        fresh = different[self._seen.add(fingerprints[different])]
        parents = rows[out_of[fresh]].astype(np.uint32)
        return self._within_copies(
            Level([numbers[fresh] for numbers in columns], fingerprints[fresh], parents, moves[fresh])
        )

    def _moved(self, index: int, numbers: Numbers, moves: Numbers, fingerprints: Keys) -> Numbers:
        """One column after these moves; the fingerprints change with it."""
        column = self.columns.all[index]
        additions = self.columns.effects[index].array[moves]
        changed = np.flatnonzero(additions != NOTHING)
        before = numbers[changed]
        after = column.sums(before, additions[changed])
        marks = column.marks
        fingerprints[changed] += marks[after] - marks[before]
        numbers[changed] = after
        return numbers

    def _within_copies(self, level: Level) -> Level:
        """Leave out the states with too many copies of one message in flight."""
        if not self.space.flight.guard:
            return level
        within = np.delete(np.arange(level.size), self.columns.crowded(level.columns))
        self._left_out += level.size - len(within)
        return level.part(within)

    def _offends(self, level: Level) -> bool:
        for index in np.flatnonzero(self.sights.ask(level.columns, self.judge.settles)).tolist():
            state = self.columns.state(level.row(index))
            if self.judge.decides(state):
                root, trail = self._way_to(level, index, index, len(self._links))
                self.found = Found(state, trail, root=root)
                return True
        return False

    def _spent(self) -> bool:
        progress = self.progress
        if self.tell:
            self.tell(progress)
        self.stopped = self.budget.spent(progress.distinct, progress.seconds, progress.memory)
        return self.stopped is not None

    def _broke(self, broken: Broken, level: Level, rows: Rows) -> None:
        """A rule raised: say on the way from which state."""
        states = (self.columns.state(level.row(index)) for index in range(level.size))
        index, state = next((index, state) for index, state in enumerate(states) if raises(self.space, state))
        root, trail = self._way_to(level, index, int(rows[index]), len(self._links) - 1)
        self.found = Found(state, (*trail, broken.choice), broken.failure, root)

    # -- trails -------------------------------------------------------------------------------------------------------

    def _way_to(self, level: Level, index: int, row: int, length: int) -> tuple[int, tuple[Choice, ...]]:
        """Where the search began, and the choices, so many, from there to this state, that row of its level."""
        choices: list[Choice] = []
        parent, move = level.parents[index], level.moves[index]
        for parents, moves in reversed(self._links[:length]):
            choices.append(self._choice(int(move)))
            row, parent, move = int(parent), parents[parent], moves[parent]
        return self._roots[row], tuple(reversed(choices))

    def _choice(self, number: int) -> Choice:
        node, seen, delta, told = self.columns.origin(number)
        moves = (move for move in self.space.moves(node, seen) if move.allowed)
        return next(move.choice for move in moves if (move.delta, move.told) == (delta, told))
