"""What every ZAB server has, whatever its role: an election, a history, two epochs on its disk, and its clients.

It refuses to know what a role does: `submit` hands a client's wish to it, `give_up` ends it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from consensus_lab.kernel import CLIENT, Context, upon
from consensus_lab.protocols.election.elector import Elector
from consensus_lab.protocols.zab.history import History
from consensus_lab.protocols.zab.messages import (
    NOBODY,
    ZERO,
    AcceptedEpoch,
    ConnectionLoss,
    CurrentEpoch,
    Logged,
    ReadRequest,
    Response,
    Snapshot,
    SyncRequest,
    Truncated,
    Txn,
    Vote,
    WriteRequest,
    ZabState,
    Zxid,
    address_of,
)

ClientRequest = WriteRequest | ReadRequest | SyncRequest
COUNTER_LIMIT = 0xFFFFFFFF
"""The largest counter that fits a zxid's lower 32 bits: no transaction gets it (ZOOKEEPER-1277)."""


class Settings(NamedTuple):
    """What zoo.cfg says, by its names where it has one."""

    tick_time: float = 2.0  # seconds
    init_limit: int = 10  # ticks for discovery, and again for synchronisation
    sync_limit: int = 5  # ticks that a leader or a learner may be silent
    commit_log_count: int = 500  # transactions from which a learner can be brought up to date without a snapshot
    from_disk: int = 0  # ... and so many older ones
    counter_limit: int = COUNTER_LIMIT
    ticking: bool = True  # no: nobody pings, and only broken connections tell of a loss


@dataclass
class Server(Elector):
    """Apache ZooKeeper 3.9, QuorumPeer and ZooKeeperServer: what they keep, not what they decide."""

    settings: Settings = field(kw_only=True)
    history: History = field(default_factory=History)
    accepted_epoch: int = 0
    current_epoch: int = 0
    zab_state: ZabState = ZabState.ELECTION
    last_committed: Zxid = ZERO  # as far as this server knows, since it was switched on
    delivered: Zxid = ZERO  # how far it has announced what is committed
    waiting: list[ClientRequest] = field(default_factory=list)  # until there is a leader
    unanswered: dict[int, list[ClientRequest]] = field(default_factory=dict)  # of each session, in order
    alarm: str = ""  # what can only be if somebody has broken the protocol

    # -- what a role provides ------------------------------------------------------------------------------------------

    def submit(self, request: WriteRequest | SyncRequest, ctx: Context) -> None:
        """Have a client's request done in the order of all."""
        raise NotImplementedError(f"{type(self).__name__} does not say what becomes of a client's request")

    def give_up(self, reason: str, ctx: Context) -> None:
        """End this role, and look for a leader again."""
        raise NotImplementedError(f"{type(self).__name__} does not say how its role ends")

    def sound_alarm(self, reason: str, ctx: Context) -> None:
        """Something is wrong that no failure explains: ZooKeeper ends the process here."""
        self.alarm = reason
        self.give_up(reason, ctx)

    # -- its disk ------------------------------------------------------------------------------------------------------

    def initial_vote(self) -> Vote:
        """For itself: by the epoch whose history it holds, and how long that is. An observer has no vote."""
        voter = address_of(self.sid) in self.quorum.members
        return Vote(self.current_epoch, self.history.last_processed, self.sid) if voter else NOBODY

    def restore(self, record: Any) -> None:
        """Replay the journal. All that is logged is processed: of none it knows that it is not committed."""
        match record:
            case AcceptedEpoch(epoch):
                self.accepted_epoch = epoch
            case CurrentEpoch(epoch, _):
                self.current_epoch = epoch
            case Logged(txn):
                self.history.append(txn)
                self.history.fast_forward()
            case Truncated(zxid):
                self.history.truncate(zxid)
            case Snapshot():
                self.history.install(record)
            case _:
                raise TypeError(f"a ZAB server finds {record!r} in its journal, which it cannot have written")

    @property
    def log(self) -> tuple[Zxid, ...]:
        """What its log holds, after its last snapshot."""
        return tuple(txn.zxid for txn in self.history.log)

    @property
    def replica(self) -> Any:
        """The state of the application here, as a value."""
        return self.history.application.snapshot()

    # -- delivering ----------------------------------------------------------------------------------------------------

    def process_next(self, ctx: Context) -> None:
        """The next transaction is committed: apply it, announce it, and answer whoever asked for it."""
        txn, result = self.history.process_next()
        self.last_committed = txn.zxid
        self.announce(txn, ctx)
        self.answered(txn.session, txn.cxid, result, ctx)

    def learn_that_all_is_committed(self, zxid: Zxid, ctx: Context) -> None:
        """A quorum holds the history with which this epoch begins, and so all that is processed here."""
        self.last_committed = zxid
        for txn in self.history.after(self.delivered):
            if txn.zxid <= self.history.last_processed:
                self.announce(txn, ctx)

    def announce(self, txn: Txn, ctx: Context) -> None:
        """Deliver, in the paper's word."""
        self.delivered = txn.zxid
        ctx.decide(txn)

    # -- its clients ---------------------------------------------------------------------------------------------------

    @upon(WriteRequest)
    @upon(ReadRequest)
    @upon(SyncRequest)
    def accept(self, request: ClientRequest, ctx: Context) -> None:
        """A client is served by a server that is in touch with a quorum; until then it waits."""
        if self.zab_state is ZabState.BROADCAST:
            self.serve(request, ctx)
        else:
            self.waiting.append(request)

    def serve_waiting(self, ctx: Context) -> None:
        """Now there is a leader."""
        waiting, self.waiting = self.waiting, []
        for request in waiting:
            self.accept(request, ctx)

    def serve(self, request: ClientRequest, ctx: Context) -> None:
        """Reads are answered here and at once, but for those that come after a write of the same session."""
        before = self.unanswered.get(request.session)
        if isinstance(request, ReadRequest) and not before:
            self.answer_read(request, ctx)
            return
        self.unanswered.setdefault(request.session, []).append(request)
        if not isinstance(request, ReadRequest):
            self.submit(request, ctx)

    def answered(self, session: int, cxid: int, result: Any, ctx: Context) -> None:
        """What a client of this server asked for is done; what it wanted to read next can now be read."""
        line = self.unanswered.get(session, [])
        if not line or line[0].cxid != cxid:
            return  # it asked another server
        line.pop(0)
        self.respond(session, cxid, result, ctx)
        while line and isinstance(read := line[0], ReadRequest):
            self.answer_read(read, ctx)
            line.pop(0)
        if not line:
            del self.unanswered[session]

    def answer_read(self, request: ReadRequest, ctx: Context) -> None:
        """As it is here."""
        self.respond(request.session, request.cxid, self.history.application.read(request.query), ctx)

    def respond(self, session: int, cxid: int, result: Any, ctx: Context) -> None:
        """Tell the client at once: whatever this disk has still to do, a quorum of disks holds what is told."""
        ctx.send(CLIENT, Response(session, cxid, self.history.last_processed, result), eager=True)

    def lose_clients(self, ctx: Context) -> None:
        """Without its leader a server cannot say what becomes of what was asked."""
        for session, line in sorted(self.unanswered.items()):
            for request in line:
                ctx.send(CLIENT, ConnectionLoss(session, request.cxid), eager=True)
        self.unanswered = {}
