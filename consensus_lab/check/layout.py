"""The layout: a global state as one integer, field beside field. It refuses to know what the fields mean.

A step adds one constant to the integer: no tuple is built, and equal states are equal ints. Fields are made as they
are needed, at the upper end, so that a state which was met earlier reads 0 in each new one.
"""

from __future__ import annotations

from typing import NamedTuple

RESTING = 1
"""Bit 0 belongs to no state: a view of a state in which nothing is owed carries it (see `views`)."""


class Field(NamedTuple):
    """Some bits of a state."""

    offset: int
    width: int

    @property
    def unit(self) -> int:
        """What to add to a state to count one up here."""
        return 1 << self.offset

    @property
    def mask(self) -> int:
        return ((1 << self.width) - 1) << self.offset

    def read(self, state: int) -> int:
        """The number that this state holds here."""
        return (state >> self.offset) & ((1 << self.width) - 1)


class Layout:
    """Hands out fields."""

    def __init__(self) -> None:
        self.end = RESTING.bit_length()

    def field(self, width: int) -> Field:
        """A new field of so many bits."""
        field = Field(self.end, width)
        self.end += width
        return field
