"""The observer: hears what was committed, and has no say in it. However many there are, no quorum grows."""

from __future__ import annotations

from dataclasses import dataclass

from consensus_lab.kernel import Context, upon
from consensus_lab.protocols.zab.learner import Learner
from consensus_lab.protocols.zab.messages import COMMIT, INFORM, PROPOSAL, Logged, State, Txn, ZabState


@dataclass
class Observer(Learner):
    """Apache ZooKeeper 3.9, Observer."""

    @upon(PROPOSAL, when=State.OBSERVING)
    def observe_proposal(self, proposal: PROPOSAL, ctx: Context) -> None:
        """Only the synchronisation has any for an observer, each with its commit."""
        self.queue_proposal(proposal.txn, ctx)

    @upon(COMMIT, when=State.OBSERVING)
    def observe_commit(self, commit: COMMIT, ctx: Context) -> None:
        self.queue_commit(commit.zxid, ctx)

    @upon(INFORM, when=State.OBSERVING)
    def observe(self, inform: INFORM, ctx: Context) -> None:
        """Proposal and commit in one."""
        if self.zab_state is ZabState.SYNCHRONIZATION:
            self.queue_proposal(inform.txn, ctx)
            self.queue_commit(inform.txn.zxid, ctx)
        else:
            self.take(inform.txn, ctx)

    def take(self, txn: Txn, ctx: Context) -> None:
        """Log and deliver."""
        self.keep(txn, ctx)
        self.history.append(txn)
        self.process_next(ctx)

    def keep(self, txn: Txn, ctx: Context) -> None:
        """Nobody waits for this disk: what it loses the leader sends again."""
        ctx.append(Logged(txn))

    def take_over_the_rest(self, ctx: Context) -> None:
        """What has come since NEWLEADER."""
        for txn in self.committed_proposals():
            self.take(txn, ctx)
