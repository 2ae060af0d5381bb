"""The distinguished proposer: all leave the proposing to one, and take over when they hear nothing from it for a while.

Lamport, Paxos Made Simple (2001), section 2.4: progress needs a single proposer, and electing one needs "either
randomness or real time". Here it is both: a time-out, drawn from a range. Two who take themselves for it do no harm.
"""

from __future__ import annotations

from dataclasses import dataclass

from consensus_lab.kernel import Address, Context, upon
from consensus_lab.protocols.paxos.messages import Overdue, Propose, State
from consensus_lab.protocols.paxos.proposer import Proposer

DEFERENCE = (2.0, 4.0)  # seconds in which the distinguished proposer should have come to an end


@dataclass(kw_only=True)
class DistinguishedProposer(Proposer):
    """A proposer that knows its place: the first of `proposers` proposes, the others hand their clients' wishes on."""

    proposers: tuple[Address, ...]

    def propose(self, propose: Propose, ctx: Context) -> None:
        """One at a time keeps out of its own way."""
        if ctx.me == self.proposers[0]:
            super().propose(propose, ctx)
        else:
            self.defer(propose, ctx)

    def defer(self, propose: Propose, ctx: Context) -> None:
        """Its answer will come back as Decided, and go on to the client."""
        self.take_note(propose, ctx)
        self.state = State.DEFERRING
        ctx.send(self.proposers[0], propose)
        ctx.set_timer(Overdue(), *DEFERENCE)

    @upon(Overdue, when=State.DEFERRING)
    def take_over(self, overdue: Overdue, ctx: Context) -> None:
        """The distinguished proposer is down or slow, and nobody can tell which."""
        self.prepare(ctx)

    @upon(Propose, when=(State.DEFERRING, State.PREPARING, State.PROPOSING))
    def take_note(self, propose: Propose, ctx: Context) -> None:
        """Also while deferring."""
        super().take_note(propose, ctx)
