"""The participant: executes under a lock, promises only what its disk can keep, and then waits for the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from consensus_lab.kernel import Address, Context, Process, Recovered, Start, upon
from consensus_lab.protocols.two_phase_commit.messages import (
    Abort,
    Ack,
    Commit,
    DecisionOverdue,
    DecisionRequest,
    No,
    Prepared,
    RequestOverdue,
    State,
    Verdict,
    VoteRequest,
    Yes,
)

REQUEST_WITHIN = 5.0  # seconds
DECISION_WITHIN = 3.0


@dataclass
class Participant(Process):
    """Two-phase commit, a participant. Gray (1978); Bernstein, Hadzilacos, Goodman (1987), section 7.4.

    It guards one resource, whose value the transaction replaces by its own name. From its execution until commit or
    rollback the resource is locked: whoever else wants it waits as long as this participant is in doubt.
    """

    role: ClassVar[str] = "participant"
    promise: ClassVar[type] = Prepared
    forces: ClassVar[tuple[type, ...]] = (Commit, Abort)  # verdicts that must survive a crash of this node
    acknowledges: ClassVar[tuple[type, ...]] = (Commit, Abort)

    coordinator: Address
    tx: str
    willing: bool
    state: State = State.INIT
    value: str = "old"
    lock: str | None = None  # the transaction that holds the resource
    undo: str | None = None

    # -- phase 1 -------------------------------------------------------------------------------------------------------

    @upon(Start)
    def expect_request(self, start: Start, ctx: Context) -> None:
        """The work is done; the coordinator should ask soon."""
        ctx.set_timer(RequestOverdue(self.tx), REQUEST_WITHIN)

    @upon(RequestOverdue, when=State.INIT)
    @upon(Recovered, when=State.INIT)
    def give_up(self, reason: RequestOverdue | Recovered, ctx: Context) -> None:
        """Nobody asked, or a crash undid the work: having promised nothing, it may still abort alone.

        After a crash it must: it may have given up before, in a record that the crash took.
        """
        self.conclude(Abort(self.tx), ctx)

    @upon(VoteRequest, when=State.INIT)
    def vote(self, request: VoteRequest, ctx: Context) -> None:
        """Execute, or refuse."""
        ctx.cancel_timer(RequestOverdue(request.tx))
        if self.willing:
            self.prepare(request.tx, ctx)
        else:
            self.refuse(request.tx, ctx)

    def prepare(self, tx: str, ctx: Context) -> None:
        """Lock, execute, and make both ways out durable before saying yes."""
        prepared = Prepared(tx, undo=self.value, redo=tx)
        ctx.force(prepared)  # a yes must survive a crash: the coordinator will count on it
        ctx.reply(Yes(tx))
        ctx.set_timer(DecisionOverdue(tx), DECISION_WITHIN)
        self.restore(prepared)

    def refuse(self, tx: str, ctx: Context) -> None:
        """A no is a unilateral abort: nothing more need be heard of this transaction."""
        self.write(Abort(tx), ctx)
        ctx.reply(No(tx))
        ctx.decide(Abort(tx))
        self.restore(Abort(tx))

    @upon(VoteRequest, when=State.READY)
    def repeat_yes(self, request: VoteRequest, ctx: Context) -> None:
        """Asked twice: the promise stands."""
        ctx.reply(Yes(request.tx))

    @upon(VoteRequest, when=State.ABORT)
    def refuse_late(self, request: VoteRequest, ctx: Context) -> None:
        """Asked after it gave up: it cannot take that back."""
        ctx.reply(No(request.tx))

    # -- phase 2 -------------------------------------------------------------------------------------------------------

    @upon(Commit, when=State.READY)
    @upon(Abort, when=(State.INIT, State.READY))
    def obey(self, verdict: Verdict, ctx: Context) -> None:
        """Do what was decided."""
        self.conclude(verdict, ctx)
        self.acknowledge(verdict, ctx)

    @upon(Commit, when=State.COMMIT)
    @upon(Abort, when=State.ABORT)
    def acknowledge(self, verdict: Verdict, ctx: Context) -> None:
        """Told (again): say that it is done. Waits for the disk like every message."""
        if isinstance(verdict, self.acknowledges):
            ctx.send(self.coordinator, Ack(verdict.tx))

    def conclude(self, verdict: Verdict, ctx: Context) -> None:
        """Commit, or roll back; either way release the resource."""
        self.write(verdict, ctx)
        ctx.cancel_timer(RequestOverdue(verdict.tx))
        ctx.cancel_timer(DecisionOverdue(verdict.tx))
        ctx.decide(verdict)
        self.restore(verdict)

    def write(self, verdict: Verdict, ctx: Context) -> None:
        """A verdict that will be presumed anyway need not be waited for."""
        if isinstance(verdict, self.forces):
            ctx.force(verdict)
        else:
            ctx.append(verdict)

    @upon(Recovered, when=(State.COMMIT, State.ABORT))
    def announce_again(self, recovered: Recovered, ctx: Context) -> None:
        """The disk kept the verdict; the crash may have come before anyone was told."""
        ctx.decide(Commit(self.tx) if self.state is State.COMMIT else Abort(self.tx))

    # -- in doubt ------------------------------------------------------------------------------------------------------

    @upon(DecisionOverdue, when=State.READY)
    @upon(Recovered, when=State.READY)
    def inquire(self, reason: DecisionOverdue | Recovered, ctx: Context) -> None:
        """In doubt: ask, and ask again. It gave its word and must never decide alone."""
        self.ask(DecisionRequest(self.tx), ctx)
        ctx.set_timer(DecisionOverdue(self.tx), DECISION_WITHIN)

    def ask(self, request: DecisionRequest, ctx: Context) -> None:
        """Only the coordinator is asked; cooperative termination asks more."""
        ctx.send(self.coordinator, request)

    def restore(self, record: Any) -> None:
        """Replay the journal: redo what was prepared, undo what was aborted."""
        match record:
            case Prepared(tx, undo, redo):
                self.state, self.undo, self.value, self.lock = State.READY, undo, redo, tx
            case Commit():
                self.state, self.undo, self.lock = State.COMMIT, None, None
            case Abort():
                self.value = self.value if self.undo is None else self.undo
                self.state, self.undo, self.lock = State.ABORT, None, None
