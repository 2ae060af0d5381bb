"""Learners that cannot count."""

from __future__ import annotations

from consensus_lab.kernel import Context
from consensus_lab.protocols.paxos.learner import Learner
from consensus_lab.protocols.paxos.messages import Accepted, Decided


class SmallQuorum(Learner):
    def count_vote(self, accepted: Accepted, ctx: Context) -> None:
        self.votes[accepted] = self.votes.get(accepted, frozenset()) | {ctx.sender}
        if len(self.votes[accepted]) == len(self.accept_quorum.members) // 2:
            self.learn(accepted.value, ctx)
            self.tell(accepted.ballot, Decided(accepted.value), ctx)


class LearnAtOnce(Learner):
    def count_vote(self, accepted: Accepted, ctx: Context) -> None:
        self.learn(accepted.value, ctx)
        self.tell(accepted.ballot, Decided(accepted.value), ctx)


class CountMessages(Learner):
    def count_vote(self, accepted: Accepted, ctx: Context) -> None:
        heard = self.votes.get(accepted, frozenset())
        self.votes[accepted] = heard | {f"{ctx.sender}, message {len(heard)}"}
        if len(self.votes[accepted]) == len(self.accept_quorum.members) // 2 + 1:
            self.learn(accepted.value, ctx)
            self.tell(accepted.ballot, Decided(accepted.value), ctx)


class MixBallots(Learner):
    def count_vote(self, accepted: Accepted, ctx: Context) -> None:
        self.votes[accepted] = self.votes.get(accepted, frozenset()) | {ctx.sender}
        voters = frozenset().union(*(v for a, v in self.votes.items() if a.value == accepted.value))
        if self.accept_quorum.reached(voters):
            self.learn(accepted.value, ctx)
            self.tell(accepted.ballot, Decided(accepted.value), ctx)
