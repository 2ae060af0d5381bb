"""Reads by read index: the leader asks a quorum whether it still leads, and then answers from its own store.

Ongaro, Consensus: Bridging Theory and Practice (2014), section 6.4. It takes no slot and no disk. A leader that does
not know yet that it is deposed may hold an old store; but whoever elected the other leader has promised a higher
ballot, and will not confirm it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from consensus_lab.kernel import Address, Context, upon
from consensus_lab.protocols.multi_paxos.key_value import Get, execute
from consensus_lab.protocols.multi_paxos.messages import Confirm, Confirmed, Reply, Request, State
from consensus_lab.protocols.multi_paxos.server import Server


class Reading(NamedTuple):
    """A read that waits: for whom, until which round is confirmed, and until which slot is applied."""

    client: Address
    round: int
    slot: int


@dataclass(kw_only=True)
class ReadIndexServer(Server):
    """A server whose reads cost a message round to a quorum, and nothing on any disk."""

    round: int = 0  # rounds begun
    heard: dict[Address, int] = field(default_factory=dict)  # by server: the latest round in which it confirmed
    reads: dict[Request, Reading] = field(default_factory=dict)

    @upon(Request, when=State.LEADING)
    def serve(self, request: Request, ctx: Context) -> None:
        """Only what changes the store needs a slot."""
        if isinstance(request.operation, Get):
            self.read(request, ctx)
        else:
            super().serve(request, ctx)

    def read(self, request: Request, ctx: Context) -> None:
        """Wait until a quorum confirms, and until all is applied that may have been answered before.

        That is what is applied now, and what earlier leaders may have had chosen.
        """
        self.begin_round(ctx)
        self.reads[request] = Reading(ctx.sender, self.round, max(self.applied, self.recovered))
        self.answer_reads(ctx)

    def begin_round(self, ctx: Context) -> None:
        """Ask everyone. What was promised, each says for itself."""
        self.round += 1
        self.heard[ctx.me] = self.round
        ctx.broadcast(self.others(ctx), Confirm(self.ballot, self.round))

    @upon(Confirm)
    def confirm(self, confirm: Confirm, ctx: Context) -> None:
        """As far as this server knows, nobody else may lead."""
        if confirm.ballot >= self.promised:
            ctx.reply(Confirmed(confirm.ballot, confirm.round))
        else:
            self.refuse(confirm.ballot, ctx)

    @upon(Confirmed, when=State.LEADING)
    def count_confirmation(self, confirmed: Confirmed, ctx: Context) -> None:
        """Whoever confirms a round confirms all before it."""
        if confirmed.ballot == self.ballot:
            self.heard[ctx.sender] = max(self.heard.get(ctx.sender, 0), confirmed.round)
            self.answer_reads(ctx)

    def is_confirmed(self, round: int) -> bool:
        """Whether a quorum has confirmed this round or a later one."""
        return self.quorum.reached(server for server, latest in self.heard.items() if latest >= round)

    def apply_decisions(self, ctx: Context) -> None:
        """A read may have waited for this."""
        super().apply_decisions(ctx)
        self.answer_reads(ctx)

    def answer_reads(self, ctx: Context) -> None:
        """Every read whose time has come, from the store as it is now."""
        for request, reading in list(self.reads.items()):
            if reading.slot <= self.applied and self.is_confirmed(reading.round):
                del self.reads[request]
                self.answer_read(request, reading.client, ctx)

    def answer_read(self, request: Request, client: Address, ctx: Context) -> None:
        result = execute(self.store, request.operation)
        ctx.send(client, Reply(request.client, request.number, result, self.applied))

    def step_down(self, ctx: Context) -> None:
        """Its readers will ask again, too."""
        super().step_down(ctx)
        self.reads, self.heard = {}, {}
