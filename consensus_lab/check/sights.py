"""What invariants see of states that are rows of numbers: each distinct sight is looked at once.

It refuses to know what a sight shows: see `views`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from consensus_lab.check.columns import Column, Columns, Note, Numbering
from consensus_lab.check.hashing import UNKNOWN, KeyMap, Keys, Numbers

Answers = NDArray[np.bool_]
RESTING = np.uint64(0x5851F42D4C957F2D)
"""The mark of a row in which nothing is in flight."""


class Judge(Protocol):
    """Looks at states by what an invariant sees of them, which is a number too."""

    @property
    def prune(self) -> object:
        """None when everything is searched."""
        ...

    @property
    def shown(self) -> int:
        """What of a state an invariant sees, as a mask."""
        ...

    @property
    def shows_rest(self) -> bool:
        """Whether it sees, too, that nothing is in flight."""
        ...

    def plain(self, sight: int, *nodes: int) -> int:
        """The one sight, of these nodes if any are given, that shows the same."""
        ...

    def sight(self, state: int) -> int:
        """What an invariant sees of this state."""
        ...

    def settles(self, sight: int) -> bool:
        """Whether a state that looks so may decide the matter."""
        ...

    def prunes(self, sight: int) -> bool:
        """Whether nothing need be searched behind a state that looks so."""
        ...

    def decides(self, state: int) -> bool:
        """Whether this state, which looks so, does."""
        ...


class Sights:
    """The sights of the rows of one search."""

    def __init__(self, columns: Columns, judge: Judge) -> None:
        self._columns = columns
        self._judge = judge
        self._seen: list[Numbering[int]] = [Numbering(columns.random) for _ in columns.nodes]
        self._shown = [self._note(node, column) for node, column in enumerate(columns.nodes)]
        self._flying = [Note(column, self._is_flying) for column in columns.nodes]
        self._answers: dict[Callable[[int], bool], KeyMap] = {}

    def _note(self, node: int, column: Column[int]) -> Note[int]:
        """Of each part, the number of what is seen of it."""
        seen, plain, shown = self._seen[node], self._judge.plain, self._judge.shown
        return Note(column, lambda part: seen.number(plain(part & shown, node)))

    def _is_flying(self, part: int) -> int:
        return int(bool(part & self._columns.space.flight.mask))

    def ask(self, columns: list[Numbers], question: Callable[[int], bool]) -> Answers:
        """The answer to a question about the sight of each row."""
        keys = self._keys(columns)
        known = self._answers.setdefault(question, KeyMap())
        answers = known.get(keys)
        missing = np.flatnonzero(answers == UNKNOWN)
        if len(missing):
            rows = missing[np.unique(keys[missing], return_index=True)[1]]
            states = (self._columns.state([int(column[row]) for column in columns]) for row in rows)
            found = [question(self._judge.sight(state)) for state in states]
            known.set(keys[rows], np.array(found, np.int32))
            answers[missing] = known.get(keys[missing])
        return np.asarray(answers == 1, np.bool_)

    def _keys(self, columns: list[Numbers]) -> Keys:
        """A key for what is seen of each row."""
        keys: Keys = np.zeros(len(columns[0]), np.uint64)
        for numbers, note, seen in zip(columns, self._shown, self._seen, strict=False):
            seen_numbers = note.of(numbers)  # before their marks, for some are new
            keys += seen.marks[seen_numbers]
        if self._columns.space.history:
            keys += self._columns.all[-1].marks[columns[-1]]
        if self._judge.shows_rest:
            flying = sum(note.of(numbers) for numbers, note in zip(columns, self._flying, strict=False))
            keys[flying == 0] += RESTING
        return keys
