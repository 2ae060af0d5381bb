"""The games of the lessons' adversary exercises: which cast, within which bound, and which claim is to fall.

It refuses to know how they are won: that is searched for.
"""

from __future__ import annotations

from consensus_lab.check import explore
from consensus_lab.check.claims import Always, Quiescent
from consensus_lab.kernel import View, invariant
from consensus_lab.lab.mutants.paxos.acceptors import NoPromiseCheck
from consensus_lab.lab.mutants.paxos.proposers import OwnValue
from consensus_lab.lab.mutants.two_phase_commit import CountsMessagesInsteadOfVoters
from consensus_lab.lab.schedules import Game
from consensus_lab.protocols import commitment, paxos, two_phase_commit
from consensus_lab.protocols.paxos.invariants import agreement
from consensus_lab.protocols.two_phase_commit.messages import State


@invariant("FREE", "no participant that is up waits for a verdict")
def everyone_is_free(view: View) -> str | None:
    """Whoever has said yes is not free before it hears."""
    processes = view.processes.items()
    waiting = [address for address, process in processes if process.state is State.READY]
    return f"{waiting[0]} has said yes, and waits" if waiting else None


TWO_PHASE_COMMIT = (
    Game("block two-phase commit", explore(two_phase_commit.cast(2), crashes=1), Quiescent((everyone_is_free,))),
    Game(
        "split a coordinator that counts messages instead of voters",
        explore(two_phase_commit.cast(2, coordinator=CountsMessagesInsteadOfVoters), duplicates=1, timeouts=1),
        Always((commitment.agreement,)),
    ),
)
PAXOS = (
    Game(
        "two values by acceptors that accept in spite of a promise",
        explore(paxos.cast(2, 3, 1, acceptor=NoPromiseCheck), timeouts=0),
        Always((agreement,)),
    ),
    Game(
        "two values by proposers that do not listen to votes",
        explore(paxos.cast(2, 3, 1, proposer=OwnValue), timeouts=0),
        Always((agreement,)),
    ),
)
