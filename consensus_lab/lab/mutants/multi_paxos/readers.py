"""Leaders that read too early, and servers that grant a lease without meaning it."""

from __future__ import annotations

from consensus_lab.kernel import Context, Recovered
from consensus_lab.protocols.multi_paxos.lease import LeaseServer
from consensus_lab.protocols.multi_paxos.messages import Request
from consensus_lab.protocols.multi_paxos.read_index import ReadIndexServer, Reading
from consensus_lab.protocols.multi_paxos.server import Server

# -- by read index ----------------------------------------------------------------------------------------------------


class AnswersFromItsStore(ReadIndexServer):
    def read(self, request: Request, ctx: Context) -> None:
        self.answer_read(request, ctx.sender, ctx)


class ForgetsEarlierLeaders(ReadIndexServer):
    def read(self, request: Request, ctx: Context) -> None:
        self.begin_round(ctx)
        self.reads[request] = Reading(ctx.sender, self.round, self.applied)
        self.answer_reads(ctx)


class ReliesOnAnOldRound(ReadIndexServer):
    def read(self, request: Request, ctx: Context) -> None:
        if not self.round:
            self.begin_round(ctx)
        self.reads[request] = Reading(ctx.sender, self.round, max(self.applied, self.recovered))
        self.answer_reads(ctx)


# -- by lease ---------------------------------------------------------------------------------------------------------


class GrantsNothing(LeaseServer):
    def grant(self, ctx: Context) -> None:
        pass


class ForgetsItsGrantInACrash(LeaseServer):
    def begin_again(self, recovered: Recovered, ctx: Context) -> None:
        Server.begin_again(self, recovered, ctx)
