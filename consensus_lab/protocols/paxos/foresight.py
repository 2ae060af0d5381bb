"""An acceptor that says what it will answer before it answers: to check that somebody has understood the rules."""

from __future__ import annotations

from dataclasses import dataclass

from consensus_lab.kernel import Context, Send, message
from consensus_lab.protocols.paxos.acceptor import Acceptor
from consensus_lab.protocols.paxos.messages import Accept, Accepted, Nack, Prepare, Promise

Answer = Promise | Accepted | Nack | None
"""What an acceptor may say to a request; None when it keeps silent."""


@message
class Surprise:
    """It foresaw one answer, and gave another."""

    foreseen: Answer
    answered: Answer


@dataclass(kw_only=True)
class ForesightedAcceptor(Acceptor):
    """An acceptor by the rules of Paxos Made Simple (2001), section 2.2, and beside it a forecast that is compared."""

    surprises: tuple[Surprise, ...] = ()

    def promise(self, prepare: Prepare, ctx: Context) -> None:
        """Phase 1b, foreseen."""
        foreseen = self.foresee(prepare)
        super().promise(prepare, ctx)
        self.compare(foreseen, ctx)

    def accept(self, accept: Accept, ctx: Context) -> None:
        """Phase 2b, foreseen."""
        foreseen = self.foresee(accept)
        super().accept(accept, ctx)
        self.compare(foreseen, ctx)

    def foresee(self, request: Prepare | Accept) -> Answer:
        """Its answer, from what it has promised and accepted so far; silence, when it refuses without nacks."""
        if isinstance(request, Prepare) and request.ballot > self.promised:
            return Promise(request.ballot, self.accepted)
        if isinstance(request, Accept) and request.ballot >= self.promised:
            return Accepted(request.ballot, request.value)
        return Nack(request.ballot, self.promised) if self.nacks and request.ballot < self.promised else None

    def compare(self, foreseen: Answer, ctx: Context) -> None:
        """Keep what came as a surprise."""
        answered = next((effect.message for effect in ctx.effects if isinstance(effect, Send)), None)
        if foreseen != answered:
            self.surprises += (Surprise(foreseen, answered),)
