"""Single-decree Paxos: proposers, acceptors and learners choose one value, whatever crashes and whatever is lost.

Lamport, The Part-Time Parliament (1998) and Paxos Made Simple (2001). Read `messages`, then `acceptor`, `proposer` and
`learner`; `server` plays all three at once. `eager` and `distinguished` are two other ways to retry, `ledger` and
`invariants` say what is chosen, and why it cannot be two things.
"""

from consensus_lab.protocols.paxos import messages
from consensus_lab.protocols.paxos.cast import LEARNING, RETRY, cast, one_decision, one_decision_cost
from consensus_lab.protocols.paxos.costs import decision_cost, server_cost
from consensus_lab.protocols.paxos.invariants import INVARIANTS

__all__ = [
    "INVARIANTS",
    "LEARNING",
    "RETRY",
    "cast",
    "decision_cost",
    "messages",
    "one_decision",
    "one_decision_cost",
    "server_cost",
]
