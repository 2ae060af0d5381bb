"""The termination protocol: those who are left elect a backup, which asks how far each came and finishes for all.

Skeen, Nonblocking Commit Protocols (1981); Bernstein, Hadzilacos and Goodman (1987), section 7.5. The election is the
bully algorithm of Garcia-Molina, Elections in a Distributed Computing System (1982), except that the lowest address
that is up prevails. Nobody sees who is up: a candidate asks those before it, and takes silence for a crash. So a
partition makes two backups.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from consensus_lab.kernel import Address, Context, upon
from consensus_lab.protocols.three_phase_commit.messages import (
    Abort,
    Commit,
    CommitOverdue,
    Election,
    ElectionOverdue,
    Part,
    PreAck,
    PreAcksOverdue,
    PreCommit,
    PreCommitOverdue,
    ReportsOverdue,
    Standing,
    State,
    StateReport,
    StateRequest,
    Verdict,
)
from consensus_lab.protocols.three_phase_commit.participant import (
    COMMIT_WITHIN,
    PATIENCE,
    PRECOMMIT_WITHIN,
    Participant,
)

ANSWER_WITHIN = 0.5  # seconds; three such waits must end well before a follower's patience does
UNDECIDED = (State.READY, State.PRECOMMIT)
DECIDED = (State.COMMIT, State.ABORT)
OVERDUE: dict[Part, tuple[type, ...]] = {  # what ends its waiting as one of these
    Part.FOLLOWER: (),
    Part.CANDIDATE: (ElectionOverdue,),
    Part.BACKUP: (ReportsOverdue, PreAcksOverdue),
}


@dataclass
class TerminatingParticipant(Participant):
    """A participant that never decides alone: Bernstein, Hadzilacos and Goodman (1987), section 7.5, rules TR1 to TR4.

    Whoever crashed and came back takes no part: it asks those who stayed.
    """

    part: Part = Part.FOLLOWER
    reports: dict[Address, State] = field(default_factory=dict)  # to the backup: how far each came
    awaited: frozenset[Address] = frozenset()  # by the backup: who has not acknowledged its PreCommit

    # -- election ------------------------------------------------------------------------------------------------------

    def abort_alone(self, overdue: PreCommitOverdue, ctx: Context) -> None:
        """The coordinator is silent, but somebody may know more: do not decide, elect."""
        self.stand(ctx)

    def commit_alone(self, overdue: CommitOverdue, ctx: Context) -> None:
        """The same: somebody may know less, and must be told before anyone commits."""
        self.stand(ctx)

    def stand(self, ctx: Context) -> None:
        """Ask everyone who comes before; lead if nobody does."""
        before = frozenset(peer for peer in self.peers if peer < ctx.me)
        ctx.cancel_timer(PATIENCE[self.state](self.tx))
        self.part = Part.CANDIDATE
        ctx.broadcast(before, Election(self.tx))
        if before:
            ctx.set_timer(ElectionOverdue(self.tx), ANSWER_WITHIN)
        else:
            self.lead(ctx)

    @upon(Election, when=UNDECIDED)
    def object(self, election: Election, ctx: Context) -> None:
        """Somebody who comes later finds the coordinator silent: here is one that comes before."""
        ctx.reply(Standing(election.tx))
        if self.part is Part.FOLLOWER:
            self.stand(ctx)

    @upon(Standing, when=UNDECIDED)
    def step_back(self, standing: Standing, ctx: Context) -> None:
        """One before it is there, and will lead; should it crash too, the patience of a follower ends again."""
        if self.part is Part.CANDIDATE:
            self.follow(ctx)

    def follow(self, ctx: Context) -> None:
        """Wait for the backup as it would for the coordinator."""
        self.retire(ctx)
        if self.state is State.READY:
            ctx.set_timer(PreCommitOverdue(self.tx), PRECOMMIT_WITHIN)
        else:
            ctx.set_timer(CommitOverdue(self.tx), COMMIT_WITHIN)

    def retire(self, ctx: Context) -> None:
        """Lead no more, and wait for nobody as a leader would."""
        for timer in OVERDUE[self.part]:
            ctx.cancel_timer(timer(self.tx))
        self.part, self.awaited = Part.FOLLOWER, frozenset()

    # -- first round: how far did each come? ---------------------------------------------------------------------------

    @upon(ElectionOverdue, when=UNDECIDED)
    def prevail(self, overdue: ElectionOverdue, ctx: Context) -> None:
        """Nobody before it answers."""
        self.lead(ctx)

    def lead(self, ctx: Context) -> None:
        """Be the backup: ask all."""
        self.part, self.reports = Part.BACKUP, {}
        ctx.broadcast(self.peers, StateRequest(self.tx))
        ctx.set_timer(ReportsOverdue(self.tx), ANSWER_WITHIN)

    @upon(StateRequest, when=UNDECIDED)
    def report(self, request: StateRequest, ctx: Context) -> None:
        """Say so, and wait for what the backup makes of it."""
        ctx.reply(StateReport(request.tx, self.state))
        self.follow(ctx)

    @upon(StateRequest, when=DECIDED)
    @upon(Election, when=DECIDED)
    def inform(self, request: StateRequest | Election, ctx: Context) -> None:
        """It knows the verdict (TR1, TR2), so everyone may."""
        ctx.reply(self.verdict)

    @upon(StateRequest, when=State.INIT)
    @upon(Election, when=State.INIT)
    def abort_for_peers(self, request: StateRequest | Election, ctx: Context) -> None:
        """It has not voted, so nobody can have committed: it may abort, and thereby end it for all."""
        self.conclude(Abort(request.tx), ctx)
        ctx.reply(Abort(request.tx))

    @upon(StateReport, when=UNDECIDED)
    def count_report(self, report: StateReport, ctx: Context) -> None:
        """When all have answered there is nothing to wait for."""
        self.reports[ctx.sender] = report.state
        if self.part is Part.BACKUP and self.reports.keys() == self.peers:
            self.terminate(ctx)

    @upon(ReportsOverdue, when=UNDECIDED)
    def stop_waiting(self, overdue: ReportsOverdue, ctx: Context) -> None:
        """Who has not answered must have crashed."""
        self.terminate(ctx)

    # -- second round, if somebody knew more than others ---------------------------------------------------------------

    def terminate(self, ctx: Context) -> None:
        """TR3: if all who are left are uncertain, abort. TR4: if somebody is not, make everybody so, then commit."""
        ctx.cancel_timer(ReportsOverdue(self.tx))
        if State.PRECOMMIT in (self.state, *self.reports.values()):
            self.spread(ctx)
        else:
            self.conclude(Abort(self.tx), ctx)

    def spread(self, ctx: Context) -> None:
        """Let everyone who is left know that all voted yes, this node first, before anyone commits."""
        if self.state is State.READY:
            self.execute(self.tx, ctx)
        self.awaited = frozenset(peer for peer, state in self.reports.items() if state is State.READY)
        ctx.broadcast(self.awaited, PreCommit(self.tx))
        ctx.set_timer(PreAcksOverdue(self.tx), ANSWER_WITHIN)
        self.finish(ctx)

    @upon(PreAck, when=State.PRECOMMIT)
    def count_preack(self, preack: PreAck, ctx: Context) -> None:
        """One more knows."""
        if ctx.sender in self.awaited:
            self.awaited -= {ctx.sender}
            self.finish(ctx)

    def finish(self, ctx: Context) -> None:
        """Commit once everyone who is left knows."""
        if not self.awaited:
            self.conclude(Commit(self.tx), ctx)

    @upon(PreAcksOverdue, when=State.PRECOMMIT)
    def proceed(self, overdue: PreAcksOverdue, ctx: Context) -> None:
        """Who has not acknowledged must have crashed since it reported."""
        self.conclude(Commit(overdue.tx), ctx)

    def conclude(self, verdict: Verdict, ctx: Context) -> None:
        """As ever; a backup tells all the others, also when one of them has told it."""
        super().conclude(verdict, ctx)
        if self.part is Part.BACKUP:
            ctx.broadcast(self.peers, verdict)
        self.retire(ctx)
