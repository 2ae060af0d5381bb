"""The eager proposer: refused, it tries a higher ballot at once. Two of them can be in each other's way for ever.

Lamport, Paxos Made Simple (2001), section 2.4: of two proposers each undoes what the other began, without end.
"""

from __future__ import annotations

from dataclasses import dataclass

from consensus_lab.kernel import Context
from consensus_lab.protocols.paxos.messages import Nack
from consensus_lab.protocols.paxos.proposer import PATIENCE, Proposer


@dataclass(kw_only=True)
class EagerProposer(Proposer):
    """A proposer without any back-off: as safe as every other, and it may never come to an end."""

    def heed(self, nack: Nack, ctx: Context) -> None:
        """A nack for the present ballot is answered by a higher one."""
        super().heed(nack, ctx)
        if nack.ballot == self.ballot:
            self.prepare(ctx)

    def patience(self) -> tuple[float, float]:
        """Always the same: no dice, and no more of it the second time."""
        return PATIENCE, PATIENCE
