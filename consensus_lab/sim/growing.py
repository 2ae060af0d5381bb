"""A sequence that only grows, as a value: a million worlds may each hold a longer prefix of one shared list.

Appending to the longest prefix extends the shared list; appending to a shorter one (a branch) copies what it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class Growing(Sequence[T], Generic[T]):
    """Immutable to its holders: `plus` returns the longer one."""

    __slots__ = ("_items", "_length")

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._items = list(items)
        self._length = len(self._items)

    def plus(self, *more: T) -> Growing[T]:
        """This sequence with `more` at its end."""
        if not more:
            return self
        items = self._items if len(self._items) == self._length else self._items[: self._length]
        items.extend(more)
        longer: Growing[T] = Growing.__new__(Growing)
        longer._items, longer._length = items, len(items)
        return longer

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return self._items[: self._length][index]
        if not -self._length <= index < self._length:
            raise IndexError(index)
        return self._items[index if index >= 0 else self._length + index]

    def __len__(self) -> int:
        return self._length

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Growing) and self._length == other._length and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Growing({list(self)!r})"
