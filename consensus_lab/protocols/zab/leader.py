"""The leader: proposes a new epoch to a quorum, and makes everybody's history equal to its own. Then it is primary.

What it does as such, and why what it says to a learner is `eager`, is in `primary`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from consensus_lab.kernel import Address, Context, Disconnected, upon
from consensus_lab.protocols.zab.learner_handler import LearnerHandler, Stage, Sync, sync_follower
from consensus_lab.protocols.zab.messages import (
    ACK,
    ACKEPOCH,
    FOLLOWERINFO,
    LEADERINFO,
    NEWLEADER,
    OBSERVERINFO,
    PROPOSAL,
    UPTODATE,
    ZERO,
    AcceptedEpoch,
    Closed,
    Connect,
    Connected,
    CurrentEpoch,
    InitLimit,
    State,
    Tick,
    ZabState,
    Zxid,
)
from consensus_lab.protocols.zab.primary import Primary


@dataclass
class Leader(Primary):
    """Junqueira, Reed and Serafini (2011), section 4, phases 1 and 2; Apache ZooKeeper 3.9, Leader."""

    epoch: int = 0  # the one that it proposes
    epoch_chosen: bool = False  # a quorum has told what it had accepted before
    connecting: set[Address] = field(default_factory=set)  # whose accepted epochs are counted
    electing: set[Address] = field(default_factory=set)  # who has accepted the new one
    entered: set[Address] = field(default_factory=set)  # who has the leader's history on disk

    # -- phase 1: discovery --------------------------------------------------------------------------------------------

    def lead(self, ctx: Context) -> None:
        """Elected. First learn which epochs a quorum has accepted, its own among them."""
        self.zab_state = ZabState.DISCOVERY
        self.await_quorum(ctx)
        self.propose_epoch(ctx.me, self.accepted_epoch, ctx)

    @upon(Connect, when=State.LEADING)
    def accept_connection(self, call: Connect, ctx: Context) -> None:
        """A learner calls. It may call twice before it hears that it is heard."""
        known = self.handlers.get(ctx.sender)
        if known is None or known.connection != call.connection:
            limits = self.settings.init_limit + self.settings.sync_limit
            self.handlers[ctx.sender] = LearnerHandler(call.connection, self.tick + limits)
            ctx.reply(Connected(call.connection))

    @upon(FOLLOWERINFO, when=State.LEADING)
    @upon(OBSERVERINFO, when=State.LEADING)
    def welcome(self, info: FOLLOWERINFO | OBSERVERINFO, ctx: Context) -> None:
        """A learner says who it is: tell it the new epoch, as soon as that is known."""
        handler = self.handlers[ctx.sender]
        handler.stage, handler.participant = Stage.REGISTERED, isinstance(info, FOLLOWERINFO)
        if self.epoch_chosen:
            ctx.reply(LEADERINFO(Zxid(self.epoch, 0)))
        else:
            self.propose_epoch(ctx.sender, info.zxid.epoch, ctx)

    def propose_epoch(self, address: Address, accepted: int, ctx: Context) -> None:
        """Count one more server's accepted epoch (getEpochToPropose). With a quorum of them the new one is chosen."""
        self.epoch = self.next_epoch(accepted)
        self.connecting |= {address} & self.quorum.members
        if ctx.me in self.connecting and self.quorum.reached(self.connecting):
            self.choose_epoch(ctx)

    def next_epoch(self, accepted: int) -> int:
        """Later than all that were accepted."""
        return max(self.epoch, accepted + 1)

    def choose_epoch(self, ctx: Context) -> None:
        """Accept the new epoch oneself, and propose it to whoever is there."""
        self.epoch_chosen, self.accepted_epoch = True, self.epoch
        ctx.force(AcceptedEpoch(self.epoch))
        self.last_proposed = Zxid(self.epoch, 0)
        ctx.broadcast(self.learners(Stage.REGISTERED), LEADERINFO(self.last_proposed))
        self.await_quorum(ctx)
        self.count_epoch_ack(ctx.me, ctx)

    @upon(ACKEPOCH, when=State.LEADING)
    def hear_epoch_ack(self, ack: ACKEPOCH, ctx: Context) -> None:
        """A learner has accepted the new epoch, and says how far it has come (waitForEpochAck)."""
        handler = self.handlers[ctx.sender]
        handler.stage, handler.summary = Stage.ACKED, ack
        if self.zab_state is not ZabState.DISCOVERY:
            self.synchronise(ctx.sender, ctx)
        elif self.is_ahead(ack):
            self.drop(ctx.sender, f"{ctx.sender} is ahead of its leader", ctx)
        elif ack.current_epoch != -1:
            self.count_epoch_ack(ctx.sender, ctx)

    def is_ahead(self, ack: ACKEPOCH) -> bool:
        """Whether a follower's history is the better one, so that it must not be overwritten."""
        return (ack.current_epoch, ack.zxid) > (self.current_epoch, self.history.last_processed)

    def count_epoch_ack(self, address: Address, ctx: Context) -> None:
        """With a quorum of them nobody can lead in an earlier epoch any more."""
        self.electing |= {address} & self.quorum.members
        if ctx.me in self.electing and self.quorum.reached(self.electing):
            self.begin_epoch(ctx)

    # -- phase 2: synchronisation --------------------------------------------------------------------------------------

    def begin_epoch(self, ctx: Context) -> None:
        """This history is the one with which the epoch begins: give it to all."""
        self.zab_state, self.current_epoch = ZabState.SYNCHRONIZATION, self.epoch
        ctx.force(CurrentEpoch(self.epoch, ctx.me))
        ctx.send(ctx.me, ACK(Zxid(self.epoch, 0)))
        self.await_quorum(ctx)
        for learner in self.learners(Stage.ACKED):
            self.synchronise(learner, ctx)

    def synchronise(self, learner: Address, ctx: Context) -> None:
        """Send what it lacks, then all that is outstanding, then NEWLEADER; from here on it hears everything."""
        handler = self.handlers[learner]
        assert handler.summary is not None
        self.forget_acks(learner)
        sync = self.choose_sync(handler.summary.zxid)
        outstanding = self.history.pending if handler.participant else ()
        self.queue(learner, [*sync.queue, *map(PROPOSAL, outstanding), NEWLEADER(Zxid(self.epoch, 0))], ctx)
        handler.stage = Stage.SYNCING

    def forget_acks(self, learner: Address) -> None:
        """What it acknowledged on an earlier connection it may now be told to cut off, and will acknowledge again.

        Apache's leader goes on counting the first ACK. Should it commit by that, and should both then crash, a write
        that was answered may be on no disk that is left.
        """
        for acks in self.outstanding.values():
            acks.discard(learner)

    def choose_sync(self, peer: Zxid) -> Sync:
        """Which of the four ways."""
        return sync_follower(self.history, peer, self.settings.commit_log_count, self.settings.from_disk)

    @upon(ACK, when=State.LEADING)
    def hear_ack(self, ack: ACK, ctx: Context) -> None:
        """A learner's first ACK is for NEWLEADER. That for UPTODATE has the counter 0 as well, and says nothing."""
        handler = self.handlers.get(ctx.sender)
        if handler and handler.stage is Stage.SYNCING:
            self.hear_newleader_ack(handler, ack, ctx)
            return
        if handler:
            handler.acked(ack.zxid)
            self.hear_of(ctx)
        if ack.zxid.counter != 0:
            self.hear_proposal_ack(ack.zxid, ctx)
        elif handler is None and ack.zxid.epoch == self.epoch:
            self.count_newleader_ack(ctx.me, ctx)

    def hear_newleader_ack(self, handler: LearnerHandler, ack: ACK, ctx: Context) -> None:
        """This learner holds the history, and may serve as soon as a quorum does."""
        if ack.zxid != Zxid(self.epoch, 0):
            self.sound_alarm(f"{ctx.sender} acknowledges {ack.zxid} before NEWLEADER", ctx)
            return
        handler.stage, handler.deadline = Stage.SYNCED, self.tick + self.settings.sync_limit
        if self.zab_state is ZabState.BROADCAST:
            self.queue(ctx.sender, [UPTODATE()], ctx)
        else:
            self.count_newleader_ack(ctx.sender, ctx)

    def count_newleader_ack(self, address: Address, ctx: Context) -> None:
        """With a quorum the leader is established."""
        self.entered |= {address} & self.quorum.members
        if self.zab_state is ZabState.SYNCHRONIZATION and self.may_establish():
            self.establish(ctx)

    def may_establish(self) -> bool:
        """Whether a quorum has entered the epoch, this server included."""
        return self.quorum.reached(self.entered)

    def establish(self, ctx: Context) -> None:
        """All that a quorum holds is committed; from now on clients are served (startZkServer)."""
        self.zab_state = ZabState.BROADCAST
        ctx.cancel_timer(InitLimit())
        self.learn_that_all_is_committed(Zxid(self.epoch, 0), ctx)
        self.history.lead_into(self.epoch)
        self.history.application.lead()
        self.update_election_vote(self.epoch)
        for learner in self.learners(Stage.SYNCED):
            self.queue(learner, [UPTODATE()], ctx)
        self.await_tick(ctx)
        self.serve_waiting(ctx)

    # -- the end of it -------------------------------------------------------------------------------------------------

    def await_quorum(self, ctx: Context) -> None:
        """Not longer than initLimit."""
        ctx.set_timer(InitLimit(), self.settings.init_limit * self.settings.tick_time)

    @upon(InitLimit, when=State.LEADING)
    def abdicate(self, limit: InitLimit, ctx: Context) -> None:
        """Elected, but too few came, or did not come far enough."""
        self.give_up("no quorum within initLimit", ctx)

    @upon(Closed, when=State.LEADING)
    @upon(Disconnected, when=State.LEADING)
    def lose_learner(self, reason: Closed | Disconnected, ctx: Context) -> None:
        """A learner is gone. Whether that is too many is seen at the next tick."""
        self.handlers.pop(ctx.sender, None)
        if self.zab_state is ZabState.BROADCAST and not self.settings.ticking and not self.has_quorum(ctx):
            self.give_up("too few followers are left", ctx)

    def resign(self, ctx: Context) -> None:
        """Lead no more (shutdown)."""
        ctx.broadcast(self.handlers, Closed(), eager=True)
        ctx.cancel_timer(InitLimit())
        ctx.cancel_timer(Tick())
        self.epoch, self.epoch_chosen, self.half_ticks = 0, False, 0
        self.handlers, self.connecting, self.electing, self.entered = {}, set(), set(), set()
        self.outstanding, self.last_proposed, self.syncs = {}, ZERO, {}

    def learners(self, stage: Stage) -> list[Address]:
        """Those who have come so far, in the order of their names."""
        return sorted(learner for learner, handler in self.handlers.items() if handler.stage is stage)
