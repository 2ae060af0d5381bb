"""The primary: a leader that is established. It numbers what clients wish, and commits what a quorum has on disk.

All that it says to a learner is `eager`, as proposals are: a learner's packets must stay in order, and nothing that is
said depends on the primary's own disk, whose word for a proposal is an ACK like any other's, sent to itself. How a
leader is established is in `leader`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from consensus_lab.kernel import Address, Context, upon
from consensus_lab.protocols.zab.learner_handler import LearnerHandler
from consensus_lab.protocols.zab.messages import (
    ACK,
    COMMIT,
    INFORM,
    PING,
    PROPOSAL,
    REQUEST,
    REVALIDATE,
    SYNC,
    SYNC_TYPE,
    ZERO,
    Closed,
    ConnectRequest,
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
class Primary(Server):
    """Junqueira, Reed and Serafini (2011), section 4, phase 3; Apache ZooKeeper 3.9, Leader and LearnerHandler."""

    handlers: dict[Address, LearnerHandler] = field(default_factory=dict)  # by learner
    outstanding: dict[Zxid, set[Address]] = field(default_factory=dict)  # who has acknowledged each proposal
    last_proposed: Zxid = ZERO
    syncs: dict[Zxid, list[tuple[Address, SyncRequest]]] = field(default_factory=dict)  # who waits for which commit
    half_ticks: int = 0

    # -- proposing -----------------------------------------------------------------------------------------------------

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

    def drop(self, learner: Address, reason: str, ctx: Context) -> None:
        """Close one learner's connection."""
        ctx.note(reason)
        del self.handlers[learner]
        ctx.send(learner, Closed(), eager=True)

    # -- a learner's queue ---------------------------------------------------------------------------------------------

    def queue(self, learner: Address, packets: Iterable[Any], ctx: Context) -> None:
        """Put packets at the end of a learner's queue."""
        for packet in packets:
            ctx.send(learner, packet, eager=True)
