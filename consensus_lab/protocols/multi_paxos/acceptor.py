"""The acceptor: that of single-decree Paxos, with one promise for all slots and a vote for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from consensus_lab.kernel import Context, upon
from consensus_lab.protocols.multi_paxos.log import Log
from consensus_lab.protocols.multi_paxos.messages import BOTTOM, Accept, Accepted, Ballot, Nack, Prepare, Promise


@dataclass(kw_only=True)
class Acceptor(Log):
    """Multi-Paxos, an acceptor. Lamport, Paxos Made Simple (2001), section 2.2, phases 1(b) and 2(b), and section 3.

    It answers to whoever owns the ballot, which may be itself.
    """

    promised: Ballot = BOTTOM  # it takes part in no ballot below this one, in no slot

    @upon(Prepare)
    def promise(self, prepare: Prepare, ctx: Context) -> None:
        """Phase 1b, once for all slots: promise to refuse every ballot below, and tell all that was accepted."""
        if prepare.ballot > self.promised:
            ctx.force(prepare)  # a promise forgotten in a crash would be broken after it
            ctx.send(prepare.ballot.proposer, self.promise_for(prepare))
            self.restore(prepare)
        else:
            self.refuse(prepare.ballot, ctx)

    def promise_for(self, prepare: Prepare) -> Promise:
        """What it has to tell: votes, and a snapshot in the place of those that it does not hold any more."""
        snapshot = self.snapshot if self.snapshot.slot >= prepare.from_slot else None
        return Promise(prepare.ballot, self.votes_from(prepare.from_slot), snapshot)

    @upon(Accept)
    def accept(self, accept: Accept, ctx: Context) -> None:
        """Phase 2b: accept, unless a higher ballot was promised. What comes twice is written once."""
        if accept.ballot >= self.promised:
            if self.votes.get(accept.slot) != accept:
                ctx.force(accept)  # a vote counts for ever, so it must be told to every later ballot
                self.restore(accept)
            ctx.send(accept.ballot.proposer, Accepted(accept.ballot, accept.slot))
        else:
            self.refuse(accept.ballot, ctx)

    def refuse(self, ballot: Ballot, ctx: Context) -> None:
        """Ignoring would be enough. A nack tells a leader that it is none any more."""
        if ballot < self.promised:
            ctx.reply(Nack(ballot, self.promised))

    def restore(self, record: Any) -> None:
        """Replay the journal: promises rise from record to record, and accepting is a promise too."""
        match record:
            case Prepare():
                self.promised = record.ballot
            case Accept():
                self.promised = record.ballot
                self.votes[record.slot] = record
            case _:
                super().restore(record)
