"""The acceptor: the memory of Paxos. It keeps one promise and one vote, and says neither before its disk holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from consensus_lab.kernel import Address, Context, Process, upon
from consensus_lab.protocols.paxos.messages import BOTTOM, Accept, Accepted, Ballot, Nack, Prepare, Promise


@dataclass(kw_only=True)
class Acceptor(Process):
    """Paxos, an acceptor. Lamport, Paxos Made Simple (2001), section 2.2, phases 1(b) and 2(b)."""

    role: ClassVar[str] = "acceptor"

    learners: frozenset[Address]  # whom it tells of its votes
    nacks: bool  # whether a refusal is said aloud
    promised: Ballot = BOTTOM  # it takes part in no ballot below this one
    accepted: Accept | None = None  # its latest vote

    @upon(Prepare)
    def promise(self, prepare: Prepare, ctx: Context) -> None:
        """Phase 1b: promise, once a ballot, to refuse every one below, and tell the vote already cast."""
        if prepare.ballot > self.promised:
            ctx.force(prepare)  # a promise forgotten in a crash would be broken after it
            ctx.reply(Promise(prepare.ballot, self.accepted))
            self.restore(prepare)
        else:
            self.refuse(prepare.ballot, ctx)

    @upon(Accept)
    def accept(self, accept: Accept, ctx: Context) -> None:
        """Phase 2b: accept, unless a higher ballot was promised (P1a)."""
        if accept.ballot >= self.promised:
            ctx.force(accept)  # a vote counts for ever, so it must be told to every later ballot
            ctx.broadcast(self.learners, Accepted(accept.ballot, accept.value))
            self.restore(accept)
        else:
            self.refuse(accept.ballot, ctx)

    def refuse(self, ballot: Ballot, ctx: Context) -> None:
        """Ignoring is enough. A nack saves the proposer time (Lamport 2001, end of section 2.5)."""
        if self.nacks and ballot < self.promised:
            ctx.reply(Nack(ballot, self.promised))

    def restore(self, record: Any) -> None:
        """Replay the journal: promises rise from record to record, and accepting is a promise too."""
        if not isinstance(record, Prepare | Accept):
            super().restore(record)
            return
        self.promised = record.ballot
        if isinstance(record, Accept):
            self.accepted = record
