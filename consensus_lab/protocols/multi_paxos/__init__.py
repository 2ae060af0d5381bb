"""Multi-Paxos: servers agree on a log, slot after slot, and each makes the same key-value store of it.

Lamport, Paxos Made Simple (2001), section 3; Chandra, Griesemer and Redstone, Paxos Made Live (2007); van Renesse and
Altinbuken, Paxos Made Moderately Complex (2015). Read `messages`, then `log`, `acceptor`, `replica` and `leader`;
`server` makes one of them, and `client` asks it. `read_index` and `lease` are two ways to read without a slot.
"""

from consensus_lab.protocols.multi_paxos import messages
from consensus_lab.protocols.multi_paxos.cast import READS, STEADY, cast, one_more, one_more_cost, some_commands
from consensus_lab.protocols.multi_paxos.costs import command_cost, pipelined_command_cost, read_cost
from consensus_lab.protocols.multi_paxos.invariants import INVARIANTS

__all__ = [
    "INVARIANTS",
    "READS",
    "STEADY",
    "cast",
    "command_cost",
    "messages",
    "one_more",
    "one_more_cost",
    "pipelined_command_cost",
    "read_cost",
    "some_commands",
]
