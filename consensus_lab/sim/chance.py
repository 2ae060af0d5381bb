"""Chance without a dice: a draw is a pure function of a seed and of what it is for.

So a world needs no generator among its parts: stepping back and forward again, or branching, draws the same numbers.
The mixing function is SplitMix64 (Steele, Lea and Flood, 2014): integers only, the same on every machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

MASK = (1 << 64) - 1


@lru_cache(maxsize=4096)
def _number(word: str) -> int:
    """FNV-1a: a word as 64 bits."""
    value = 0xCBF29CE484222325
    for byte in word.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def _mix(value: int) -> int:
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


@dataclass(frozen=True)
class Chance:
    """All draws of one seed."""

    seed: int

    def unit(self, *purpose: str | int) -> float:
        """A number in [0, 1), always the same for the same purpose."""
        value = _mix(self.seed & MASK)
        for word in purpose:
            value = _mix(value ^ (_number(word) if isinstance(word, str) else word & MASK))
        return (value >> 11) / (1 << 53)

    def happens(self, probability: float, *purpose: str | int) -> bool:
        """A coin that shows heads with this probability."""
        return probability > 0 and self.unit(*purpose) < probability

    def below(self, count: int, *purpose: str | int) -> int:
        """A whole number from 0 to count - 1."""
        return int(self.unit(*purpose) * count)


class Distribution(Protocol):
    """A duration as a function of a number in [0, 1)."""

    def seconds(self, unit: float) -> float: ...


@dataclass(frozen=True)
class Uniform:
    """Any duration from `low` to `high` seconds, alike; `Uniform(x, x)` is exactly x."""

    low: float
    high: float

    def seconds(self, unit: float) -> float:
        return self.low + (self.high - self.low) * unit


@dataclass(frozen=True)
class Exponential:
    """`low` seconds and then a memoryless rest of `mean` seconds on average.

    The one place that uses the C library's logarithm: its last bit is lost when time is rounded to microseconds.
    """

    mean: float
    low: float = 0.0

    def seconds(self, unit: float) -> float:
        return self.low - self.mean * math.log(1.0 - unit)


@dataclass(frozen=True)
class HeavyTail:
    """Mostly near `low` seconds, now and then very much more (Pareto with shape 2, cut at `high`)."""

    low: float
    high: float

    def seconds(self, unit: float) -> float:
        return min(self.low / math.sqrt(1.0 - unit), self.high)


class Stream:
    """Draws one after the other, for a run that never goes back: some ten times as fast as `Chance`.

    A linear congruential generator of 64 bits with Knuth's multiplier (MMIX), of which only the upper half is used.
    """

    __slots__ = ("_state",)

    def __init__(self, seed: int) -> None:
        self._state = _mix(seed & MASK)

    def bits(self) -> int:
        """32 random bits, as a number."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) & MASK
        return self._state >> 32

    def below(self, count: int) -> int:
        """A whole number from 0 to count - 1."""
        return self.bits() * count >> 32
