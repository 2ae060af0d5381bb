"""What a follower and an observer share: finding the leader, entering its epoch, and taking over its history.

Nothing counts that is not said on the connection that stands, and by the leader. What a learner says waits for its own
disk, without exception.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from consensus_lab.kernel import Context, Disconnected, upon
from consensus_lab.protocols.zab.messages import (
    ACK,
    ACKEPOCH,
    DIFF,
    FOLLOWERINFO,
    LEADERINFO,
    NEWLEADER,
    OBSERVERINFO,
    PING,
    REQUEST,
    REVALIDATE,
    SNAP,
    SYNC,
    SYNC_TYPE,
    TRUNC,
    UPTODATE,
    AcceptedEpoch,
    Closed,
    Connect,
    Connected,
    ConnectRequest,
    ConnectTimeout,
    CurrentEpoch,
    ReadTimeout,
    Snapshot,
    State,
    SyncMode,
    SyncRequest,
    Truncated,
    Txn,
    WriteRequest,
    ZabState,
    Zxid,
)
from consensus_lab.protocols.zab.server import Server

LEARNING = (State.FOLLOWING, State.OBSERVING)
CONNECT_WITHIN = 0.2  # seconds
CONNECT_TRIES = 5


@dataclass
class Learner(Server):
    """Junqueira, Reed and Serafini (2011), section 4, a follower; Apache ZooKeeper 3.9, Learner."""

    connection: int = 0  # how many it has made
    connected: bool = False
    tries: int = 0
    sync_mode: SyncMode = SyncMode.NONE
    received: Snapshot | None = None
    needs_snapshot: bool = False  # for its own holds what it was told to cut off
    not_logged: list[Txn] = field(default_factory=list)  # proposals of the synchronisation (packetsNotLogged)
    to_commit: list[Zxid] = field(default_factory=list)  # ... and the commits among them (packetsCommitted)
    syncing: list[SyncRequest] = field(default_factory=list)  # of its clients, on their way to the leader and back

    # -- what the two roles do differently -----------------------------------------------------------------------------

    def keep(self, txn: Txn, ctx: Context) -> None:
        """Write a transaction to the log."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it logs")

    def take_over_the_rest(self, ctx: Context) -> None:
        """UPTODATE: see to what has come since NEWLEADER."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it does with proposals")

    # -- phase 1: discovery --------------------------------------------------------------------------------------------

    def find_leader(self, ctx: Context) -> None:
        """The election has named one."""
        self.zab_state = ZabState.DISCOVERY
        self.connection += 1
        self.call(ctx)

    def call(self, ctx: Context) -> None:
        """It may not know yet that it leads, or not lead any more."""
        self.tries += 1
        ctx.send(str(self.leader), Connect(self.connection))
        ctx.set_timer(ConnectTimeout(), CONNECT_WITHIN)

    @upon(ConnectTimeout, when=LEARNING)
    def call_again(self, overdue: ConnectTimeout, ctx: Context) -> None:
        """Some times; then this leader is none."""
        if self.tries < CONNECT_TRIES:
            self.call(ctx)
        else:
            self.give_up("the leader does not answer", ctx)

    @upon(Connected, when=LEARNING)
    def register(self, accepted: Connected, ctx: Context) -> None:
        """Say who this is, and which epoch it has accepted (registerWithLeader)."""
        if ctx.sender != self.leader or accepted.connection != self.connection or self.connected:
            return
        self.connected, self.tries = True, 0
        ctx.cancel_timer(ConnectTimeout())
        self.await_leader(self.settings.init_limit, ctx)
        info = FOLLOWERINFO if self.state is State.FOLLOWING else OBSERVERINFO
        ctx.reply(info(Zxid(self.accepted_epoch, 0), self.sid))

    @upon(LEADERINFO, when=LEARNING)
    def accept_epoch(self, info: LEADERINFO, ctx: Context) -> None:
        """Accept the leader's epoch if it is later than all before. The same one is accepted only once."""
        if info.zxid.epoch < self.accepted_epoch:
            self.give_up("the leader's epoch is over", ctx)
            return
        counted = info.zxid.epoch > self.accepted_epoch
        if counted:
            self.accepted_epoch = info.zxid.epoch
            ctx.force(AcceptedEpoch(self.accepted_epoch))
        self.zab_state = ZabState.SYNCHRONIZATION
        if self.needs_snapshot:  # no leader can send anything else to a zxid that is yet to come
            ctx.reply(ACKEPOCH(Zxid(info.zxid.epoch + 1, 0), -1))
        else:
            ctx.reply(ACKEPOCH(self.history.last_processed, self.current_epoch if counted else -1))

    # -- phase 2: synchronisation --------------------------------------------------------------------------------------

    @upon(DIFF, when=LEARNING)
    def take_diff(self, diff: DIFF, ctx: Context) -> None:
        """What is here is good."""
        self.sync_mode = SyncMode.DIFF

    @upon(TRUNC, when=LEARNING)
    def truncate(self, trunc: TRUNC, ctx: Context) -> None:
        """Cut the log, on disk first. A snapshot cannot be cut: then only another one helps (ZOOKEEPER-1549)."""
        if trunc.zxid < self.history.base.zxid:
            self.needs_snapshot = True
            self.give_up("a snapshot cannot be cut", ctx)
            return
        self.sync_mode = SyncMode.TRUNC
        ctx.force(Truncated(trunc.zxid))
        self.history.truncate(trunc.zxid)

    @upon(SNAP, when=LEARNING)
    def take_snapshot(self, snap: SNAP, ctx: Context) -> None:
        """Another history altogether. The old one stays until NEWLEADER: the leader may be gone before."""
        self.sync_mode, self.needs_snapshot = SyncMode.SNAP, False
        self.received = Snapshot(snap.zxid, snap.state)

    @upon(NEWLEADER, when=LEARNING)
    def enter_epoch(self, newleader: NEWLEADER, ctx: Context) -> None:
        """First the history is durable, then the epoch, then the leader is told (ZOOKEEPER-3911, 4643, 4646, 4785)."""
        self.persist_history(ctx)
        self.persist_epoch(newleader.zxid.epoch, ctx)
        ctx.reply(ACK(newleader.zxid))
        self.await_leader(self.settings.sync_limit, ctx)

    def persist_history(self, ctx: Context) -> None:
        """What the leader has sent with a commit, upon what was here or upon its snapshot."""
        if self.received is not None:
            ctx.force(self.received)
            self.history.install(self.received)
            self.received = None
        for txn in self.committed_proposals():
            self.keep(txn, ctx)
            self.history.append(txn)
            self.history.process_next()

    def committed_proposals(self) -> Sequence[Txn]:
        """The proposals that were followed by their commits; the others stay (ZOOKEEPER-4394)."""
        count = len(self.to_commit)
        committed, self.not_logged, self.to_commit = self.not_logged[:count], self.not_logged[count:], []
        return committed

    def persist_epoch(self, epoch: int, ctx: Context) -> None:
        """From now on this disk vouches for the history with which that epoch began."""
        self.current_epoch = epoch
        ctx.force(CurrentEpoch(epoch, str(self.leader)))

    @upon(UPTODATE, when=LEARNING)
    def go_live(self, uptodate: UPTODATE, ctx: Context) -> None:
        """A quorum has that history, so it is committed. Clients may come."""
        ctx.reply(ACK(Zxid(self.current_epoch, 0)))
        self.zab_state, self.sync_mode = ZabState.BROADCAST, SyncMode.NONE
        self.update_election_vote(self.current_epoch)
        self.learn_that_all_is_committed(self.history.last_processed, ctx)
        self.take_over_the_rest(ctx)
        if self.settings.ticking:
            self.await_leader(self.settings.sync_limit, ctx)
        else:
            ctx.cancel_timer(ReadTimeout())
        self.serve_waiting(ctx)

    def queue_proposal(self, txn: Txn, ctx: Context) -> None:
        """PROPOSAL during synchronisation: it is logged when its commit or UPTODATE has come."""
        if self.leaves_gap(txn.zxid):
            self.sound_alarm(f"after {self.not_logged[-1].zxid} comes {txn.zxid}", ctx)
        else:
            self.not_logged.append(txn)

    def leaves_gap(self, zxid: Zxid) -> bool:
        """Within an epoch proposals are numbered without a gap (enforceContinuousProposal)."""
        last = self.not_logged[-1].zxid if self.not_logged else None
        return last is not None and zxid.epoch <= last.epoch and zxid != Zxid(last.epoch, last.counter + 1)

    def queue_commit(self, zxid: Zxid, ctx: Context) -> None:
        """COMMIT during synchronisation: of the first proposal that has none yet."""
        if len(self.to_commit) >= len(self.not_logged) or self.not_logged[len(self.to_commit)].zxid != zxid:
            self.sound_alarm(f"{zxid} is committed, and was not the next proposal", ctx)
        else:
            self.to_commit.append(zxid)

    # -- its clients ---------------------------------------------------------------------------------------------------

    def submit(self, request: WriteRequest | SyncRequest, ctx: Context) -> None:
        """The leader puts all in one order."""
        if isinstance(request, SyncRequest):
            self.syncing.append(request)
            ctx.send(str(self.leader), REQUEST(request.session, request.cxid, SYNC_TYPE, None))
        else:
            operation = request.operation
            ctx.send(str(self.leader), REQUEST(request.session, request.cxid, operation.type, operation))

    @upon(SYNC, when=LEARNING)
    def finish_sync(self, sync: SYNC, ctx: Context) -> None:
        """All that was committed when the client asked has arrived before this."""
        request = self.syncing.pop(0)
        self.answered(request.session, request.cxid, None, ctx)

    @upon(ConnectRequest, when=LEARNING)
    def ask_for_session(self, asked: ConnectRequest, ctx: Context) -> None:
        """A client comes from another server: only the leader knows whether its session is still open."""
        if self.zab_state is ZabState.BROADCAST:
            ctx.send(str(self.leader), REVALIDATE(asked.session, asked.timeout))

    @upon(REVALIDATE, when=LEARNING)
    def answer_client(self, answer: REVALIDATE, ctx: Context) -> None:
        """It knows."""
        self.respond(answer.session, 0, answer.valid, ctx)

    # -- is the leader there? ------------------------------------------------------------------------------------------

    def await_leader(self, limit: int, ctx: Context) -> None:
        """Not longer than so many ticks."""
        ctx.set_timer(ReadTimeout(), limit * self.settings.tick_time)

    @upon(PING, when=LEARNING)
    def answer_ping(self, ping: PING, ctx: Context) -> None:
        """Still here. While it is being brought up to date it does not answer, for its first word then is an ACK."""
        if self.zab_state is ZabState.BROADCAST:
            ctx.reply(ping)
        self.await_leader(self.settings.sync_limit, ctx)

    @upon(ReadTimeout, when=LEARNING)
    def lose_patience(self, silence: ReadTimeout, ctx: Context) -> None:
        """A leader that is there pings twice a tick."""
        self.give_up("the leader is silent", ctx)

    @upon(Closed, when=LEARNING)
    @upon(Disconnected, when=LEARNING)
    def lose_leader(self, reason: Closed | Disconnected, ctx: Context) -> None:
        """Without its leader a learner looks again."""
        if ctx.sender == self.leader and self.connected:
            self.leader = None
            self.give_up("the leader is gone", ctx)

    def hang_up(self, ctx: Context) -> None:
        """Learn no more from this leader. What it has sent and is not on disk is forgotten."""
        if self.leader is not None:
            ctx.send(self.leader, Closed())
        ctx.cancel_timer(ConnectTimeout())
        ctx.cancel_timer(ReadTimeout())
        self.connected, self.tries = False, 0
        self.sync_mode, self.received = SyncMode.NONE, None
        self.not_logged, self.to_commit, self.syncing = [], [], []
