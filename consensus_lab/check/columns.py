"""States as rows of small numbers: one number for all that a node sees of the state, and one for the history.

What nodes see overlaps, and together it is the whole state, so that a row stands for one state and a state has one row.
What a move adds to each part is a number too, and every sum is worked out once. Which rows there are is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

import numpy as np

from consensus_lab.check.hashing import UNKNOWN, KeyMap, Keys, Numbers, Rows, paired
from consensus_lab.check.space import Space

Part = TypeVar("Part", bound=Hashable)
NOTHING = 0
"""The number of what adds nothing."""
SEED = 20_010  # of the marks: any will do, and the same each time, so that a search can be repeated


class Stretch:
    """A numpy array of numbers that grows at its end."""

    def __init__(self) -> None:
        self.length = 0
        self._room: Numbers = np.zeros(256, np.int32)

    def extend(self, values: Sequence[int]) -> None:
        """More of them."""
        end = self.length + len(values)
        if end > len(self._room):
            self._room = np.concatenate([self._room, np.zeros(max(end, len(self._room)), np.int32)])
        self._room[self.length : end] = values
        self.length = end

    @property
    def array(self) -> Numbers:
        """All of it. What is written to it stays written until it grows."""
        return self._room[: self.length]


class Numbering(Generic[Part]):
    """Parts of states, each with a number, in the order in which they are met, and with a mark."""

    def __init__(self, random: np.random.Generator) -> None:
        self.parts: list[Part] = []
        self._random = random
        self._marks: Keys = np.zeros(0, np.uint64)
        self._numbers: dict[Part, int] = {}

    def number(self, part: Part) -> int:
        """The number of this part."""
        number = self._numbers.setdefault(part, len(self.parts))
        if number == len(self.parts):
            self.parts.append(part)
        return number

    @property
    def marks(self) -> Keys:
        """A random number for each part: the fingerprint of a row is the sum of its marks (Zobrist, 1970)."""
        missing = len(self.parts) - len(self._marks)
        if missing > 0:
            more = self._random.integers(0, 2**64, max(missing, len(self._marks), 256), np.uint64)
            self._marks = np.concatenate([self._marks, more])
        return self._marks


class Note(Generic[Part]):
    """A number about each part, found when the part is first met."""

    def __init__(self, numbering: Numbering[Part], find: Callable[[Part], int]) -> None:
        self._parts = numbering.parts
        self._find = find
        self._found = Stretch()

    def of(self, numbers: Numbers) -> Numbers:
        """About each of these."""
        self._found.extend([self._find(part) for part in self._parts[self._found.length :]])
        return self._found.array[numbers]


class Column(Numbering[Part]):
    """One part of every state, and what can be added to it."""

    def __init__(self, plus: Callable[[Part, Any], Part], random: np.random.Generator) -> None:
        super().__init__(random)
        self._plus = plus
        self._additions: list[Any] = [None]
        self._addition_numbers: dict[Any, int] = {}
        self._sums = KeyMap()

    def addition(self, added: Any) -> int:
        """The number of what is added to a part; NOTHING if that is nothing."""
        if not added:
            return NOTHING
        number = self._addition_numbers.setdefault(added, len(self._additions))
        if number == len(self._additions):
            self._additions.append(added)
        return number

    def sums(self, numbers: Numbers, additions: Numbers) -> Numbers:
        """What comes of adding to each of these parts."""
        keys = paired(numbers, additions)
        sums = self._sums.get(keys)
        missing = np.flatnonzero(sums == UNKNOWN)
        if len(missing):
            rows = missing[np.unique(keys[missing], return_index=True)[1]]
            pairs = zip(numbers[rows].tolist(), additions[rows].tolist(), strict=True)
            found = [self.number(self._plus(self.parts[part], self._additions[added])) for part, added in pairs]
            self._sums.set(keys[rows], np.array(found, np.int32))
            sums[missing] = self._sums.get(keys[missing])
        return sums


class Columns:
    """All columns of a space, and the moves out of what its nodes see."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.random = np.random.default_rng(SEED)
        self.nodes: list[Column[int]] = [Column(int.__add__, self.random) for _ in space.masks]
        self.all: list[Column[int]] = list(self.nodes)
        if space.history:
            self.all.append(Column(space.history.after, self.random))
        self._crowded = [Note(column, self._is_crowded) for column in self.nodes]
        self._starts = [Stretch() for _ in self.nodes]  # by number of a part: its first move
        self._counts = [Stretch() for _ in self.nodes]  # ... and how many it has; UNKNOWN: not asked yet
        self._acting = [Stretch() for _ in self.nodes]  # ... and whether it acts, so that no late timer may fire
        self._owners, self._seen = Stretch(), Stretch()  # by move: whose it is, and out of which part
        self._firing = Stretch()  # ... and whether it is a timer that fires late
        # What is added to a state says what is added to each part: in no two moves of a node does one field borrow from
        # the next what the other move adds there. That both engines agree state by state, a test shows.
        self._known_effects: list[dict[tuple[int, tuple[int, ...]], list[int]]] = [{} for _ in self.nodes]
        self.effects = [Stretch() for _ in self.all]  # by move: what it adds to each column

    def row(self, state: int) -> list[int]:
        """A state as numbers."""
        row = [column.number(state & mask) for column, mask in zip(self.nodes, self.space.masks, strict=True)]
        history = self.space.history
        return [*row, self.all[-1].number(history.field.read(state))] if history else row

    def state(self, row: list[int]) -> int:
        """The state of a row."""
        state = 0
        for column, number in zip(self.nodes, row, strict=False):
            state |= column.parts[number]
        history = self.space.history
        return state + self.all[-1].parts[row[-1]] * history.field.unit if history else state

    def crowded(self, columns: Sequence[Numbers]) -> Rows:
        """The rows with too many copies of one message in flight."""
        notes = zip(self._crowded, columns, strict=False)
        return np.flatnonzero(sum(note.of(numbers) for note, numbers in notes))

    def _is_crowded(self, part: int) -> int:
        flight = self.space.flight
        return int(bool((part + flight.bias) & flight.guard))

    def moves(self, node: int, numbers: Numbers) -> tuple[Rows, Numbers]:
        """Every move out of what this node sees in each row: in which row, and the number of the move."""
        self._find_moves(node, numbers)
        counts = self._counts[node].array[numbers]
        rows = np.repeat(np.arange(len(numbers)), counts)
        firsts = np.cumsum(counts) - counts
        moves = np.arange(len(rows)) - firsts[rows] + self._starts[node].array[numbers][rows]
        return rows, moves.astype(np.int32)

    def in_time(self, columns: Sequence[Numbers], rows: Rows, moves: Numbers) -> Rows:
        """Which of these moves out of these rows need not wait for others."""
        acting = np.zeros(len(columns[0]), np.bool_)
        for stretch, numbers in zip(self._acting, columns, strict=False):
            acting |= stretch.array[numbers] == 1
        return np.flatnonzero(~(acting[rows] & (self._firing.array[moves] == 1)))

    def _find_moves(self, node: int, numbers: Numbers) -> None:
        counts, starts = self._counts[node], self._starts[node]
        new = len(self.nodes[node].parts) - counts.length
        counts.extend([UNKNOWN] * new)
        starts.extend([UNKNOWN] * new)
        self._acting[node].extend([0] * new)
        found: list[list[int]] = []  # the effects of one move after another
        sources: list[int] = []
        firing: list[int] = []
        for number in np.unique(numbers[counts.array[numbers] == UNKNOWN]).tolist():
            effects = self._effects(node, number)
            starts.array[number], counts.array[number] = self._owners.length + len(found), len(effects)
            found += effects
            memo, seen = self.space.memos[node], self.nodes[node].parts[number]
            self._acting[node].array[number] = seen in memo.acting
            late = len(memo.firing.get(seen, ()))
            firing += [0] * (len(effects) - late) + [1] * late
            sources += [number] * len(effects)
        self._owners.extend([node] * len(found))
        self._seen.extend(sources)
        self._firing.extend(firing)
        for stretch, additions in zip(self.effects, zip(*found, strict=True), strict=bool(found)):
            stretch.extend(additions)

    def _effects(self, node: int, number: int) -> list[list[int]]:
        """What each move out of what this node sees adds to every column."""
        seen = self.nodes[node].parts[number]
        found: list[list[int]] = []
        for move in self._deltas(node, seen):
            effect = self._known_effects[node].get(move)
            if effect is None:
                effect = self._known_effects[node][move] = self._effect(seen, *move)
            found.append(effect)
        return found

    def _deltas(self, node: int, seen: int) -> list[tuple[int, tuple[int, ...]]]:
        memo = self.space.memos[node]
        soon = [(delta, ()) for delta in memo[seen]]
        return [*soon, *memo.telling.get(seen, ()), *((delta, ()) for delta in memo.firing.get(seen, ()))]

    def _effect(self, seen: int, delta: int, told: tuple[int, ...]) -> list[int]:
        after = seen + delta  # nothing is taken away that the node does not see: no field borrows from another
        changed = seen ^ after
        effect = [
            column.addition((after & mask) - (seen & mask)) if changed & mask else NOTHING
            for column, mask in zip(self.nodes, self.space.masks, strict=True)
        ]
        return [*effect, self.all[-1].addition(told)] if self.space.history else effect

    def origin(self, move: int) -> tuple[int, int, int, tuple[int, ...]]:
        """Whose move this is, out of what it sees, what it adds to a state, and what it tells."""
        node, number = int(self._owners.array[move]), int(self._seen.array[move])
        seen = self.nodes[node].parts[number]
        return node, seen, *self._deltas(node, seen)[move - self._starts[node].array[number]]
