"""The election itself, as ZooKeeper's FastLeaderElection runs it, and nothing of what follows.

An `Elector` is the part of a server that looks for a leader. Whoever composes a whole server inherits from it, calls
`look_for_leader` when there is none, says what its own disk is worth (`initial_vote`), and takes over in `take_office`.

Links are FIFO, as QuorumCnxManager's connections are: notifications of two servers cross, those of one do not. A
connection that breaks loses what is in flight on it, and the last word is said again on the new one. (There a newer
notification also replaces one that still waits to be sent; here both arrive, the later one last.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from consensus_lab.kernel import Address, Context, Disconnected, Process, upon
from consensus_lab.kernel.quorum import Quorum
from consensus_lab.protocols.election.messages import (
    NOBODY,
    UNTRUSTED,
    Elected,
    FinalizeWait,
    Notification,
    NotificationTimeout,
    State,
    Vote,
    address_of,
)

FINALIZE_WAIT = 0.2  # seconds
SHORTEST_TIMEOUT = 0.2  # minNotificationInterval: in 3.9 a setting, whose default is finalizeWait
LONGEST_TIMEOUT = 60.0  # maxNotificationInterval
SETTLED = (State.FOLLOWING, State.LEADING, State.OBSERVING)


@dataclass
class Elector(Process):
    """Fast leader election. Reed and Junqueira (2008), section 4.1; Apache ZooKeeper 3.9, FastLeaderElection."""

    sid: int
    quorum: Quorum  # its members are the voters; everyone else observes
    weightless: frozenset[Address]  # voters of weight 0: they never win
    state: State = State.LOOKING
    leader: Address | None = None
    logical_clock: int = 0  # the round, called electionEpoch in a notification
    proposal: Vote = NOBODY  # for whom it is while LOOKING
    current: Vote = NOBODY  # for whom it was when it last stopped looking
    recvset: dict[Address, Notification] = field(default_factory=dict)  # votes of this round
    out_of_election: dict[Address, Notification] = field(default_factory=dict)  # what those say who have a leader
    finalizing: bool = False  # a quorum is for its proposal; will a better vote come?
    timeout: float = SHORTEST_TIMEOUT  # seconds of silence until it says again what it said

    @property
    def candidate(self) -> Address:
        """For whom it is, by name."""
        return address_of(self.proposal.sid)

    # -- what a composing server provides ------------------------------------------------------------------------------

    def initial_vote(self) -> Vote:
        """The vote for itself: currentEpoch, last logged zxid, sid. An observer's is NOBODY."""
        raise NotImplementedError(f"{type(self).__name__} does not say what its disk is worth")

    def take_office(self, ctx: Context) -> None:
        """The election is over; `state` and `leader` say how."""
        raise NotImplementedError(f"{type(self).__name__} does not say what follows an election")

    # -- what a composing server calls ---------------------------------------------------------------------------------

    def look_for_leader(self, ctx: Context) -> None:
        """Begin a new round: forget what was heard, be for oneself, and say so to all voters."""
        self.current = self.initial_vote() if self.current == NOBODY else self.current
        self.state, self.leader = State.LOOKING, None
        self.logical_clock += 1
        self.recvset, self.out_of_election = {}, {}
        self.timeout = SHORTEST_TIMEOUT
        self.proposal = self.initial_vote()
        self.send_notifications(ctx)
        self.count_votes(ctx)
        self.await_news(ctx)

    def update_election_vote(self, peer_epoch: int) -> None:
        """The leader has led into a new epoch: from now on tell latecomers that one (ZOOKEEPER-1732)."""
        self.current = self.current._replace(peer_epoch=peer_epoch)

    # -- looking -------------------------------------------------------------------------------------------------------

    @upon(Notification, when=State.LOOKING)
    def hear(self, heard: Notification, ctx: Context) -> None:
        """Answer whom it helps; then weigh it, unless it only shows that nothing better has come."""
        if ctx.sender not in self.quorum.members:
            ctx.reply(Notification(self.state, self.current, self.logical_clock))
            return
        if heard.state is State.LOOKING and heard.election_epoch < self.logical_clock and self.has_vote(ctx):
            ctx.reply(self.my_notification())
        if self.finalizing and not self.succeeds(heard.vote, self.proposal):
            ctx.set_timer(FinalizeWait(), FINALIZE_WAIT)
            return
        self.stop_finalizing(ctx)
        self.weigh(heard, ctx)
        self.await_news(ctx)

    def has_vote(self, ctx: Context) -> bool:
        """Whether my word helps anybody: an observer's does not, and would be answered at once, and so on for ever.

        In 3.9 it is said all the same: an observer whose round is later than the voters' and they keep each other busy
        until they have elected.
        """
        return ctx.me in self.quorum.members

    def weigh(self, heard: Notification, ctx: Context) -> None:
        """A vote of someone who is looking too, or news of a leader. Who is for a stranger is not understood."""
        if address_of(heard.vote.sid) not in self.quorum.members:
            return
        if heard.state is State.LOOKING:
            self.compare(heard, ctx)
        elif heard.state is not State.OBSERVING:
            self.join(heard, ctx)

    def compare(self, heard: Notification, ctx: Context) -> None:
        """A vote: follow it into a later round, ignore an earlier one, and in the same round be for the better one."""
        mine = self.initial_vote()
        if UNTRUSTED in (mine.zxid, heard.vote.zxid) or heard.election_epoch < self.logical_clock:
            return
        if heard.election_epoch > self.logical_clock:
            self.logical_clock = heard.election_epoch
            self.recvset = {}
            self.proposal = heard.vote if self.succeeds(heard.vote, mine) else mine
            self.send_notifications(ctx)
        elif self.succeeds(heard.vote, self.proposal):
            self.proposal = heard.vote
            self.send_notifications(ctx)
        self.recvset[ctx.sender] = heard
        self.count_votes(ctx)

    def succeeds(self, new: Vote, old: Vote) -> bool:
        """Is the new vote better: a later epoch, in it a later zxid, with it a larger sid (totalOrderPredicate)?"""
        return address_of(new.sid) not in self.weightless and new > old

    def count_votes(self, ctx: Context) -> None:
        """With a quorum for my candidate, wait a moment: somebody better may be about to be heard."""
        if self.quorum.reached(self.supporters(self.my_notification(), self.recvset)):
            self.finalizing = True
            ctx.set_timer(FinalizeWait(), FINALIZE_WAIT)

    def stop_finalizing(self, ctx: Context) -> None:
        """Something was heard that may be better."""
        if self.finalizing:
            self.finalizing = False
            ctx.cancel_timer(FinalizeWait())

    @upon(FinalizeWait, when=State.LOOKING)
    def finalize(self, waited: FinalizeWait, ctx: Context) -> None:
        """Nothing better has come."""
        self.settle(self.proposal, ctx)

    def await_news(self, ctx: Context) -> None:
        """Wait for the next notification; but not while only a better vote would do, nor when the election is over."""
        if self.state is State.LOOKING and not self.finalizing:
            ctx.set_timer(NotificationTimeout(), self.timeout)
        else:
            ctx.cancel_timer(NotificationTimeout())

    @upon(NotificationTimeout, when=State.LOOKING)
    def say_again(self, silence: NotificationTimeout, ctx: Context) -> None:
        """Nobody speaks: say it again, and wait twice as long."""
        self.timeout = min(2 * self.timeout, LONGEST_TIMEOUT)
        self.send_notifications(ctx)
        self.count_votes(ctx)
        self.await_news(ctx)

    @upon(Disconnected, when=State.LOOKING)
    def reconnect(self, lost: Disconnected, ctx: Context) -> None:
        """Words may have been lost with the connection: say the last one again on the new one."""
        if lost.peer in self.quorum.members:
            ctx.send(lost.peer, self.my_notification())

    def send_notifications(self, ctx: Context) -> None:
        """Tell every voter for whom I am; my own vote, if I have one, counts at once."""
        ctx.broadcast(self.quorum.members - {ctx.me}, self.my_notification())
        if ctx.me in self.quorum.members:
            self.recvset[ctx.me] = self.my_notification()

    def my_notification(self) -> Notification:
        """What I say while I look."""
        return Notification(State.LOOKING, self.proposal, self.logical_clock)

    # -- finding a leader that is there already ------------------------------------------------------------------------

    def join(self, heard: Notification, ctx: Context) -> None:
        """Somebody has a leader: believe it in my own round, or outside it, with a quorum and the leader's own word."""
        if heard.election_epoch == self.logical_clock:
            self.recvset[ctx.sender] = heard
            if self.is_established(heard, self.recvset, ctx):
                self.settle(heard.vote, ctx)
                return
        self.out_of_election[ctx.sender] = heard
        if self.is_established(heard, self.out_of_election, ctx):
            self.logical_clock = heard.election_epoch  # their round is the one that counts, be it an earlier one
            self.settle(heard.vote, ctx)

    def is_established(self, heard: Notification, votes: Mapping[Address, Notification], ctx: Context) -> bool:
        """Is a quorum for that leader, and does it lead?"""
        return self.quorum.reached(self.supporters(heard, votes)) and self.check_leader(heard, votes, ctx)

    def check_leader(self, heard: Notification, votes: Mapping[Address, Notification], ctx: Context) -> bool:
        """Others may still follow one that has crashed: it must have said itself that it leads. Of me I know best."""
        leader = address_of(heard.vote.sid)
        if leader == ctx.me:
            return heard.election_epoch == self.logical_clock
        return leader in votes and votes[leader].state is State.LEADING

    def supporters(self, heard: Notification, votes: Mapping[Address, Notification]) -> set[Address]:
        """Those of whom a notification is kept that says the same."""
        return {voter for voter, kept in votes.items() if self.agree(heard, kept)}

    def agree(self, one: Notification, other: Notification) -> bool:
        """Votes agree when all is equal; words of two who have a leader, when leader and peerEpoch are.

        For those may have come to that leader in different rounds, or with different news of its log.
        (3.9 even compares only the leader when both are of my own round; they can hardly differ in peerEpoch.)
        """
        if State.LOOKING in (one.state, other.state):
            return (one.vote, one.election_epoch) == (other.vote, other.election_epoch)
        return (one.vote.sid, one.vote.peer_epoch) == (other.vote.sid, other.vote.peer_epoch)

    # -- having found one ----------------------------------------------------------------------------------------------

    def settle(self, vote: Vote, ctx: Context) -> None:
        """Stop looking: lead, follow or observe."""
        self.current, self.leader, self.finalizing = vote, address_of(vote.sid), False
        self.state = State.LEADING if self.leader == ctx.me else self.learning_state(ctx)
        ctx.decide(Elected(self.leader, self.logical_clock))
        self.take_office(ctx)

    def learning_state(self, ctx: Context) -> State:
        """What one is who does not lead."""
        return State.FOLLOWING if ctx.me in self.quorum.members else State.OBSERVING

    @upon(Notification, when=SETTLED)
    def answer(self, heard: Notification, ctx: Context) -> None:
        """Tell whoever is looking that a leader is there."""
        if heard.state is State.LOOKING:
            ctx.reply(Notification(self.state, self.current, self.logical_clock))
