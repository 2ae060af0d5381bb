"""A tally: all that travels back from a worker, and what a whole sweep came to. Counters, rows and failures; no worlds.

Everything in it is plain JSON, so that it means the same on every machine.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass
class Tally:
    """`done` items took `seconds`; `failures` say of which item, and what. `rows` are figures of items, if any."""

    done: int = 0
    seconds: float = 0.0
    counters: Counter[str] = field(default_factory=Counter)
    failures: list[Row] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take another's into this one."""
        self.done += other.done
        self.seconds += other.seconds
        self.counters.update(other.counters)
        self.failures += other.failures
        self.rows += other.rows

    def as_json(self) -> Row:
        return asdict(self) | {"counters": dict(sorted(self.counters.items()))}

    @classmethod
    def of_json(cls, told: Row) -> Tally:
        return cls(**told | {"counters": Counter(told["counters"])})
