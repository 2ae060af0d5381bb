"""What three-phase commit promises: atomic commitment, and that nobody who is left uncertain need wait.

NB is the nonblocking rule of Bernstein, Hadzilacos and Goodman (1987), section 7.5: because nobody commits while
anyone is uncertain, a group of uncertain survivors may abort. All of it is promised for crashes only: where messages
are lost or a network splits, NB falls first, and AC1 after it.
"""

from __future__ import annotations

from consensus_lab.kernel import View, invariant
from consensus_lab.kernel.notation import render
from consensus_lab.protocols import commitment
from consensus_lab.protocols.three_phase_commit.coordinator import Coordinator
from consensus_lab.protocols.three_phase_commit.messages import Commit, State
from consensus_lab.protocols.three_phase_commit.participant import Participant


@invariant("NB", "nobody has committed while anyone who is up is uncertain")
def nonblocking(view: View) -> str | None:
    """Uncertain: it voted yes, and has not heard that all did. One that has crashed since is not among those left."""
    committed = next((decision for decision in view.decisions if isinstance(decision.value, Commit)), None)
    if committed is None:
        return None
    for address, process in view.processes.items():
        if isinstance(process, Participant) and process.state is State.READY:
            return f"{committed.node} decided {render(committed.value)} while {address} was uncertain"
    return None


INVARIANTS = (*commitment.INVARIANTS, nonblocking)


@invariant("AC5", "once failures are mended, every participant decides, unless everyone has crashed")
def termination(view: View) -> str | None:
    """A claim about the end. Whoever crashed must ask; when everyone must, nobody can tell who was the last to fail."""
    states = {process.state for process in view.processes.values() if isinstance(process, Participant | Coordinator)}
    return None if states == {State.RECOVERING} else commitment.termination.check(view)


EVENTUALLY = (termination,)
