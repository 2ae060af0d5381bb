"""The coordinator: asks everyone, decides once the disk holds it, and tells until everyone has acknowledged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from consensus_lab.kernel import Address, Context, Process, Recovered, upon
from consensus_lab.protocols.two_phase_commit.messages import (
    Abort,
    Ack,
    AcksOverdue,
    Begin,
    Commit,
    DecisionRequest,
    End,
    No,
    State,
    Verdict,
    VoteRequest,
    VotesOverdue,
    Yes,
)

VOTES_WITHIN = 2.0  # seconds
ACKS_WITHIN = 2.0


@dataclass
class Coordinator(Process):
    """Two-phase commit, the coordinator. Gray (1978); Bernstein, Hadzilacos, Goodman (1987), section 7.4.

    One transaction each. What must be forced and what is acknowledged are the two things in which the variants differ.
    """

    role: ClassVar[str] = "coordinator"
    forces: ClassVar[tuple[type, ...]] = (Commit, Abort)  # verdicts that are on disk before anyone hears them
    awaits_acks: ClassVar[tuple[type, ...]] = (Commit, Abort)  # verdicts told until all have acknowledged
    presumes: ClassVar[type[Commit] | type[Abort]] = Abort  # its answer about a transaction that it has forgotten

    participants: frozenset[Address]
    state: State = State.INIT
    votes: frozenset[Address] = frozenset()
    verdict: Verdict | None = None
    informed: frozenset[Address] = frozenset()  # who voted no, or has acknowledged: to them nothing is owed

    # -- phase 1 -------------------------------------------------------------------------------------------------------

    @upon(Begin, when=State.INIT)
    def request_votes(self, begin: Begin, ctx: Context) -> None:
        """Transaction inquiry: can all of you commit?"""
        ctx.broadcast(self.participants, VoteRequest(begin.tx))
        ctx.set_timer(VotesOverdue(begin.tx), VOTES_WITHIN)
        self.state = State.WAIT

    @upon(Yes, when=State.WAIT)
    def count_vote(self, yes: Yes, ctx: Context) -> None:
        """Commit needs every vote."""
        self.votes |= {ctx.sender}
        if self.votes == self.participants:
            self.conclude(Commit(yes.tx), ctx)

    @upon(No, when=State.WAIT)
    def accept_refusal(self, no: No, ctx: Context) -> None:
        """One no is enough."""
        self.informed |= {ctx.sender}
        self.conclude(Abort(no.tx), ctx)

    @upon(VotesOverdue, when=State.WAIT)
    def give_up(self, overdue: VotesOverdue, ctx: Context) -> None:
        """A vote that does not come counts as a no: two-phase commit is conservative."""
        self.conclude(Abort(overdue.tx), ctx)

    # -- phase 2 -------------------------------------------------------------------------------------------------------

    def conclude(self, verdict: Verdict, ctx: Context) -> None:
        """Decide: from the moment the verdict is on disk, it is so."""
        if isinstance(verdict, self.forces):
            ctx.force(verdict)  # the commit point: nobody hears of it before it is durable
        ctx.cancel_timer(VotesOverdue(verdict.tx))
        ctx.decide(verdict)
        self.verdict = verdict
        self.state = State.COMMIT if isinstance(verdict, Commit) else State.ABORT
        self.tell(verdict, ctx)

    def tell(self, verdict: Verdict, ctx: Context) -> None:
        """Tell everyone who does not know; again when acknowledgements stay away."""
        ctx.broadcast(self.participants - self.informed, verdict)
        if isinstance(verdict, self.awaits_acks) and self.informed != self.participants:
            ctx.set_timer(AcksOverdue(verdict.tx), ACKS_WITHIN)
        else:
            self.state = State.DONE

    @upon(Ack, when=(State.COMMIT, State.ABORT))
    def count_ack(self, ack: Ack, ctx: Context) -> None:
        """The last acknowledgement completes the transaction."""
        self.informed |= {ctx.sender}
        if self.informed == self.participants:
            ctx.cancel_timer(AcksOverdue(ack.tx))
            ctx.append(End(ack.tx))
            self.state = State.DONE

    @upon(AcksOverdue, when=(State.COMMIT, State.ABORT))
    def tell_again(self, overdue: AcksOverdue, ctx: Context) -> None:
        """An acknowledgement is missing."""
        assert self.verdict is not None
        self.tell(self.verdict, ctx)

    # -- questions and recovery ----------------------------------------------------------------------------------------

    @upon(DecisionRequest, when=(State.COMMIT, State.ABORT, State.DONE))
    def answer(self, request: DecisionRequest, ctx: Context) -> None:
        """Whoever is in doubt may ask. Of what has ended everyone is sure: the question is late, the answer void."""
        ctx.reply(self.verdict or self.presumes(request.tx))

    @upon(DecisionRequest, when=State.INIT)
    def presume(self, request: DecisionRequest, ctx: Context) -> None:
        """A transaction not remembered was lost in a crash before it was decided: it aborts."""
        self.conclude(Abort(request.tx), ctx)

    @upon(Recovered, when=(State.COMMIT, State.ABORT))
    def resume(self, recovered: Recovered, ctx: Context) -> None:
        """The disk kept the verdict; the crash made it forget who knows of it."""
        assert self.verdict is not None
        ctx.decide(self.verdict)
        self.tell(self.verdict, ctx)

    def restore(self, record: Verdict | End) -> None:
        """Replay the journal: a verdict stands, and an ended transaction is forgotten, but never decided anew."""
        if isinstance(record, End):
            self.state, self.verdict = State.DONE, None
        else:
            self.state = State.COMMIT if isinstance(record, Commit) else State.ABORT
            self.verdict = record
