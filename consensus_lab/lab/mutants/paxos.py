"""Wrong answers to Paxos: each a rule that somebody has written so, and the story in which it shows."""

from __future__ import annotations

from typing import Any

from consensus_lab.kernel import Context
from consensus_lab.lab.mutants import Mutant
from consensus_lab.protocols.paxos.acceptor import Acceptor
from consensus_lab.protocols.paxos.learner import Learner
from consensus_lab.protocols.paxos.messages import Accept, Accepted, Ballot, Decided, Prepare, Promise, Round, State
from consensus_lab.protocols.paxos.proposer import Proposer

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


# -- the proposer chooses a value -------------------------------------------------------------------------------------


class OwnValue(Proposer):
    def choose_value(self) -> Any:
        return self.value


class FirstNotHighest(Proposer):
    def choose_value(self) -> Any:
        told = [vote for vote in self.promises.values() if vote is not None]
        return min(told, key=lambda vote: vote.ballot).value if told else self.value


class MostFrequentValue(Proposer):
    def choose_value(self) -> Any:
        told = sorted(vote.value for vote in self.promises.values() if vote is not None)
        return max(told, key=told.count) if told else self.value


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


class OldPromises(Proposer):
    def count_promise(self, promise: Promise, ctx: Context) -> None:
        self.promises[ctx.sender] = promise.accepted
        if self.promise_quorum.reached(self.promises):
            self.ask_acceptance(ctx)


# -- the proposer takes a ballot --------------------------------------------------------------------------------------


class BallotReuse(Proposer):
    def next_ballot(self, ctx: Context) -> Ballot:
        return max(self.ballot, self.seen).next(ctx.me)


class SharedBallot(Proposer):
    """Two proposers may take the same ballot. Equivalent: no acceptor promises one ballot twice."""

    def next_ballot(self, ctx: Context) -> Ballot:
        ballot = max(self.ballot, self.seen).next("anyone")
        ctx.force(Round(ballot))
        return ballot


# -- the learner counts votes -----------------------------------------------------------------------------------------


class SmallQuorum(Learner):
    def count_vote(self, accepted: Accepted, ctx: Context) -> None:
        self.votes[accepted] = self.votes.get(accepted, frozenset()) | {ctx.sender}
        if len(self.votes[accepted]) == len(self.accept_quorum.members) // 2:
            self.learn(accepted.value, ctx)
            self.tell(accepted.ballot, Decided(accepted.value), ctx)


class MixBallots(Learner):
    def count_vote(self, accepted: Accepted, ctx: Context) -> None:
        self.votes[accepted] = self.votes.get(accepted, frozenset()) | {ctx.sender}
        voters = frozenset().union(*(v for a, v in self.votes.items() if a.value == accepted.value))
        if self.accept_quorum.reached(voters):
            self.learn(accepted.value, ctx)
            self.tell(accepted.ballot, Decided(accepted.value), ctx)
