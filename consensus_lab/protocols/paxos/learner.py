"""The learner: finds out which value is chosen, from the acceptors themselves or from a learner who did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from consensus_lab.kernel import Address, Context, Process, Recovered, Start, upon
from consensus_lab.kernel.quorum import Quorum
from consensus_lab.protocols.paxos.messages import Accepted, Ballot, Decided, Inquire, NothingLearned

LEARN_WITHIN = (4.0, 8.0)  # seconds before it asks, each time


@dataclass(kw_only=True)
class Learner(Process):
    """Paxos, a learner. Lamport, Paxos Made Simple (2001), section 2.3.

    The three ways to learn differ only in whom acceptors tell, and in a distinguished learner's `audience`.
    """

    role: ClassVar[str] = "learner"

    accept_quorum: Quorum  # whose votes for one ballot choose its value
    audience: frozenset[Address]  # learners who depend on this one's word
    proposers: tuple[Address, ...]  # whom it may ask
    votes: dict[Accepted, frozenset[Address]] = field(default_factory=dict)  # by proposal: the acceptors heard of
    chosen: Any = None
    next: int = 0  # whom of the proposers it asks next

    @upon(Accepted)
    def count_vote(self, accepted: Accepted, ctx: Context) -> None:
        """A value is chosen when a quorum has accepted it in one and the same ballot."""
        before = self.votes.get(accepted, frozenset())
        self.votes[accepted] = before | {ctx.sender}
        if self.accept_quorum.reached(self.votes[accepted]) and not self.accept_quorum.reached(before):
            self.learn(accepted.value, ctx)
            self.tell(accepted.ballot, Decided(accepted.value), ctx)

    def learn(self, value: Any, ctx: Context) -> None:
        """The end of the story, for this learner."""
        if self.chosen is None:
            self.chosen = value
            ctx.cancel_timer(NothingLearned())
            ctx.decide(value)

    def tell(self, ballot: Ballot, decided: Decided, ctx: Context) -> None:
        """Those who depend on it, and the proposer of this ballot, who can stop and answer its client."""
        ctx.broadcast(self.audience | {ballot.proposer}, decided)

    @upon(Decided)
    def be_told(self, decided: Decided, ctx: Context) -> None:
        """A distinguished learner, or a proposer, knows."""
        self.learn(decided.value, ctx)

    # -- in the dark --------------------------------------------------------------------------------------------------

    @upon(Start)
    @upon(Recovered)
    def wait(self, began: Start | Recovered, ctx: Context) -> None:
        """What was learned before a crash is not on its disk, but it can be learned again."""
        ctx.set_timer(NothingLearned(), *LEARN_WITHIN)

    @upon(NothingLearned)
    def inquire(self, overdue: NothingLearned, ctx: Context) -> None:
        """A chosen value may be known to nobody. Only a new ballot can tell: have the proposers, in turn, issue one."""
        ctx.send(self.proposers[self.next], Inquire())
        self.next = (self.next + 1) % len(self.proposers)
        ctx.set_timer(NothingLearned(), *LEARN_WITHIN)
