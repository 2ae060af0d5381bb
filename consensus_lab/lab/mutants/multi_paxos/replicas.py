"""Replicas that learn, apply and keep what they should not, or not so; and a client that forgets its numbers."""

from __future__ import annotations

from consensus_lab.kernel import Context
from consensus_lab.protocols.multi_paxos.client import Client
from consensus_lab.protocols.multi_paxos.key_value import execute
from consensus_lab.protocols.multi_paxos.messages import NOOP, Accept, Commit, Invoked, Reply, Request, Snapshot
from consensus_lab.protocols.multi_paxos.server import Server

# -- learning ---------------------------------------------------------------------------------------------------------


class IgnoresBallots(Server):
    def learn_own_votes(self, news: Commit | Accept, ctx: Context) -> None:
        for slot in range(self.applied + 1, news.committed + 1):
            if slot in self.votes:
                self.decisions[slot] = self.votes[slot].command
        self.apply_decisions(ctx)


class RunsAheadOfItsEntries(Server):
    def learn_own_votes(self, news: Commit | Accept, ctx: Context) -> None:
        super().learn_own_votes(news, ctx)
        for slot in range(self.applied + 1, news.committed + 1):
            self.decisions.setdefault(slot, NOOP)
        self.apply_decisions(ctx)


class TakesVotesForDecisions(Server):
    def learn_own_votes(self, news: Commit | Accept, ctx: Context) -> None:
        for slot, vote in self.votes.items():
            if slot > self.applied and vote.ballot == news.ballot:
                self.decisions[slot] = vote.command
        self.apply_decisions(ctx)


# -- applying ---------------------------------------------------------------------------------------------------------


class AppliesWhatItHas(Server):
    def apply_decisions(self, ctx: Context) -> None:
        for slot in sorted(self.decisions):
            if slot > self.applied:
                self.apply(self.decisions[slot], ctx)


class SkipsTheHole(Server):
    def apply_decisions(self, ctx: Context) -> None:
        for slot in sorted(self.decisions):
            if slot > self.applied:
                self.applied = slot - 1
                self.apply(self.decisions[slot], ctx)


class AppliesOneAtATime(Server):
    def apply_decisions(self, ctx: Context) -> None:
        if self.applied + 1 in self.decisions:
            self.apply(self.decisions[self.applied + 1], ctx)


class PerformsAgain(Server):
    def perform(self, request: Request) -> Reply:
        result = execute(self.store, request.operation)
        self.client_table[request.client] = Reply(request.client, request.number, result, self.applied)
        return self.client_table[request.client]


class OneNumberForAllClients(Server):
    def perform(self, request: Request) -> Reply:
        if any(last.number >= request.number for last in self.client_table.values()):
            return next(last for last in self.client_table.values() if last.number >= request.number)
        return super().perform(request)


class KeepsNoResult(Server):
    def perform(self, request: Request) -> Reply:
        if self.is_done(request):
            return self.client_table[request.client]
        reply = super().perform(request)
        self.client_table[request.client] = Reply(request.client, request.number, None, self.applied)
        return reply


# -- snapshots --------------------------------------------------------------------------------------------------------


class LeavesTheTableOut(Server):
    def make_snapshot(self) -> Snapshot:
        return Snapshot(self.applied, tuple(sorted(self.store.items())), ())


class LeavesTheStoreOut(Server):
    def make_snapshot(self) -> Snapshot:
        return Snapshot(self.applied, (), super().make_snapshot().replies)


class NamesTheNextSlot(Server):
    def make_snapshot(self) -> Snapshot:
        made = super().make_snapshot()
        return Snapshot(made.slot + 1, made.store, made.replies)


# -- the client -------------------------------------------------------------------------------------------------------


class ForgetsItsNumbers(Client):
    def invoke(self, ctx: Context) -> None:
        operation, *later = self.calls
        self.calls = tuple(later)
        self.request = Request(ctx.me, self.number + 1, operation)
        self.restore(self.request)
        ctx.decide(Invoked(self.request))
        self.ask(ctx)
