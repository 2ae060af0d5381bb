"""Fast leader election: the servers of an ensemble agree on whom to follow, and choose one that knows enough.

As Apache ZooKeeper runs it; Reed and Junqueira (2008), section 4.1. Read `messages`, then `elector`, the election
itself, and `peer`, a server around it; the later ZAB puts its own server around the same `Elector`.
"""

from consensus_lab.protocols.election import messages
from consensus_lab.protocols.election.cast import cast
from consensus_lab.protocols.election.costs import best_cost, worst_cost
from consensus_lab.protocols.election.invariants import INVARIANTS, everyone_agrees

__all__ = ["INVARIANTS", "best_cost", "cast", "everyone_agrees", "messages", "worst_cost"]
