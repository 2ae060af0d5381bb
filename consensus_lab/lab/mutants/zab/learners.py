"""Learners that are wrong: what they write in which order, what they cut off, and what they take for committed."""

from __future__ import annotations

from collections.abc import Sequence

from consensus_lab.kernel import Context
from consensus_lab.protocols.zab.messages import (
    ACK,
    ACKEPOCH,
    DIFF,
    LEADERINFO,
    NEWLEADER,
    SNAP,
    TRUNC,
    CurrentEpoch,
    Logged,
    Snapshot,
    State,
    SyncMode,
    Truncated,
    Txn,
    ZabState,
)
from consensus_lab.protocols.zab.peer import Peer

# -- the epoch ---------------------------------------------------------------------------------------------------------


class AcceptsWithoutWriting(Peer):
    def accept_epoch(self, info: LEADERINFO, ctx: Context) -> None:
        counted = info.zxid.epoch > self.accepted_epoch
        self.accepted_epoch = info.zxid.epoch
        self.zab_state = ZabState.SYNCHRONIZATION
        ctx.reply(ACKEPOCH(self.history.last_processed, self.current_epoch if counted else -1))


class AcceptsEveryEpoch(Peer):
    def accept_epoch(self, info: LEADERINFO, ctx: Context) -> None:
        self.accepted_epoch = min(self.accepted_epoch, info.zxid.epoch - 1)
        super().accept_epoch(info, ctx)


class EntersTheEpochBeforeItsHistory(Peer):
    """ZOOKEEPER-4643."""

    def enter_epoch(self, newleader: NEWLEADER, ctx: Context) -> None:
        self.persist_epoch(newleader.zxid.epoch, ctx)
        self.persist_history(ctx)
        ctx.reply(ACK(newleader.zxid))
        self.await_leader(self.settings.sync_limit, ctx)


class AcknowledgesBeforeTheDisk(Peer):
    """ZOOKEEPER-4646, and 4785."""

    def enter_epoch(self, newleader: NEWLEADER, ctx: Context) -> None:
        self.persist_epoch(newleader.zxid.epoch, ctx)
        ctx.reply(ACK(newleader.zxid))
        self.persist_history(ctx)
        self.await_leader(self.settings.sync_limit, ctx)


class TakesTheHistoryAlone(Peer):
    def enter_epoch(self, newleader: NEWLEADER, ctx: Context) -> None:
        self.persist_history(ctx)
        ctx.reply(ACK(newleader.zxid))
        self.await_leader(self.settings.sync_limit, ctx)


class EntersTheEpochWhenUpToDate(Peer):
    """ZOOKEEPER-1264 and 1282: the epoch is not on disk when the leader counts on it."""

    def persist_epoch(self, epoch: int, ctx: Context) -> None:
        self.current_epoch = epoch
        ctx.append(CurrentEpoch(epoch, str(self.leader)))


class KeepsTheHistoryInMemory(Peer):
    """ZOOKEEPER-3911: what came with DIFF is written only when UPTODATE comes."""

    def persist_history(self, ctx: Context) -> None:
        if self.received is not None:
            ctx.force(self.received)
            self.history.install(self.received)
            self.received = None


# -- what was here before ----------------------------------------------------------------------------------------------


class KeepsWhatItWasToldToCut(Peer):
    """ZOOKEEPER-1154: it goes on from its own log."""

    def truncate(self, trunc: TRUNC, ctx: Context) -> None:
        self.sync_mode = SyncMode.TRUNC


class CutsOnlyItsMemory(Peer):
    """ZOOKEEPER-3701: the cut fails on disk, and nobody looks."""

    def truncate(self, trunc: TRUNC, ctx: Context) -> None:
        self.sync_mode = SyncMode.TRUNC
        self.history.truncate(trunc.zxid)


class CutsOnlyItsLog(Peer):
    """ZOOKEEPER-1549: what a snapshot holds stays."""

    def truncate(self, trunc: TRUNC, ctx: Context) -> None:
        self.sync_mode = SyncMode.TRUNC
        ctx.force(Truncated(trunc.zxid))
        state = self.history.application.snapshot()
        self.history.truncate(trunc.zxid)
        self.history.application.restore(state)


class MixesTheSnapshotIn(Peer):
    """ZOOKEEPER-3642: what was here before is not forgotten."""

    def take_snapshot(self, snap: SNAP, ctx: Context) -> None:
        self.sync_mode, self.needs_snapshot = SyncMode.SNAP, False
        self.received = Snapshot(snap.zxid, self.history.application.snapshot() + snap.state)


class IsWhereItsLeaderIs(Peer):
    """ZOOKEEPER-2355: DIFF is taken for what it announces."""

    def take_diff(self, diff: DIFF, ctx: Context) -> None:
        self.sync_mode = SyncMode.DIFF
        self.history.last_processed = diff.zxid


# -- what has come since NEWLEADER -------------------------------------------------------------------------------------


class LosesWhatCameBeforeUptodate(Peer):
    """ZOOKEEPER-1319 and 962: applied, and never logged."""

    def take_over_the_rest(self, ctx: Context) -> None:
        proposals, commits = self.not_logged, self.to_commit
        self.not_logged, self.to_commit = [], []
        for txn in proposals:
            self.history.append(txn)
            ctx.send(str(self.leader), ACK(txn.zxid))
        for zxid in commits:
            self.deliver(zxid, ctx)


class ForgetsProposalsWithoutACommit(Peer):
    """ZOOKEEPER-4394: their commits then find nothing."""

    def committed_proposals(self) -> Sequence[Txn]:
        count = len(self.to_commit)
        committed, self.not_logged, self.to_commit = self.not_logged[:count], [], []
        return committed


class AcknowledgesBeforeNewleader(Peer):
    """ZOOKEEPER-4685: the leader hears of a proposal before it hears of NEWLEADER."""

    def queue_proposal(self, txn: Txn, ctx: Context) -> None:
        self.not_logged.append(txn)
        ctx.send(str(self.leader), ACK(txn.zxid))


class DeliversWhatItLogs(Peer):
    def log_proposal(self, txn: Txn, ctx: Context) -> None:
        self.keep(txn, ctx)
        self.history.append(txn)
        ctx.send(str(self.leader), ACK(txn.zxid))
        self.process_next(ctx)


class AcknowledgesBeforeItLogs(Peer):
    def log_proposal(self, txn: Txn, ctx: Context) -> None:
        ctx.send(str(self.leader), ACK(txn.zxid))
        self.keep(txn, ctx)
        self.history.append(txn)


class ForgetsWhatItLogged(Peer):
    def log_proposal(self, txn: Txn, ctx: Context) -> None:
        self.keep(txn, ctx)
        ctx.send(str(self.leader), ACK(txn.zxid))


class LogsWithoutForcing(Peer):
    def keep(self, txn: Txn, ctx: Context) -> None:
        ctx.append(Logged(txn))


# -- when a role ends --------------------------------------------------------------------------------------------------


class StaysWhereItsMemoryWas(Peer):
    """ZOOKEEPER-2845: memory lacks what the log holds, and the role changes."""

    def give_up(self, reason: str, ctx: Context) -> None:
        ctx.note(reason)
        if self.state is State.LEADING:
            self.resign(ctx)
        else:
            self.hang_up(ctx)
        self.lose_clients(ctx)
        self.zab_state = ZabState.ELECTION
        self.history.last_processed = self.history.last_logged
        self.look_for_leader(ctx)
