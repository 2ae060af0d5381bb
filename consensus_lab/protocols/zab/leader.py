"""The leader: proposes a new epoch to a quorum, brings its learners up to date, and from then on broadcasts.

All that it says to a learner once it has its word for the new epoch is `eager`, as proposals are: a learner's packets
must stay in order, and nothing that is said there depends on the leader's own disk, whose word for a proposal is an ACK
like any other's, sent to itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from consensus_lab.kernel import Address, Context, Disconnected, upon
from consensus_lab.protocols.zab.learner_handler import LearnerHandler, Stage, Sync, sync_follower
from consensus_lab.protocols.zab.messages import (
    ACK,
    ACKEPOCH,
    COMMIT,
    FOLLOWERINFO,
    INFORM,
    LEADERINFO,
    NEWLEADER,
    OBSERVERINFO,
    PING,
    PROPOSAL,
    REQUEST,
    REVALIDATE,
    SYNC,
    SYNC_TYPE,
    UPTODATE,
    ZERO,
    AcceptedEpoch,
    Closed,
    Connect,
    Connected,
    ConnectRequest,
    CurrentEpoch,
    InitLimit,
    Logged,
    State,
    SyncRequest,
    Tick,
    Txn,
    WriteRequest,
    ZabState,
    Zxid,
)
from consensus_lab.protocols.zab.server import Server


@dataclass
class Leader(Server):
    """Junqueira, Reed and Serafini (2011), section 4, the leader; Apache ZooKeeper 3.9, Leader and LearnerHandler."""

    epoch: int = 0  # the one that it proposes
    epoch_chosen: bool = False  # a quorum has told what it had accepted before
    handlers: dict[Address, LearnerHandler] = field(default_factory=dict)  # by learner
    connecting: set[Address] = field(default_factory=set)  # whose accepted epochs are counted
    electing: set[Address] = field(default_factory=set)  # who has accepted the new one
    entered: set[Address] = field(default_factory=set)  # who has the leader's history on disk
    outstanding: dict[Zxid, set[Address]] = field(default_factory=dict)  # who has acknowledged each proposal
    last_proposed: Zxid = ZERO
    syncs: dict[Zxid, list[tuple[Address, SyncRequest]]] = field(default_factory=dict)  # who waits for which commit
    half_ticks: int = 0

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

    # -- phase 3: broadcast --------------------------------------------------------------------------------------------

    @upon(REQUEST, when=State.LEADING)
    def take_request(self, request: REQUEST, ctx: Context) -> None:
        """A learner's client wishes something."""
        self.hear_of(ctx)
        if request.type == SYNC_TYPE:
            self.take_sync(ctx.sender, SyncRequest(request.session, request.cxid), ctx)
        else:
            self.propose(request.session, request.cxid, request.request, ctx)

    def submit(self, request: WriteRequest | SyncRequest, ctx: Context) -> None:
        """A client of this server wishes something."""
        if isinstance(request, SyncRequest):
            self.take_sync(ctx.me, request, ctx)
        else:
            self.propose(request.session, request.cxid, request.operation, ctx)

    def propose(self, session: int, cxid: int, operation: Any, ctx: Context) -> None:
        """Number it, and have it logged everywhere, here too. When the numbers are used up, only a new epoch helps."""
        zxid = self.last_proposed._replace(counter=self.last_proposed.counter + 1)
        if zxid.counter >= self.settings.counter_limit:
            self.give_up("the zxid's counter is used up: a new epoch is needed", ctx)
            return
        txn = Txn(zxid, session, cxid, self.history.application.prepare(session, operation))
        self.last_proposed, self.outstanding[zxid] = zxid, set()
        proposal = PROPOSAL(txn)
        for learner in self.proposed_to():
            self.handlers[learner].proposed(zxid, self.tick)
            self.queue(learner, [proposal], ctx)
        ctx.force(Logged(txn))
        self.history.append(txn)
        ctx.send(ctx.me, ACK(zxid))

    def proposed_to(self) -> list[Address]:
        """Everyone who votes and was sent the history, whether or not they have it yet."""
        return [
            learner for learner, handler in sorted(self.handlers.items()) if handler.forwarding and handler.participant
        ]

    def hear_proposal_ack(self, zxid: Zxid, ctx: Context) -> None:
        """One more disk has it (processAck)."""
        if zxid in self.outstanding:
            self.outstanding[zxid] |= {ctx.sender} & self.quorum.members
            if self.may_commit(zxid):
                self.commit(zxid, ctx)

    def may_commit(self, zxid: Zxid) -> bool:
        """Whether a quorum has it, and all before it are committed (tryToCommit)."""
        return next(iter(self.outstanding)) == zxid and self.quorum.reached(self.outstanding[zxid])

    def commit(self, zxid: Zxid, ctx: Context) -> None:
        """Tell everyone, deliver, and answer who waited for it."""
        del self.outstanding[zxid]
        txn = self.history.next_pending
        assert txn is not None, f"{zxid} is committed, and nothing is next"
        assert txn.zxid == zxid, f"{zxid} is committed, and {txn.zxid} is next"
        committed, inform = COMMIT(zxid), INFORM(txn)
        for learner, handler in sorted(self.handlers.items()):
            if handler.forwarding:
                self.queue(learner, [committed if handler.participant else inform], ctx)
        self.process_next(ctx)
        for learner, request in self.syncs.pop(zxid, []):
            self.answer_sync(learner, request, ctx)

    def take_sync(self, learner: Address, request: SyncRequest, ctx: Context) -> None:
        """Answered when all is committed that is proposed by now (processSync)."""
        if self.outstanding:
            self.syncs.setdefault(self.last_proposed, []).append((learner, request))
        else:
            self.answer_sync(learner, request, ctx)

    def answer_sync(self, learner: Address, request: SyncRequest, ctx: Context) -> None:
        """Behind the commits in the learner's queue."""
        if learner == ctx.me:
            self.answered(request.session, request.cxid, None, ctx)
        elif learner in self.handlers:
            self.queue(learner, [SYNC()], ctx)

    @upon(REVALIDATE, when=State.LEADING)
    def revalidate(self, asked: REVALIDATE, ctx: Context) -> None:
        """A session has moved from one server to another."""
        self.hear_of(ctx)
        valid = self.history.application.knows(asked.session)
        self.queue(ctx.sender, [REVALIDATE(asked.session, asked.timeout, valid)], ctx)

    @upon(ConnectRequest, when=State.LEADING)
    def reopen(self, asked: ConnectRequest, ctx: Context) -> None:
        """It has moved here."""
        if self.zab_state is ZabState.BROADCAST:
            self.respond(asked.session, 0, self.history.application.knows(asked.session), ctx)

    # -- who is there --------------------------------------------------------------------------------------------------

    @property
    def tick(self) -> int:
        """Whole ticks since it was established."""
        return self.half_ticks // 2

    def await_tick(self, ctx: Context) -> None:
        if self.settings.ticking:
            ctx.set_timer(Tick(), self.settings.tick_time / 2)

    def await_quorum(self, ctx: Context) -> None:
        """Not longer than initLimit."""
        ctx.set_timer(InitLimit(), self.settings.init_limit * self.settings.tick_time)

    @upon(Tick, when=State.LEADING)
    def look_around(self, tick: Tick, ctx: Context) -> None:
        """Ping everyone twice a tick; once a tick, see whether a quorum is still there."""
        self.half_ticks += 1
        if self.half_ticks % 2 == 0 and not self.has_quorum(ctx):
            self.give_up("too few followers are there", ctx)
            return
        for learner, handler in sorted(self.handlers.items()):
            if handler.is_overdue(self.tick, self.settings.sync_limit):
                self.drop(learner, f"{learner} does not log what it is sent", ctx)
            elif handler.forwarding:
                self.queue(learner, [PING(self.last_proposed)], ctx)
        self.await_tick(ctx)

    def has_quorum(self, ctx: Context) -> bool:
        """Whether enough followers were heard of lately."""
        return self.quorum.reached(
            {ctx.me, *(learner for learner, handler in self.handlers.items() if self.tick <= handler.deadline)}
        )

    @upon(PING, when=State.LEADING)
    def hear_ping(self, answer: PING, ctx: Context) -> None:
        """Its sessions are alive, and so is it."""
        self.hear_of(ctx)

    def hear_of(self, ctx: Context) -> None:
        """Whoever speaks is there."""
        self.handlers[ctx.sender].deadline = self.tick + self.settings.sync_limit

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

    def drop(self, learner: Address, reason: str, ctx: Context) -> None:
        """Close one learner's connection."""
        ctx.note(reason)
        del self.handlers[learner]
        ctx.send(learner, Closed(), eager=True)

    def resign(self, ctx: Context) -> None:
        """Lead no more (shutdown)."""
        ctx.broadcast(self.handlers, Closed(), eager=True)
        ctx.cancel_timer(InitLimit())
        ctx.cancel_timer(Tick())
        self.epoch, self.epoch_chosen, self.half_ticks = 0, False, 0
        self.handlers, self.connecting, self.electing, self.entered = {}, set(), set(), set()
        self.outstanding, self.last_proposed, self.syncs = {}, ZERO, {}

    # -- a learner's queue ---------------------------------------------------------------------------------------------

    def learners(self, stage: Stage) -> list[Address]:
        """Those who have come so far, in the order of their names."""
        return sorted(learner for learner, handler in self.handlers.items() if handler.stage is stage)

    def queue(self, learner: Address, packets: Iterable[Any], ctx: Context) -> None:
        """Put packets at the end of a learner's queue."""
        for packet in packets:
            ctx.send(learner, packet, eager=True)
