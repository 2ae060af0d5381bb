"""What atomic commitment promises. Bernstein, Hadzilacos and Goodman (1987), section 7.3, AC1 to AC5.

AC5 asks that everyone decide once failures are mended; it is a claim about futures, not about one moment, and stands
with the scenarios.
"""

from __future__ import annotations

from consensus_lab.kernel import View, invariant
from consensus_lab.kernel.notation import render
from consensus_lab.protocols.two_phase_commit.messages import Commit, Prepared, State
from consensus_lab.protocols.two_phase_commit.participant import Participant


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
    """A yes is a promise, and a promise is a Prepared record on the voter's disk.

    What was said cannot be seen here, only what is on disk: a participant that prepares and then says no is not caught.
    """
    committed = next((decision for decision in view.decisions if isinstance(decision.value, Commit)), None)
    if committed is None:
        return None
    for voter in _participants(view):
        if not any(isinstance(record, Prepared) for record in view.journal(voter)):
            return f"{committed.node} decided {render(committed.value)}, but {voter}'s disk holds no Prepared record"
    return None


@invariant("AC4", "all yes and no failure leads to commit")
def non_triviality(view: View) -> str | None:
    """Checked when nothing is left to happen and nothing has gone wrong, not even slowly."""
    disturbed = view.faults or view.timeouts or not (view.at_rest and view.cast.requests)
    if disturbed or not all(participant.willing for participant in _participants(view).values()):
        return None
    committed = {decision.node for decision in view.decisions if isinstance(decision.value, Commit)}
    missing = [address for address in view.cast.addresses if address not in committed]
    return f"all were willing and nothing failed, yet {missing[0]} did not decide to commit" if missing else None


@invariant("LOCKS", "resources are released once decided")
def release(view: View) -> str | None:
    for address, process in view.processes.items():
        if isinstance(process, Participant) and process.state in (State.COMMIT, State.ABORT) and process.lock:
            return f"{address} decided to {process.state.value}, but {process.lock} still holds its resource"
    return None


def _participants(view: View) -> dict[str, Participant]:
    processes = view.cast.processes
    return {address: process for address, process in processes.items() if isinstance(process, Participant)}


INVARIANTS = (agreement, stability, unanimity, non_triviality, release)
