"""Atomic commitment, the problem: some may refuse, all must end alike. Two- and three-phase commit both solve it.

What a client asks, the two verdicts, what must be on disk to carry out either, and what is promised of any solution:
AC1 to AC5 of Bernstein, Hadzilacos and Goodman (1987), section 7.3. AC5 asks that everyone decide once failures are
mended; it is a claim about the end, not about each moment. This module refuses to know how a verdict is reached.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import ClassVar, Protocol, runtime_checkable

from consensus_lab.kernel import Address, View, invariant, message
from consensus_lab.kernel.cast import numbered, refuse_unless
from consensus_lab.kernel.notation import render

# -- the words that every solution shares -----------------------------------------------------------------------------


@message
class Begin:
    """Client to coordinator: commit this transaction, whose work is done at every participant."""

    tx: str


@message
class Commit:
    """Coordinator to participant: keep it. On anyone's disk: it was decided to commit."""

    tx: str


@message
class Abort:
    """Coordinator to participant: roll back. On anyone's disk: it was decided to abort."""

    tx: str


Verdict = Commit | Abort


@message
class Prepared:
    """Participant: the value before the transaction (undo) and after it (redo), either of which it can now restore."""

    tx: str
    undo: str
    redo: str


# -- who votes --------------------------------------------------------------------------------------------------------


@runtime_checkable
class Voter(Protocol):
    """What the invariants ask of a participant, whichever protocol it follows."""

    promise: ClassVar[type]  # the record that it forces before it says yes
    willing: bool
    state: Enum  # COMMIT and ABORT, once it has decided
    lock: str | None  # the transaction that holds its resource


def voters_named(count: int, unwilling: Iterable[Address]) -> list[Address]:
    """p1 ... pn. Raises ValueError, with a sentence, for none or too many of them or for an unwilling stranger."""
    addresses = list(numbered("participants", "p", count))
    strangers = sorted(set(unwilling) - set(addresses))
    refuse_unless(not strangers, f"unwilling names {', '.join(strangers)}; participants are {', '.join(addresses)}")
    return addresses


def _voters(view: View) -> dict[str, Voter]:
    return {address: process for address, process in view.cast.processes.items() if isinstance(process, Voter)}


# -- what is promised -------------------------------------------------------------------------------------------------


@invariant("AC1", "all who decide decide alike")
def agreement(view: View) -> str | None:
    """Compare the first decision of all with every other."""
    for decision in view.decisions:
        first = view.decisions[0]
        if decision.value != first.value and decision.node != first.node:
            return f"{first.node} decided {render(first.value)}, but {decision.node} decided {render(decision.value)}"
    return None


@invariant("AC2", "nobody reverses a decision")
def stability(view: View) -> str | None:
    """Also not across a crash: decisions are remembered by the world."""
    first: dict[str, object] = {}
    for node, value in view.decisions:
        if first.setdefault(node, value) != value:
            return f"{node} decided {render(first[node])} and later {render(value)}"
    return None


@invariant("AC3", "commit only if all voted yes")
def unanimity(view: View) -> str | None:
    """A yes is a promise, and a promise is a record on the voter's disk.

    What was said cannot be seen here, only what is on disk: a participant that prepares and then says no is not caught.
    """
    committed = next((decision for decision in view.decisions if isinstance(decision.value, Commit)), None)
    if committed is None:
        return None
    for address, voter in _voters(view).items():
        if not any(isinstance(record, voter.promise) for record in view.journal(address)):
            promise = voter.promise.__name__
            return f"{committed.node} decided {render(committed.value)}, but {address}'s disk holds no {promise} record"
    return None


@invariant("AC4", "all yes and no failure leads to commit")
def non_triviality(view: View) -> str | None:
    """Checked when nothing is left to happen and nothing has gone wrong, not even slowly."""
    disturbed = view.faults or view.timeouts or not (view.at_rest and view.cast.requests)
    if disturbed or not all(voter.willing for voter in _voters(view).values()):
        return None
    committed = {decision.node for decision in view.decisions if isinstance(decision.value, Commit)}
    missing = [address for address in view.cast.addresses if address not in committed]
    return f"all were willing and nothing failed, yet {missing[0]} did not decide to commit" if missing else None


@invariant("LOCKS", "resources are released once decided")
def release(view: View) -> str | None:
    for address, process in view.processes.items():
        if isinstance(process, Voter) and process.state.name in ("COMMIT", "ABORT") and process.lock:
            return f"{address} decided to {process.state.value}, but {process.lock} still holds its resource"
    return None


INVARIANTS = (agreement, stability, unanimity, non_triviality, release)


@invariant("AC5", "once failures are mended, every participant decides")
def termination(view: View) -> str | None:
    """A claim about the end, not about each moment."""
    for address, process in _voters(view).items():
        now = view.processes.get(address, process)
        if address not in view.processes or (isinstance(now, Voter) and now.state.name not in ("COMMIT", "ABORT")):
            return f"{address} has not decided, and would not for ever"
    return None


EVENTUALLY = (termination,)
