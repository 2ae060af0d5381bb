"""Invariants: claims about every moment of every run, each a sentence and a check that says why it fails.

An invariant sees a `View`: the processes, what they decided and what their disks hold. It refuses to know whether the
view is a simulated world, one of a checker's millions, or a snapshot of real processes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from consensus_lab.kernel.message import Address
from consensus_lab.kernel.process import Process

if TYPE_CHECKING:
    from consensus_lab.kernel.cast import Cast


T = TypeVar("T")


class Decision(NamedTuple):
    """What one node announced with `Context.decide`."""

    node: Address
    value: Any


class View(Protocol):
    """What an invariant may look at."""

    @property
    def cast(self) -> Cast:
        """Who plays, as first switched on: also of those that are down now."""
        ...

    @property
    def processes(self) -> Mapping[Address, Process]:
        """The processes that are up, by address."""
        ...

    @property
    def decisions(self) -> Sequence[Decision]:
        """Every decision ever announced, those of each node in order, also by nodes that have crashed since."""
        ...

    @property
    def chronicle(self) -> Sequence[Decision]:
        """The same in the order in which they happened, whoever announced them; empty where nobody kept that order."""
        ...

    def journal(self, address: Address) -> Sequence[Any]:
        """The records that the disk of `address` holds, oldest first."""
        ...

    @property
    def at_rest(self) -> bool:
        """Nothing is in flight, unwritten or unsubmitted: only timers could still change anything."""
        ...

    @property
    def faults(self) -> int:
        """How many faults were injected so far."""
        ...

    @property
    def timeouts(self) -> int:
        """How many timers have fired so far."""
        ...

    def derive(self, summary: Callable[[View], T]) -> T:
        """``summary(view)``: what several invariants work out alike. A view that many look at may remember it."""
        ...


Check = Callable[[View], str | None]


class Violation(NamedTuple):
    """An invariant refuted, with the witness: who, and which value."""

    invariant: Invariant
    witness: str

    def __str__(self) -> str:
        return f"{self.invariant}: refuted, {self.witness}"


@dataclass(frozen=True)
class Invariant:
    """A named claim. `check` returns None while it holds, else the witness against it, as a sentence."""

    name: str
    sentence: str
    check: Check

    def __str__(self) -> str:
        return f"{self.name} ({self.sentence})"

    def refute(self, view: View) -> Violation | None:
        """The violation in this view, if there is one. A check that raises has not shown that its claim holds."""
        try:
            witness = self.check(view)
        except Exception as error:
            witness = f"the check itself failed with {type(error).__name__}: {error}"
        return None if witness is None else Violation(self, witness)


def invariant(name: str, sentence: str) -> Callable[[Check], Invariant]:
    """Make a check an `Invariant`: ``@invariant("AC1", "all who decide decide alike")``."""
    return lambda check: Invariant(name, sentence, check)
