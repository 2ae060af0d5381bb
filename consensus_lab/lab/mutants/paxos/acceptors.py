"""Acceptors that promise or accept as they should not."""

from __future__ import annotations

from consensus_lab.kernel import Context
from consensus_lab.protocols.paxos.acceptor import Acceptor
from consensus_lab.protocols.paxos.foresight import Answer, ForesightedAcceptor
from consensus_lab.protocols.paxos.messages import Accept, Accepted, Prepare, Promise

# -- the acceptor promises --------------------------------------------------------------------------------------------


class ForgetPromise(Acceptor):
    def promise(self, prepare: Prepare, ctx: Context) -> None:
        if prepare.ballot > self.promised:
            ctx.reply(Promise(prepare.ballot, self.accepted))
            self.restore(prepare)


class PromiseBeforeTheDisk(Acceptor):
    def promise(self, prepare: Prepare, ctx: Context) -> None:
        if prepare.ballot > self.promised:
            ctx.reply(Promise(prepare.ballot, self.accepted))
            ctx.force(prepare)
            self.restore(prepare)


class PromiseEveryone(Acceptor):
    def promise(self, prepare: Prepare, ctx: Context) -> None:
        ctx.force(prepare)
        ctx.reply(Promise(prepare.ballot, self.accepted))
        self.restore(prepare)


class KeepTheVoteSecret(Acceptor):
    def promise(self, prepare: Prepare, ctx: Context) -> None:
        if prepare.ballot > self.promised:
            ctx.force(prepare)
            ctx.reply(Promise(prepare.ballot, None))
            self.restore(prepare)


class PromiseOnlyOnce(Acceptor):
    def promise(self, prepare: Prepare, ctx: Context) -> None:
        if not self.promised.number:
            super().promise(prepare, ctx)


# -- the acceptor accepts ---------------------------------------------------------------------------------------------


class NoPromiseCheck(Acceptor):
    def accept(self, accept: Accept, ctx: Context) -> None:
        ctx.force(accept)
        ctx.broadcast(self.learners, Accepted(accept.ballot, accept.value))
        self.restore(accept)


class ForgetAccepted(Acceptor):
    def accept(self, accept: Accept, ctx: Context) -> None:
        if accept.ballot >= self.promised:
            ctx.broadcast(self.learners, Accepted(accept.ballot, accept.value))
            self.restore(accept)


class AcceptBeforeTheDisk(Acceptor):
    def accept(self, accept: Accept, ctx: Context) -> None:
        if accept.ballot >= self.promised:
            ctx.broadcast(self.learners, Accepted(accept.ballot, accept.value))
            ctx.force(accept)
            self.restore(accept)


class AcceptOnlyAbove(Acceptor):
    """The picky one: without P1 nothing is ever chosen."""

    def accept(self, accept: Accept, ctx: Context) -> None:
        if accept.ballot > self.promised:
            super().accept(accept, ctx)


class VoteOnlyOnce(Acceptor):
    def accept(self, accept: Accept, ctx: Context) -> None:
        if self.accepted is None:
            super().accept(accept, ctx)


# -- somebody foresees what an acceptor will answer -------------------------------------------------------------------


class ForeseeAPromiseForEveryone(ForesightedAcceptor):
    def foresee(self, request: Prepare | Accept) -> Answer:
        return Promise(request.ballot, self.accepted) if isinstance(request, Prepare) else super().foresee(request)


class ForeseeNoVoteInAPromise(ForesightedAcceptor):
    def foresee(self, request: Prepare | Accept) -> Answer:
        told = super().foresee(request)
        return Promise(told.ballot, None) if isinstance(told, Promise) else told


class ForeseeRefusalOfThePromisedBallot(ForesightedAcceptor):
    def foresee(self, request: Prepare | Accept) -> Answer:
        if isinstance(request, Accept) and request.ballot == self.promised:
            return None
        return super().foresee(request)


class ForeseeAVoteForEveryProposal(ForesightedAcceptor):
    def foresee(self, request: Prepare | Accept) -> Answer:
        return Accepted(request.ballot, request.value) if isinstance(request, Accept) else super().foresee(request)
