"""The follower: logs what its leader proposes, says so when it is durable, and delivers what is committed, in order."""

from __future__ import annotations

from dataclasses import dataclass

from consensus_lab.kernel import Context, upon
from consensus_lab.protocols.zab.learner import Learner
from consensus_lab.protocols.zab.messages import ACK, COMMIT, PROPOSAL, Logged, State, Txn, ZabState, Zxid


@dataclass
class Follower(Learner):
    """Junqueira, Reed and Serafini (2011), section 4, phase 3; Apache ZooKeeper 3.9, Follower."""

    @upon(PROPOSAL, when=State.FOLLOWING)
    def follow_proposal(self, proposal: PROPOSAL, ctx: Context) -> None:
        """During synchronisation it is kept in mind; afterwards it is logged at once."""
        if self.is_duplicate(proposal.txn):
            ctx.note(f"{proposal.txn.zxid} is here already")
        elif self.zab_state is ZabState.SYNCHRONIZATION:
            self.queue_proposal(proposal.txn, ctx)
        else:
            self.log_proposal(proposal.txn, ctx)

    def is_duplicate(self, txn: Txn) -> bool:
        """Whether the history that came with the new epoch holds it already."""
        last = self.not_logged[-1].zxid if self.not_logged else self.history.last_logged
        return self.received is None and txn.zxid <= last

    def log_proposal(self, txn: Txn, ctx: Context) -> None:
        """First on disk, then acknowledged."""
        self.keep(txn, ctx)
        self.history.append(txn)
        ctx.send(str(self.leader), ACK(txn.zxid))

    def keep(self, txn: Txn, ctx: Context) -> None:
        ctx.force(Logged(txn))

    @upon(COMMIT, when=State.FOLLOWING)
    def follow_commit(self, commit: COMMIT, ctx: Context) -> None:
        """A quorum has it."""
        if self.zab_state is ZabState.SYNCHRONIZATION:
            self.queue_commit(commit.zxid, ctx)
        else:
            self.deliver(commit.zxid, ctx)

    def deliver(self, zxid: Zxid, ctx: Context) -> None:
        """In the order of the log: the one that is committed must be the next."""
        following = self.history.next_pending
        if following is None or following.zxid != zxid:
            self.sound_alarm(f"{zxid} is committed, and {following and following.zxid} is next", ctx)
        else:
            self.process_next(ctx)

    def take_over_the_rest(self, ctx: Context) -> None:
        """What has come since NEWLEADER, and what was outstanding then: log and acknowledge it, deliver the commits."""
        proposals, commits = self.not_logged, self.to_commit
        self.not_logged, self.to_commit = [], []
        for txn in proposals:
            self.log_proposal(txn, ctx)
        for zxid in commits:
            self.deliver(zxid, ctx)
