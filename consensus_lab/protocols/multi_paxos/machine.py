"""The replicated machine: a key-value store and, beside it, the client table, by which a request takes effect once.

A client asks for one thing at a time and numbers what it asks for, so its last reply is enough to tell. The table is
part of the state: made by the log alone, equal on all replicas, and in every snapshot. Liskov and Cowling, Viewstamped
Replication Revisited (2012), section 4, where it has this name. A machine refuses to know how its log is agreed upon.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from consensus_lab.kernel import Address, Process
from consensus_lab.protocols.multi_paxos.key_value import Store, execute
from consensus_lab.protocols.multi_paxos.messages import Reply, Request, Snapshot


@dataclass(kw_only=True)
class Machine(Process):
    """The state after some slot. Lamport, Paxos Made Simple (2001), section 3."""

    applied: int = 0  # all slots up to this one; in Paxos Made Moderately Complex: slot_out - 1
    store: Store = field(default_factory=dict)
    client_table: dict[Address, Reply] = field(default_factory=dict)  # the last reply to each client

    def perform(self, request: Request) -> Reply:
        """Let a request take effect in the slot just reached, unless it has already; return what is to be replied."""
        if not self.is_done(request):
            result = execute(self.store, request.operation)
            self.client_table[request.client] = Reply(request.client, request.number, result, self.applied)
        return self.client_table[request.client]

    def is_done(self, request: Request) -> bool:
        """Whether this request, or a later one of its client, has taken effect."""
        last = self.client_table.get(request.client)
        return last is not None and last.number >= request.number

    def make_snapshot(self) -> Snapshot:
        """All that a machine needs to go on from here."""
        replies = tuple(self.client_table[client] for client in sorted(self.client_table))
        return Snapshot(self.applied, tuple(sorted(self.store.items())), replies)

    def adopt(self, snapshot: Snapshot) -> None:
        """Go on from there."""
        self.applied = snapshot.slot
        self.store = dict(snapshot.store)
        self.client_table = {reply.client: reply for reply in snapshot.replies}
