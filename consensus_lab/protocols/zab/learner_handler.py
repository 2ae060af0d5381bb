"""What a leader knows of one learner: how far it has come, and with what it is brought up to date.

Which of the four ways it is (DIFF, TRUNC, TRUNC and then proposals, SNAP) follows from the last zxid that the learner
has logged and from the leader's window of recent transactions. It refuses to know the learner's own history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from consensus_lab.protocols.zab.history import History
from consensus_lab.protocols.zab.messages import ACKEPOCH, COMMIT, DIFF, PROPOSAL, SNAP, TRUNC, Txn, Zxid


class Stage(Enum):
    """How far a learner has come, as its leader sees it."""

    CONNECTED = "connected"
    REGISTERED = "registered"  # it has said who it is
    ACKED = "acked"  # it has accepted the new epoch
    SYNCING = "syncing"  # it was sent the leader's history, and hears every proposal from now on
    SYNCED = "synced"  # it has entered the new epoch


@dataclass
class LearnerHandler:
    """Apache ZooKeeper 3.9, LearnerHandler."""

    connection: int
    deadline: int  # the tick up to which it may be silent
    stage: Stage = Stage.CONNECTED
    participant: bool = True  # it votes, and acknowledges proposals; else it observes
    summary: ACKEPOCH | None = None
    unacked: tuple[Zxid, int] | None = None  # a proposal that it owes an ACK for, and the tick of it
    unacked_next: tuple[Zxid, int] | None = None  # the last one since

    @property
    def forwarding(self) -> bool:
        """Whether it hears of what is proposed and committed: since it was sent the history, not only since it said so.

        In between it would miss something for ever.
        """
        return self.stage in (Stage.SYNCING, Stage.SYNCED)

    # -- what it owes (SyncLimitCheck) ---------------------------------------------------------------------------------

    def proposed(self, zxid: Zxid, tick: int) -> None:
        """It was sent a proposal."""
        if self.stage is not Stage.SYNCED:
            return
        if self.unacked is None:
            self.unacked = (zxid, tick)
        else:
            self.unacked_next = (zxid, tick)

    def acked(self, zxid: Zxid) -> None:
        """It has acknowledged one."""
        if self.unacked and self.unacked[0] == zxid:
            self.unacked, self.unacked_next = self.unacked_next, None
        elif self.unacked_next and self.unacked_next[0] == zxid:
            self.unacked_next = None

    def is_overdue(self, tick: int, sync_limit: int) -> bool:
        """Whether it has owed an ACK for too long, though it may answer to pings."""
        return self.unacked is not None and tick - self.unacked[1] >= sync_limit


# -- synchronisation ---------------------------------------------------------------------------------------------------


def sync_follower(history: History, peer: Zxid, window: int, from_disk: int) -> Sync:
    """What to send to a learner whose last logged zxid is `peer` (LearnerHandler.syncFollower).

    `window` is the length of committedLog; `from_disk`, how many older transactions may be read from the log instead of
    sending a snapshot (there a share of the snapshot's size; 0: none).
    """
    recent = history.committed_log(window)
    lowest = recent[0].zxid if recent else history.last_processed
    highest = recent[-1].zxid if recent else history.last_processed
    sync = Sync(peer, highest)
    if history.last_processed == peer:
        sync.open(DIFF(peer))
    elif peer > highest and not sync.is_new_epoch:
        sync.open(TRUNC(highest))
        sync.queued = highest
    elif lowest <= peer <= highest:
        sync.queue_committed(recent)
    elif peer < lowest:
        older = history.logged_before(lowest)
        if older and older[0].zxid <= peer and sum(txn.zxid > peer for txn in older) <= from_disk:
            sync.queue_committed([*older, *recent])
    if not sync.queue:
        sync.open(SNAP(history.last_processed, history.snapshot().state))
        sync.queued = history.last_processed
    return sync


@dataclass
class Sync:
    """A learner's queue while it is being filled. It begins with DIFF, TRUNC or SNAP."""

    peer: Zxid  # the last zxid that the learner has logged
    last_committed: Zxid  # the last one of the window
    queue: list[Any] = field(default_factory=list)
    queued: Zxid = field(init=False)  # how far the learner will have come

    def __post_init__(self) -> None:
        self.queued = self.peer

    @property
    def is_new_epoch(self) -> bool:
        """Whether the learner stands at an epoch's beginning: no log holds that zxid, so it is missing in none."""
        return self.peer.counter == 0

    def open(self, packet: Any) -> None:
        """Say first in which way it goes."""
        self.queue.append(packet)

    def queue_committed(self, txns: Sequence[Txn]) -> None:
        """Queue what the learner lacks of these, each with its commit (queueCommittedProposals).

        Where its last transaction is not among them it has one that nobody else has, and its log must be cut before
        that one: within its epoch, for a log is not cut across epochs; beyond, only a snapshot is left.
        """
        before = max((txn.zxid for txn in txns if txn.zxid < self.peer), default=None)
        for txn in (txn for txn in txns if txn.zxid >= self.peer):
            if not self.queue and not self._open_with(txn, before):
                return
            if txn.zxid > self.queued:
                self.queue += (PROPOSAL(txn), COMMIT(txn.zxid))
                self.queued = txn.zxid
        if not self.queue and self.is_new_epoch:
            self.open(DIFF(self.last_committed))

    def _open_with(self, first: Txn, before: Zxid | None) -> bool:
        """Whether these can be sent to it at all; then it is said how."""
        if first.zxid == self.peer or self.is_new_epoch:
            self.open(DIFF(self.last_committed))
        elif first.zxid.epoch == self.peer.epoch and before is not None:
            self.open(TRUNC(before))
        return bool(self.queue)
