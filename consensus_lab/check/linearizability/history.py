"""Histories: what clients called, when, and what came back. Nothing here knows what an operation means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from consensus_lab.kernel.notation import render


class Unknown(Enum):
    """The answer that nobody got to see."""

    UNKNOWN = "?"

    def __repr__(self) -> str:
        return self.value


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of one client. `called` and `returned` are moments on one clock, in whole numbers of any unit.

    An operation that never returned may have taken effect at any moment since, or never; its answer is UNKNOWN. So is
    that of one that returned without its answer being seen. Raises ValueError when it ends before it began.
    """

    client: str
    verb: str
    arguments: tuple[Any, ...]
    called: int
    returned: int | None = None
    answer: Any = UNKNOWN

    def __post_init__(self) -> None:
        if self.returned is not None and self.returned < self.called:
            raise ValueError(f"{self.call} returned at {self.returned}, before it was called at {self.called}")
        if self.returned is None and self.answer is not UNKNOWN:
            raise ValueError(f"{self.call} has an answer, {render(self.answer)}, but never returned")

    @property
    def call(self) -> str:
        """``write(7)``."""
        return f"{self.verb}({', '.join(map(render, self.arguments))})"

    def __str__(self) -> str:
        """``write(7)``, ``read() -> 7``; with a question mark where nobody saw the answer."""
        if self.answer is None:
            return self.call
        return f"{self.call} -> {'?' if self.answer is UNKNOWN else render(self.answer)}"

    def unanswered(self) -> Operation:
        """The same, as if it had never returned."""
        return replace(self, returned=None, answer=UNKNOWN)


History = tuple[Operation, ...]
