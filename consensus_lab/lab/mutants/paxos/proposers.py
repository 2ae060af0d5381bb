"""Proposers that do not ask, do not listen, or use a ballot twice."""

from __future__ import annotations

from typing import Any

from consensus_lab.kernel import Context
from consensus_lab.protocols.paxos.messages import BOTTOM, Accept, Ballot, Promise, Round
from consensus_lab.protocols.paxos.proposer import Proposer

# -- the proposer chooses a value -------------------------------------------------------------------------------------


class OwnValue(Proposer):
    def choose_value(self, told: list[Accept]) -> Any:
        return self.value


class FirstNotHighest(Proposer):
    def choose_value(self, told: list[Accept]) -> Any:
        return min(told, key=lambda vote: vote.ballot).value if told else self.value


class MostFrequentValue(Proposer):
    def choose_value(self, told: list[Accept]) -> Any:
        values = sorted(vote.value for vote in told)
        return max(values, key=values.count) if values else self.value


# -- the proposer counts promises -------------------------------------------------------------------------------------


class NoPrepare(Proposer):
    """It proposes before it has asked: the answers of phase 1 come too late to bind it."""

    def prepare(self, ctx: Context) -> None:
        super().prepare(ctx)
        self.ask_acceptance(ctx)


class SmallPromiseQuorum(Proposer):
    def count_promise(self, promise: Promise, ctx: Context) -> None:
        if promise.ballot == self.ballot:
            self.promises[ctx.sender] = promise.accepted
            if len(self.promises) >= len(self.promise_quorum.members) // 2:
                self.ask_acceptance(ctx)


# -- the proposer takes a ballot --------------------------------------------------------------------------------------


class BallotReuse(Proposer):
    def next_ballot(self, ctx: Context) -> Ballot:
        return max(self.ballot, self.seen).next(ctx.me)


class AlwaysTheFirst(Proposer):
    def next_ballot(self, ctx: Context) -> Ballot:
        ballot = BOTTOM.next(ctx.me)
        ctx.force(Round(ballot))
        return ballot


class DeafToNacks(Proposer):
    def next_ballot(self, ctx: Context) -> Ballot:
        ballot = self.ballot.next(ctx.me)
        ctx.force(Round(ballot))
        return ballot


class SharedBallot(Proposer):
    """Two proposers may take the same ballot. Equivalent: no acceptor promises one ballot twice."""

    def next_ballot(self, ctx: Context) -> Ballot:
        ballot = max(self.ballot, self.seen).next("p1")
        ctx.force(Round(ballot))
        return ballot
