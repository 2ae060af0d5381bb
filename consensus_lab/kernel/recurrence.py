"""Recurrence: what a protocol only ever counts up, so that a run which goes on for ever can come to the same again.

Two worlds in which every ballot of the one is as much higher than that of the other have the same future, for ballots
are only compared and counted up. A protocol says which of its words are of that kind; this module refuses to know who
makes use of it (`check.quotient` does).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Recurrence:
    """What makes no difference to the future of a world.

    `counted`: NamedTuples whose first part is a number that is only compared and counted up; 0 is below all, and stays.
    `pacing`: fields of processes that say no more than how long a timer waits.
    """

    counted: tuple[type, ...] = ()
    pacing: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.counted or self.pacing)

    def __str__(self) -> str:
        counted = [f"{kind.__name__}s that are all as much higher" for kind in self.counted]
        return " and ".join([*counted, *sorted(self.pacing)])

    def numbers(self, value: Any) -> list[int]:
        """Every number counted that is part of this value, but the lowest of all."""
        found: list[int] = []

        def note(counted: Any) -> Any:
            found.append(counted[0])
            return counted

        rewritten(value, self.counted, note)
        return [number for number in found if number]

    def raised(self, value: Any, by: int) -> Any:
        """The same with every number counted so much higher."""
        return rewritten(value, self.counted, lambda n: type(n)(n[0] + by, *n[1:]) if n[0] else n) if by else value


def rewritten(value: Any, kinds: tuple[type, ...], rewrite: Callable[[Any], Any]) -> Any:
    """A value in which every part that is of one of these kinds is rewritten."""

    def inside(part: Any) -> Any:
        return rewritten(part, kinds, rewrite)

    if isinstance(value, kinds):
        return rewrite(value)
    if isinstance(value, dict):
        return {inside(key): inside(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(inside, value))
    if isinstance(value, list | tuple | set | frozenset):
        return type(value)(map(inside, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{part.name: inside(getattr(value, part.name)) for part in fields(value) if part.init})
    return value
