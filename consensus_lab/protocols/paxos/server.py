"""A server: proposer, acceptor and learner in one process, as Paxos is usually run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, cast

from consensus_lab.kernel import Context, upon
from consensus_lab.protocols.paxos.acceptor import Acceptor
from consensus_lab.protocols.paxos.learner import LEARN_WITHIN, Learner
from consensus_lab.protocols.paxos.messages import Ballot, Decided, NothingLearned, State
from consensus_lab.protocols.paxos.proposer import Proposer


@dataclass(kw_only=True)
class Server(Proposer, Acceptor, Learner):
    """All three roles. Lamport, Paxos Made Simple (2001), section 2.5: "each process plays the role of" all of them.

    What one of its roles says to another travels like any message, to itself; what one knows, the others know at once.
    """

    role: ClassVar[str] = "server"

    def next_ballot(self, ctx: Context) -> Ballot:
        """It knows what it has promised to others."""
        self.seen = max(self.seen, self.promised)
        return super().next_ballot(ctx)

    def tell(self, ballot: Ballot, decided: Decided, ctx: Context) -> None:
        """Its proposer need not be told by message, and the others' proposers learn with their learners."""
        ctx.broadcast(self.audience, decided)
        Proposer.be_told(self, decided, ctx)

    @upon(Decided)
    def be_told(self, decided: Decided, ctx: Context) -> None:
        """The learner learns, and the proposer rests."""
        Learner.be_told(self, decided, ctx)
        Proposer.be_told(self, decided, ctx)

    @upon(NothingLearned)
    def inquire(self, overdue: NothingLearned, ctx: Context) -> None:
        """It has a proposer of its own to find out."""
        ctx.set_timer(NothingLearned(), *LEARN_WITHIN)
        if self.state is State.IDLE:
            self.prepare(ctx)


def server_of(*kinds: type[Proposer | Acceptor | Learner]) -> type[Server]:
    """A server that plays roles of these kinds: a rule overridden in one of them is overridden in the server."""
    return _composed(tuple(kind for kind in kinds if kind not in Server.__bases__))


@cache
def _composed(own: tuple[Any, ...]) -> type[Server]:
    return cast(type[Server], dataclass(kw_only=True)(type("Server", (Server, *own), {}))) if own else Server
