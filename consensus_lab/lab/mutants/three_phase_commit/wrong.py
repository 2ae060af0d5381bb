"""The wrong answers themselves: each class is a reference with one rule gone wrong."""

from __future__ import annotations

from consensus_lab.kernel import Context, Recovered
from consensus_lab.protocols.three_phase_commit.coordinator import PREACKS_WITHIN, Coordinator
from consensus_lab.protocols.three_phase_commit.messages import (
    Abort,
    CanCommit,
    Commit,
    CommitOverdue,
    DecisionRequest,
    PreAck,
    PreAcksOverdue,
    PreCommit,
    PreCommitOverdue,
    Prepared,
    State,
    VotesOverdue,
)
from consensus_lab.protocols.three_phase_commit.participant import COMMIT_WITHIN, PRECOMMIT_WITHIN, Participant
from consensus_lab.protocols.three_phase_commit.termination import TerminatingParticipant

# -- the coordinator lets everyone know -------------------------------------------------------------------------------


class CommitsInTwoPhases(Coordinator):
    def prepare(self, tx: str, ctx: Context) -> None:
        ctx.force(PreCommit(tx))
        ctx.broadcast(self.participants, PreCommit(tx))
        self.conclude(Commit(tx), ctx)


class TellsBeforeItWrites(Coordinator):
    def prepare(self, tx: str, ctx: Context) -> None:
        ctx.broadcast(self.participants, PreCommit(tx))
        super().prepare(tx, ctx)


class RemembersNothing(Coordinator):
    def prepare(self, tx: str, ctx: Context) -> None:
        ctx.cancel_timer(VotesOverdue(tx))
        ctx.broadcast(self.participants, PreCommit(tx))
        ctx.set_timer(PreAcksOverdue(tx), PREACKS_WITHIN)
        self.restore(PreCommit(tx))


class WaitsForEverForAcknowledgements(Coordinator):
    def prepare(self, tx: str, ctx: Context) -> None:
        super().prepare(tx, ctx)
        ctx.cancel_timer(PreAcksOverdue(tx))


# -- the coordinator counts acknowledgements --------------------------------------------------------------------------


class CommitsAtTheFirstPreAck(Coordinator):
    def count_preack(self, preack: PreAck, ctx: Context) -> None:
        self.conclude(Commit(preack.tx), ctx)


# -- the coordinator misses an acknowledgement ------------------------------------------------------------------------


class AbortsAsTheCourseDoes(Coordinator):
    def proceed(self, overdue: PreAcksOverdue, ctx: Context) -> None:
        self.conclude(Abort(overdue.tx), ctx)


class AsksForVotesAgain(Coordinator):
    def proceed(self, overdue: PreAcksOverdue, ctx: Context) -> None:
        ctx.broadcast(self.participants, CanCommit(overdue.tx))
        ctx.set_timer(VotesOverdue(overdue.tx), PREACKS_WITHIN)
        self.state = State.WAIT


class PreparesAgainForEver(Coordinator):
    def proceed(self, overdue: PreAcksOverdue, ctx: Context) -> None:
        ctx.broadcast(self.participants - self.prepared, PreCommit(overdue.tx))
        ctx.set_timer(overdue, PREACKS_WITHIN)


# -- a participant runs out of patience -------------------------------------------------------------------------------


class CommitsUncertain(Participant):
    def abort_alone(self, overdue: PreCommitOverdue, ctx: Context) -> None:
        self.conclude(Commit(overdue.tx), ctx)


class WaitsUncertain(Participant):
    def abort_alone(self, overdue: PreCommitOverdue, ctx: Context) -> None:
        ctx.send(self.coordinator, DecisionRequest(overdue.tx))
        ctx.set_timer(overdue, PRECOMMIT_WITHIN)


class AbortsAndWritesNothing(Participant):
    def abort_alone(self, overdue: PreCommitOverdue, ctx: Context) -> None:
        ctx.decide(Abort(overdue.tx))
        self.restore(Abort(overdue.tx))


class AbortsPrepared(Participant):
    def commit_alone(self, overdue: CommitOverdue, ctx: Context) -> None:
        self.conclude(Abort(overdue.tx), ctx)


# -- a participant executes -------------------------------------------------------------------------------------------


class AcknowledgesBeforeItWrites(Participant):
    def prepare(self, precommit: PreCommit, ctx: Context) -> None:
        ctx.cancel_timer(PreCommitOverdue(precommit.tx))
        ctx.reply(PreAck(precommit.tx))
        self.execute(precommit.tx, ctx)
        ctx.set_timer(CommitOverdue(precommit.tx), COMMIT_WITHIN)


class ExecutesLazily(Participant):
    def execute(self, tx: str, ctx: Context) -> None:
        prepared = Prepared(tx, undo=self.value, redo=tx)
        ctx.append(prepared)
        self.restore(prepared)


# -- a participant is back from a crash -------------------------------------------------------------------------------


class DecidesAsIfItHadNeverBeenAway(Participant):
    def doubt(self, recovered: Recovered, ctx: Context) -> None:
        self.conclude(Commit(self.tx) if self.state is State.PRECOMMIT else Abort(self.tx), ctx)


class CommitsWhatItHadPrepared(Participant):
    def doubt(self, recovered: Recovered, ctx: Context) -> None:
        if self.state is State.PRECOMMIT:
            self.conclude(Commit(self.tx), ctx)
        else:
            super().doubt(recovered, ctx)


class AbortsWhatItHadPromised(Participant):
    def doubt(self, recovered: Recovered, ctx: Context) -> None:
        if self.state is State.READY:
            self.conclude(Abort(self.tx), ctx)
        else:
            super().doubt(recovered, ctx)


class AsksOnce(Participant):
    def doubt(self, recovered: Recovered, ctx: Context) -> None:
        self.state = State.RECOVERING
        ctx.broadcast(self.peers | {self.coordinator}, DecisionRequest(self.tx))


# -- the backup finishes for all --------------------------------------------------------------------------------------


class CommitsAfterOneRound(TerminatingParticipant):
    def terminate(self, ctx: Context) -> None:
        if State.PRECOMMIT in (self.state, *self.reports.values()):
            self.conclude(Commit(self.tx), ctx)
        else:
            self.conclude(Abort(self.tx), ctx)


class AbortsWhenAnyoneIsUncertain(TerminatingParticipant):
    def terminate(self, ctx: Context) -> None:
        if State.READY in (self.state, *self.reports.values()):
            self.conclude(Abort(self.tx), ctx)
        else:
            self.spread(ctx)


class ForgetsItself(TerminatingParticipant):
    def terminate(self, ctx: Context) -> None:
        if State.PRECOMMIT in self.reports.values():
            self.spread(ctx)
        else:
            self.conclude(Abort(self.tx), ctx)


class CommitsWhateverItHears(TerminatingParticipant):
    def terminate(self, ctx: Context) -> None:
        self.spread(ctx)
