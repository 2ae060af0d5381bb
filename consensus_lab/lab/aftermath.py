"""What is left of a cluster that has stopped, as an invariant may look at it: who decided what, and the journals.

What its processes remembered, and what was in flight between them, nobody saw: a claim about that is not judged here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from consensus_lab.kernel import Address, Cast, Decision, Invariant, Process, View, Violation

T = TypeVar("T")


class Unseen(LookupError):
    """A claim asked for what cannot be seen from outside: what."""


@dataclass(frozen=True)
class Aftermath:
    """A `kernel.View` of a cluster after its end."""

    cast: Cast
    decisions: Sequence[Decision]
    journals: Mapping[Address, tuple[Any, ...]]

    def journal(self, address: Address) -> tuple[Any, ...]:
        return self.journals.get(address, ())

    @property
    def processes(self) -> Mapping[Address, Process]:
        _refuse("what its processes remember")

    @property
    def chronicle(self) -> Sequence[Decision]:
        _refuse("which node decided before which other")

    @property
    def at_rest(self) -> bool:
        _refuse("what is in flight")

    @property
    def faults(self) -> int:
        _refuse("what went wrong on the way")

    @property
    def timeouts(self) -> int:
        _refuse("which timers fired")

    def derive(self, summary: Callable[[View], T]) -> T:
        return summary(self)

    def unseen(self, claim: Invariant) -> str | None:
        """What this claim is about that nobody saw; None when it can be judged."""
        try:
            claim.check(self)
        except Unseen as error:
            return str(error)
        except Exception:  # a check that fails by itself is a refutation, as everywhere
            return None
        return None

    def violations(self) -> tuple[Violation, ...]:
        """Every claim that is refuted by what was seen, with its witness."""
        judged = (claim for claim in self.cast.invariants if self.unseen(claim) is None)
        return tuple(filter(None, (claim.refute(self) for claim in judged)))


def _refuse(what: str) -> NoReturn:
    raise Unseen(what)
