"""The coordinator: asks whether all could, tells all that all could, and only then decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from consensus_lab.kernel import Address, Context, Process, Recovered, upon
from consensus_lab.protocols.three_phase_commit.messages import (
    Abort,
    Ack,
    AcksOverdue,
    Begin,
    CanCommit,
    Commit,
    DecisionOverdue,
    DecisionRequest,
    End,
    No,
    PreAck,
    PreAcksOverdue,
    PreCommit,
    State,
    Verdict,
    VotesOverdue,
    Yes,
)

VOTES_WITHIN = 2.0  # seconds; each must end well before a participant's patience does
PREACKS_WITHIN = 2.0
ACKS_WITHIN = 2.0
ASK_AGAIN_AFTER = 3.0
PATIENCE = {  # what ends it, in each state
    State.WAIT: VotesOverdue,
    State.PRECOMMIT: PreAcksOverdue,
    State.RECOVERING: DecisionOverdue,
}


@dataclass
class Coordinator(Process):
    """Three-phase commit, the coordinator. Skeen (1981); Bernstein, Hadzilacos, Goodman (1987), section 7.5.

    One transaction each. It has a way out of every state: out of WAIT it may abort, for nobody has been told that all
    voted yes; out of PRECOMMIT it may commit, for all have, and who does not answer must have crashed.
    """

    role: ClassVar[str] = "coordinator"

    participants: frozenset[Address]
    state: State = State.INIT
    tx: str = ""  # once it is on disk
    votes: frozenset[Address] = frozenset()
    prepared: frozenset[Address] = frozenset()  # who has acknowledged PreCommit
    verdict: Verdict | None = None
    informed: frozenset[Address] = frozenset()  # who voted no, or has acknowledged: to them nothing is owed

    # -- phase 1: canCommit --------------------------------------------------------------------------------------------

    @upon(Begin, when=State.INIT)
    def request_votes(self, begin: Begin, ctx: Context) -> None:
        """Transaction inquiry: could all of you commit?"""
        ctx.broadcast(self.participants, CanCommit(begin.tx))
        ctx.set_timer(VotesOverdue(begin.tx), VOTES_WITHIN)
        self.state = State.WAIT

    @upon(Yes, when=State.WAIT)
    def count_vote(self, yes: Yes, ctx: Context) -> None:
        """PreCommit needs every vote."""
        self.votes |= {ctx.sender}
        if self.votes == self.participants:
            self.prepare(yes.tx, ctx)

    @upon(No, when=State.WAIT)
    def accept_refusal(self, no: No, ctx: Context) -> None:
        """One no is enough."""
        self.informed |= {ctx.sender}
        self.conclude(Abort(no.tx), ctx)

    @upon(VotesOverdue, when=State.WAIT)
    def give_up(self, overdue: VotesOverdue, ctx: Context) -> None:
        """A vote that does not come counts as a no."""
        self.conclude(Abort(overdue.tx), ctx)

    # -- phase 2: preCommit --------------------------------------------------------------------------------------------

    def prepare(self, tx: str, ctx: Context) -> None:
        """All have voted yes. Let everyone know it before anyone commits: that is the whole idea."""
        ctx.force(PreCommit(tx))  # after a crash it must not think that nobody was told
        ctx.cancel_timer(VotesOverdue(tx))
        ctx.broadcast(self.participants, PreCommit(tx))
        ctx.set_timer(PreAcksOverdue(tx), PREACKS_WITHIN)
        self.restore(PreCommit(tx))

    @upon(PreAck, when=State.PRECOMMIT)
    def count_preack(self, preack: PreAck, ctx: Context) -> None:
        """When everyone knows that all voted yes, nobody who is left alone could abort any more."""
        self.prepared |= {ctx.sender}
        if self.prepared == self.participants:
            self.conclude(Commit(preack.tx), ctx)

    @upon(PreAcksOverdue, when=State.PRECOMMIT)
    def proceed(self, overdue: PreAcksOverdue, ctx: Context) -> None:
        """Who has not answered must have crashed, and will ask when it is back: its yes is on its disk."""
        self.conclude(Commit(overdue.tx), ctx)

    # -- phase 3: doCommit, or abort -----------------------------------------------------------------------------------

    def conclude(self, verdict: Verdict, ctx: Context) -> None:
        """Decide: from the moment the verdict is on disk, it is so."""
        ctx.force(verdict)  # the commit point: nobody hears of it before it is durable
        if self.state in PATIENCE:
            ctx.cancel_timer(PATIENCE[self.state](verdict.tx))
        ctx.decide(verdict)
        self.verdict = verdict
        self.state = State.COMMIT if isinstance(verdict, Commit) else State.ABORT
        self.tell(verdict, ctx)

    def tell(self, verdict: Verdict, ctx: Context) -> None:
        """Tell everyone who has not acknowledged; again when acknowledgements stay away."""
        ctx.broadcast(self.participants - self.informed, verdict)
        if self.informed != self.participants:
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
        """Whoever is in doubt may ask."""
        ctx.reply(self.verdict)

    @upon(DecisionRequest, when=State.INIT)
    def presume(self, request: DecisionRequest, ctx: Context) -> None:
        """A transaction not remembered was lost before its PreCommit: nobody can have committed, so it aborts."""
        self.conclude(Abort(request.tx), ctx)

    @upon(Recovered, when=(State.COMMIT, State.ABORT))
    def resume(self, recovered: Recovered, ctx: Context) -> None:
        """The disk kept the verdict; the crash made it forget who knows of it."""
        assert self.verdict is not None
        ctx.decide(self.verdict)
        self.tell(self.verdict, ctx)

    @upon(Recovered, when=State.PRECOMMIT)
    def doubt(self, recovered: Recovered, ctx: Context) -> None:
        """It was about to tell all to prepare. Whether that reached anyone, and what they did then, only they know."""
        self.state = State.RECOVERING
        self.inquire(ctx)

    @upon(DecisionOverdue, when=State.RECOVERING)
    def ask_again(self, overdue: DecisionOverdue, ctx: Context) -> None:
        """Nobody has answered."""
        self.inquire(ctx)

    def inquire(self, ctx: Context) -> None:
        """Ask everyone, and ask again."""
        ctx.broadcast(self.participants, DecisionRequest(self.tx))
        ctx.set_timer(DecisionOverdue(self.tx), ASK_AGAIN_AFTER)

    @upon(Commit, when=State.RECOVERING)
    @upon(Abort, when=State.RECOVERING)
    def adopt(self, verdict: Verdict, ctx: Context) -> None:
        """They have decided without it."""
        self.conclude(verdict, ctx)

    def restore(self, record: Any) -> None:
        """Replay the journal: a verdict stands; once it has ended, it is told to nobody who does not ask."""
        match record:
            case PreCommit(tx):
                self.state, self.tx = State.PRECOMMIT, tx
            case Commit() | Abort():
                self.state = State.COMMIT if isinstance(record, Commit) else State.ABORT
                self.verdict = record
            case End():
                self.state = State.DONE
