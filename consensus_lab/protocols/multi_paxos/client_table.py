"""The client table: the last reply to each client, by which a request that comes twice takes effect once.

A client asks for one thing at a time and numbers what it asks for, so its last reply is enough. The table is part of
the replicated state: made by the log alone, equal on all replicas, and in every snapshot. Liskov and Cowling,
Viewstamped Replication Revisited (2012), section 4, where it has this name.
"""

from __future__ import annotations

from collections.abc import Mapping

from consensus_lab.kernel import Address
from consensus_lab.protocols.multi_paxos.key_value import Store, execute
from consensus_lab.protocols.multi_paxos.messages import Reply, Request

ClientTable = dict[Address, Reply]


def is_done(table: Mapping[Address, Reply], request: Request) -> bool:
    """Whether this request, or a later one of its client, has taken effect."""
    last = table.get(request.client)
    return last is not None and last.number >= request.number


def execute_once(store: Store, table: ClientTable, request: Request, slot: int) -> Reply:
    """Let a request take effect in this slot, unless it has already; return what is to be replied."""
    if not is_done(table, request):
        result = execute(store, request.operation)
        table[request.client] = Reply(request.client, request.number, result, slot)
    return table[request.client]
