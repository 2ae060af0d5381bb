"""Sequences that only grow, each kept once: equal ones are one object, so that whatever follows from them is kept too.

It refuses to know what the items are: records of a journal, or decisions.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from itertools import count
from typing import Any

Item = tuple[Hashable, Any]
"""An item and, before it, what tells it from others (see `check.freeze`)."""


class Chain:
    """One sequence. `number` is its own; that of the empty one is 0."""

    __slots__ = ("_longer", "_numbers", "items", "number")

    def __init__(self, numbers: Iterator[int], items: tuple[Any, ...] = ()) -> None:
        self._numbers = numbers
        self._longer: dict[Hashable, Chain] = {}
        self.items = items
        self.number = next(numbers)

    @classmethod
    def empty(cls) -> Chain:
        """A sequence of nothing, from which all others of its family grow."""
        return cls(count())

    def plus(self, items: Iterable[Item]) -> Chain:
        """The one sequence that is this one with these at its end."""
        chain = self
        for key, item in items:
            longer = chain._longer.get(key)
            if longer is None:
                longer = chain._longer[key] = Chain(self._numbers, (*chain.items, item))
            chain = longer
        return chain
