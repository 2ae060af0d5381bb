"""The participant: promises, executes when it knows that all have promised, and is never left without a way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from consensus_lab.kernel import Address, Context, Process, Recovered, Start, upon
from consensus_lab.protocols.three_phase_commit.messages import (
    Abort,
    Ack,
    CanCommit,
    Commit,
    CommitOverdue,
    DecisionOverdue,
    DecisionRequest,
    No,
    PreAck,
    PreCommit,
    PreCommitOverdue,
    Prepared,
    Promised,
    RequestOverdue,
    State,
    Verdict,
    Yes,
)

REQUEST_WITHIN = 5.0  # seconds
PRECOMMIT_WITHIN = 3.0  # longer than the coordinator waits for votes
COMMIT_WITHIN = 3.0  # longer than the coordinator waits for acknowledgements of PreCommit
ASK_AGAIN_AFTER = 3.0
PATIENCE = {  # what ends it, in each state
    State.INIT: RequestOverdue,
    State.READY: PreCommitOverdue,
    State.PRECOMMIT: CommitOverdue,
    State.RECOVERING: DecisionOverdue,
}


@dataclass
class Participant(Process):
    """Three-phase commit, a participant. Skeen (1981); Bernstein, Hadzilacos, Goodman (1987), section 7.5.

    It guards one resource, whose value the transaction replaces by its own name. When it waits in vain it goes where
    whoever is left must go too, or so it believes: from READY nobody can have committed, from PRECOMMIT nobody can
    have aborted. That holds while silence means a crash; it does not hold when messages are lost.
    """

    role: ClassVar[str] = "participant"
    promise: ClassVar[type] = Promised

    coordinator: Address
    tx: str
    willing: bool
    peers: frozenset[Address]
    state: State = State.INIT
    value: str = "old"
    undo: str | None = None
    lock: str | None = None  # the transaction that holds the resource

    # -- phase 1: canCommit --------------------------------------------------------------------------------------------

    @upon(Start)
    def expect_request(self, start: Start, ctx: Context) -> None:
        """The coordinator should ask soon."""
        ctx.set_timer(RequestOverdue(self.tx), REQUEST_WITHIN)

    @upon(RequestOverdue, when=State.INIT)
    @upon(Recovered, when=State.INIT)
    def give_up(self, reason: RequestOverdue | Recovered, ctx: Context) -> None:
        """Nobody asked, or a crash came first: having promised nothing, it may still abort alone.

        After a crash it must: it may have given up before, in a record that the crash took.
        """
        self.conclude(Abort(self.tx), ctx)

    @upon(CanCommit, when=State.INIT)
    def vote(self, question: CanCommit, ctx: Context) -> None:
        """Promise, or refuse. Nothing is executed yet."""
        ctx.cancel_timer(RequestOverdue(question.tx))
        if self.willing:
            self.agree(question.tx, ctx)
        else:
            self.refuse(question.tx, ctx)

    def agree(self, tx: str, ctx: Context) -> None:
        """A yes must survive a crash: the others may commit without asking again."""
        ctx.force(Promised(tx))
        ctx.reply(Yes(tx))
        ctx.set_timer(PreCommitOverdue(tx), PRECOMMIT_WITHIN)
        self.restore(Promised(tx))

    def refuse(self, tx: str, ctx: Context) -> None:
        """A no is a unilateral abort: nothing more need be heard of this transaction."""
        ctx.force(Abort(tx))
        ctx.reply(No(tx))
        ctx.decide(Abort(tx))
        self.restore(Abort(tx))

    @upon(CanCommit, when=State.READY)
    def repeat_yes(self, question: CanCommit, ctx: Context) -> None:
        """Asked twice: the promise stands."""
        ctx.reply(Yes(question.tx))

    @upon(CanCommit, when=State.ABORT)
    def refuse_late(self, question: CanCommit, ctx: Context) -> None:
        """Asked after it gave up: it cannot take that back."""
        ctx.reply(No(question.tx))

    @upon(PreCommitOverdue, when=State.READY)
    def abort_alone(self, overdue: PreCommitOverdue, ctx: Context) -> None:
        """It was not told that all voted yes, so nobody can have committed. Two-phase commit would be blocked here."""
        self.conclude(Abort(overdue.tx), ctx)

    # -- phase 2: preCommit --------------------------------------------------------------------------------------------

    @upon(PreCommit, when=State.READY)
    def prepare(self, precommit: PreCommit, ctx: Context) -> None:
        """All have voted yes: execute, and say that it is done and known."""
        ctx.cancel_timer(PreCommitOverdue(precommit.tx))
        self.execute(precommit.tx, ctx)
        ctx.reply(PreAck(precommit.tx))
        ctx.set_timer(CommitOverdue(precommit.tx), COMMIT_WITHIN)

    def execute(self, tx: str, ctx: Context) -> None:
        """Lock, execute, and make both ways out durable."""
        prepared = Prepared(tx, undo=self.value, redo=tx)
        ctx.force(prepared)
        self.restore(prepared)

    @upon(PreCommit, when=(State.PRECOMMIT, State.COMMIT))
    def repeat_preack(self, precommit: PreCommit, ctx: Context) -> None:
        """Told twice: it is done."""
        ctx.reply(PreAck(precommit.tx))

    @upon(CommitOverdue, when=State.PRECOMMIT)
    def commit_alone(self, overdue: CommitOverdue, ctx: Context) -> None:
        """All voted yes and it has been told so: commit without the coordinator."""
        self.conclude(Commit(overdue.tx), ctx)

    # -- phase 3: doCommit, or abort -----------------------------------------------------------------------------------

    @upon(Commit, when=(State.READY, State.PRECOMMIT, State.RECOVERING))
    @upon(Abort, when=(State.INIT, State.READY, State.PRECOMMIT, State.RECOVERING))
    def obey(self, verdict: Verdict, ctx: Context) -> None:
        """Do what was decided."""
        self.conclude(verdict, ctx)
        self.acknowledge(verdict, ctx)

    @upon(Commit, when=State.COMMIT)
    @upon(Abort, when=State.ABORT)
    def acknowledge(self, verdict: Verdict, ctx: Context) -> None:
        """Told by the coordinator (again): say that it is done. Waits for the disk like every message."""
        if ctx.sender == self.coordinator:
            ctx.reply(Ack(verdict.tx))

    @upon(Commit, when=State.ABORT)
    @upon(Abort, when=State.COMMIT)
    def protest(self, verdict: Verdict, ctx: Context) -> None:
        """The transaction has split, and nothing can mend it."""
        ctx.note(f"{ctx.me} has decided otherwise, and cannot take it back")

    def conclude(self, verdict: Verdict, ctx: Context) -> None:
        """Commit, or roll back; either way release the resource."""
        ctx.force(verdict)
        ctx.cancel_timer(PATIENCE[self.state](verdict.tx))
        ctx.decide(verdict)
        self.restore(verdict)

    @upon(DecisionRequest, when=(State.COMMIT, State.ABORT))
    def answer(self, request: DecisionRequest, ctx: Context) -> None:
        """Whoever was in doubt when it crashed may ask."""
        ctx.reply(self.verdict)

    @property
    def verdict(self) -> Verdict:
        """What it has decided. To be asked only when it has."""
        return Commit(self.tx) if self.state is State.COMMIT else Abort(self.tx)

    # -- recovery ------------------------------------------------------------------------------------------------------

    @upon(Recovered, when=(State.READY, State.PRECOMMIT))
    def doubt(self, recovered: Recovered, ctx: Context) -> None:
        """While it was down the others went on, perhaps to either verdict: it may never decide alone now."""
        self.state = State.RECOVERING
        self.inquire(ctx)

    @upon(DecisionOverdue, when=State.RECOVERING)
    def ask_again(self, overdue: DecisionOverdue, ctx: Context) -> None:
        """Nobody has answered."""
        self.inquire(ctx)

    def inquire(self, ctx: Context) -> None:
        """Ask everyone, and ask again."""
        ctx.broadcast(self.peers | {self.coordinator}, DecisionRequest(self.tx))
        ctx.set_timer(DecisionOverdue(self.tx), ASK_AGAIN_AFTER)

    @upon(Recovered, when=(State.COMMIT, State.ABORT))
    def announce_again(self, recovered: Recovered, ctx: Context) -> None:
        """The disk kept the verdict; the crash may have come before anyone was told."""
        ctx.decide(self.verdict)

    def restore(self, record: Any) -> None:
        """Replay the journal: keep what was promised, redo what was prepared, undo what was aborted."""
        match record:
            case Promised():
                self.state = State.READY
            case Prepared(tx, undo, redo):
                self.state, self.undo, self.value, self.lock = State.PRECOMMIT, undo, redo, tx
            case Commit(tx):
                self.state, self.undo, self.value, self.lock = State.COMMIT, None, tx, None
            case Abort():
                self.value = self.value if self.undo is None else self.undo
                self.state, self.undo, self.lock = State.ABORT, None, None
