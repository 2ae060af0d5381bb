"""A server that elects, and then does the least that makes an election worth having: learners swear allegiance.

In place of ZAB. A leader without a quorum of learners gives up, a learner without its leader too, and both look again.
How a loss is noticed is a port: a connection that broke, a word of good-bye, or `LeaderLost` from the surroundings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from consensus_lab.kernel import Address, Context, Disconnected, Recovered, Start, upon
from consensus_lab.protocols.election.elector import Elector
from consensus_lab.protocols.election.messages import (
    NOBODY,
    Closed,
    ConnectTimeout,
    Follow,
    InitLimit,
    LeaderLost,
    State,
    Vote,
    Welcome,
    Zxid,
    address_of,
)

LEARNING = (State.FOLLOWING, State.OBSERVING)
CONNECT_WITHIN = 0.2  # seconds
CONNECT_TRIES = 5
INIT_LIMIT = 10.0  # seconds


@dataclass
class Peer(Elector):
    """A server of an ensemble, up to where ZAB begins. Apache ZooKeeper 3.9, QuorumPeer.

    What its disk holds is configuration here, because an election writes nothing.
    """

    role: ClassVar[str] = "server"

    current_epoch: int = field(kw_only=True)  # the epoch of the leader whose history it last took over
    accepted_epoch: int = field(kw_only=True)  # the latest epoch that a leader has proposed to it; never voted with
    last_zxid: Zxid = field(kw_only=True)
    learners: frozenset[Address] = frozenset()  # of a leader: who follows or observes it, itself included
    established: bool = False  # a leader that once had a quorum of learners; a learner that was welcomed
    tries: int = 0

    def initial_vote(self) -> Vote:
        """For itself; an observer has no vote."""
        voter = address_of(self.sid) in self.quorum.members
        return Vote(self.current_epoch, self.last_zxid, self.sid) if voter else NOBODY

    # -- looking, at first and again -----------------------------------------------------------------------------------

    @upon(Start)
    @upon(Recovered)
    def begin(self, switched_on: Start | Recovered, ctx: Context) -> None:
        """A server that was switched on looks for a leader, whatever it was before."""
        self.look_for_leader(ctx)

    @upon(LeaderLost, when=(State.LEADING, *LEARNING))
    def give_up(self, lost: LeaderLost, ctx: Context) -> None:
        """Say good-bye, and look again."""
        leads = self.state is State.LEADING
        ctx.broadcast(self.learners - {ctx.me} if leads else {str(self.leader)}, Closed())
        if not self.established:
            ctx.cancel_timer(InitLimit() if leads else ConnectTimeout())
        self.learners, self.established, self.tries = frozenset(), False, 0
        self.look_for_leader(ctx)

    # -- after an election ---------------------------------------------------------------------------------------------

    def take_office(self, ctx: Context) -> None:
        """A leader waits for a quorum of learners; a learner calls on its leader."""
        if self.state is State.LEADING:
            ctx.set_timer(InitLimit(), INIT_LIMIT)
            self.enlist(ctx.me, ctx)
        else:
            self.call(ctx)

    def call(self, ctx: Context) -> None:
        """Call on the leader, which may not know yet that it is one, or not be one any more."""
        self.tries += 1
        ctx.send(str(self.leader), Follow())
        ctx.set_timer(ConnectTimeout(), CONNECT_WITHIN)

    @upon(ConnectTimeout, when=LEARNING)
    def call_again(self, overdue: ConnectTimeout, ctx: Context) -> None:
        """Some times; then this leader is none."""
        if self.tries < CONNECT_TRIES:
            self.call(ctx)
        else:
            self.give_up(LeaderLost(), ctx)

    @upon(Follow, when=State.LEADING)
    def welcome(self, follow: Follow, ctx: Context) -> None:
        """One learner more."""
        ctx.reply(Welcome())
        self.enlist(ctx.sender, ctx)

    def enlist(self, learner: Address, ctx: Context) -> None:
        """With a quorum of learners the leader is established."""
        self.learners |= {learner}
        if not self.established and self.quorum.reached(self.learners):
            self.established = True
            ctx.cancel_timer(InitLimit())

    @upon(Welcome, when=LEARNING)
    def learn(self, welcomed: Welcome, ctx: Context) -> None:
        """The leader knows of me."""
        if ctx.sender == self.leader and not self.established:
            self.established = True
            ctx.cancel_timer(ConnectTimeout())

    @upon(InitLimit, when=State.LEADING)
    def abdicate(self, limit: InitLimit, ctx: Context) -> None:
        """Elected, but too few came: they changed their mind, or are gone (ZOOKEEPER-3109)."""
        self.give_up(LeaderLost(), ctx)

    # -- losing each other ---------------------------------------------------------------------------------------------

    @upon(Closed, when=LEARNING)
    @upon(Disconnected, when=LEARNING)
    def lose_leader(self, reason: Closed | Disconnected, ctx: Context) -> None:
        """Without its leader a learner looks again."""
        if ctx.sender == self.leader:
            self.give_up(LeaderLost(), ctx)

    @upon(Closed, when=State.LEADING)
    @upon(Disconnected, when=State.LEADING)
    def lose_learner(self, reason: Closed | Disconnected, ctx: Context) -> None:
        """Without a quorum an established leader looks again; before, it has the time that it has."""
        self.learners -= {ctx.sender}
        if self.established and not self.quorum.reached(self.learners):
            self.give_up(LeaderLost(), ctx)
