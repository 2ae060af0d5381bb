"""Leaders that are wrong: in which epoch they lead, whom they count, and what they send to whom."""

from __future__ import annotations

from typing import Any

from consensus_lab.kernel import Address, Context
from consensus_lab.protocols.election.messages import NOBODY, Vote
from consensus_lab.protocols.zab.learner_handler import Stage, Sync
from consensus_lab.protocols.zab.messages import (
    DIFF,
    NEWLEADER,
    PROPOSAL,
    UPTODATE,
    AcceptedEpoch,
    CurrentEpoch,
    Zxid,
    address_of,
)
from consensus_lab.protocols.zab.peer import Peer

# -- which epoch, and whose history ------------------------------------------------------------------------------------


class VotesByAcceptedEpoch(Peer):
    def initial_vote(self) -> Vote:
        voter = address_of(self.sid) in self.quorum.members
        return Vote(self.accepted_epoch, self.history.last_processed, self.sid) if voter else NOBODY


class CountsOnItsOwnEpoch(Peer):
    def next_epoch(self, accepted: int) -> int:
        return self.accepted_epoch + 1


class CountsOnWhoeverSpokeLast(Peer):
    def next_epoch(self, accepted: int) -> int:
        return accepted + 1


class LeadsInAnEpochThatWasAccepted(Peer):
    def next_epoch(self, accepted: int) -> int:
        return max(self.epoch, self.accepted_epoch, accepted)


class ForgetsWhichEpochItAccepted(Peer):
    def restore(self, record: Any) -> None:
        if not isinstance(record, AcceptedEpoch):
            super().restore(record)


class EntersItsEpochAtOnce(Peer):
    def choose_epoch(self, ctx: Context) -> None:
        self.current_epoch = self.epoch
        ctx.force(CurrentEpoch(self.epoch, ctx.me))
        super().choose_epoch(ctx)


# -- synchronisation ---------------------------------------------------------------------------------------------------


class CutsNobodysLog(Peer):
    """ZOOKEEPER-1154."""

    def choose_sync(self, peer: Zxid) -> Sync:
        sync = super().choose_sync(peer)
        if type(sync.queue[0]).__name__ == "TRUNC":
            sync.queue[0] = DIFF(sync.last_committed)
        return sync


class SendsOnlyWhatItRemembers(Peer):
    """ZOOKEEPER-4925: there a former follower's window had a gap."""

    def choose_sync(self, peer: Zxid) -> Sync:
        sync = super().choose_sync(peer)
        inherited = [packet for packet in sync.queue if zxid_of(packet).epoch == self.epoch]
        return sync if not inherited else replaced(sync, [sync.queue[0], *inherited])


def zxid_of(packet: Any) -> Zxid:
    zxid: Zxid = packet.txn.zxid if isinstance(packet, PROPOSAL) else packet.zxid
    return zxid


def replaced(sync: Sync, queue: list[Any]) -> Sync:
    sync.queue = queue
    return sync


class LeavesOutWhatIsOutstanding(Peer):
    """ZOOKEEPER-3104 and its like: NEWLEADER before all that belongs to the history."""

    def synchronise(self, learner: Address, ctx: Context) -> None:
        handler = self.handlers[learner]
        assert handler.summary is not None
        self.forget_acks(learner)
        sync = self.choose_sync(handler.summary.zxid)
        self.queue(learner, [*sync.queue, NEWLEADER(Zxid(self.epoch, 0))], ctx)
        handler.stage = Stage.SYNCING


class CountsAcksOfAnEarlierConnection(Peer):
    """As Apache's leader does."""

    def forget_acks(self, learner: Address) -> None:
        pass


class LeadsBeforeAQuorumHasEntered(Peer):
    def may_establish(self) -> bool:
        return True


class SaysNothingMoreAfterNewleader(Peer):
    def synchronise(self, learner: Address, ctx: Context) -> None:
        super().synchronise(learner, ctx)
        self.handlers[learner].stage = Stage.ACKED


class LetsFollowersServeAtOnce(Peer):
    def synchronise(self, learner: Address, ctx: Context) -> None:
        super().synchronise(learner, ctx)
        self.queue(learner, [UPTODATE()], ctx)


# -- broadcast ---------------------------------------------------------------------------------------------------------


class ProposesOnlyToThoseWhoHaveEntered(Peer):
    """Issue 1 of Zab.tla."""

    def proposed_to(self) -> list[Address]:
        return [learner for learner in super().proposed_to() if self.handlers[learner].stage is Stage.SYNCED]


class CommitsOnOneDisk(Peer):
    def may_commit(self, zxid: Zxid) -> bool:
        return next(iter(self.outstanding)) == zxid and bool(self.outstanding[zxid])


class CommitsOnHalfOfTheDisks(Peer):
    def may_commit(self, zxid: Zxid) -> bool:
        return 2 * len(self.outstanding[zxid]) >= len(self.quorum.members)


class WaitsForEveryDisk(Peer):
    def may_commit(self, zxid: Zxid) -> bool:
        return self.outstanding[zxid] == self.quorum.members


class AcknowledgesWithoutItsDisk(Peer):
    def propose(self, session: int, cxid: int, operation: Any, ctx: Context) -> None:
        super().propose(session, cxid, operation, ctx)
        self.hear_proposal_ack(self.last_proposed, ctx)


class CountsOnForEver(Peer):
    """ZOOKEEPER-1277: the counter runs over into the epoch."""

    def propose(self, session: int, cxid: int, operation: Any, ctx: Context) -> None:
        if self.last_proposed.counter + 1 >= self.settings.counter_limit:
            self.last_proposed = Zxid(self.last_proposed.epoch + 1, 0)
        super().propose(session, cxid, operation, ctx)


class LeadsOnAlone(Peer):
    def has_quorum(self, ctx: Context) -> bool:
        return True
