"""ZAB: a primary's changes of state are broadcast in its order, and survive it. As Apache ZooKeeper 3.9 runs it.

Junqueira, Reed and Serafini (2011). Read `messages`, then `leader`, `primary`, `learner`, `follower`, phase by phase;
`peer` puts an election (`consensus_lab.protocols.election`) and the roles together. `learner_handler` says how a
learner is brought up to date, `history` from what, and `application` what all of it is for.
"""

from consensus_lab.protocols.zab import messages
from consensus_lab.protocols.zab.cast import cast
from consensus_lab.protocols.zab.costs import epoch_cost, write_cost
from consensus_lab.protocols.zab.invariants import INVARIANTS

__all__ = ["INVARIANTS", "cast", "epoch_cost", "messages", "write_cost"]
