"""Wrong answers to two-phase commit: each a rule that somebody has written so, and the story in which it shows."""

from __future__ import annotations

from functools import partial

from consensus_lab.kernel import Context, Recovered
from consensus_lab.lab.mutants import mutant
from consensus_lab.protocols.two_phase_commit.cooperative import CooperativeParticipant
from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator
from consensus_lab.protocols.two_phase_commit.messages import (
    Abort,
    Commit,
    DecisionOverdue,
    DecisionRequest,
    Prepared,
    State,
    VoteRequest,
    VotesOverdue,
    Yes,
)
from consensus_lab.protocols.two_phase_commit.participant import DECISION_WITHIN, Participant

# -- the coordinator counts votes -------------------------------------------------------------------------------------


class CommitsAtTheFirstYes(Coordinator):
    def count_vote(self, yes: Yes, ctx: Context) -> None:
        self.conclude(Commit(yes.tx), ctx)


class CommitsWithAMajority(Coordinator):
    def count_vote(self, yes: Yes, ctx: Context) -> None:
        self.votes |= {ctx.sender}
        if 2 * len(self.votes) > len(self.participants):
            self.conclude(Commit(yes.tx), ctx)


class CountsMessagesInsteadOfVoters(Coordinator):
    tally: int = 0

    def count_vote(self, yes: Yes, ctx: Context) -> None:
        self.tally += 1
        if self.tally == len(self.participants):
            self.conclude(Commit(yes.tx), ctx)


class CountsAndForgetsToCommit(Coordinator):
    def count_vote(self, yes: Yes, ctx: Context) -> None:
        self.votes |= {ctx.sender}


class TellsBeforeTheCommitPoint(Coordinator):
    def count_vote(self, yes: Yes, ctx: Context) -> None:
        self.votes |= {ctx.sender}
        if self.votes == self.participants:
            ctx.broadcast(self.participants, Commit(yes.tx))
            self.conclude(Commit(yes.tx), ctx)


# -- the participant prepares -----------------------------------------------------------------------------------------


class SaysYesBeforeItWrites(Participant):
    def prepare(self, tx: str, ctx: Context) -> None:
        prepared = Prepared(tx, undo=self.value, redo=tx)
        ctx.reply(Yes(tx))
        ctx.force(prepared)
        ctx.set_timer(DecisionOverdue(tx), DECISION_WITHIN)
        self.restore(prepared)


class WritesLazily(Participant):
    def prepare(self, tx: str, ctx: Context) -> None:
        prepared = Prepared(tx, undo=self.value, redo=tx)
        ctx.append(prepared)
        ctx.reply(Yes(tx))
        ctx.set_timer(DecisionOverdue(tx), DECISION_WITHIN)
        self.restore(prepared)


class ForgetsTheLock(Participant):
    def prepare(self, tx: str, ctx: Context) -> None:
        super().prepare(tx, ctx)
        self.lock = None


class WritesNoUndo(Participant):
    def prepare(self, tx: str, ctx: Context) -> None:
        prepared = Prepared(tx, undo=tx, redo=tx)
        ctx.force(prepared)
        ctx.reply(Yes(tx))
        ctx.set_timer(DecisionOverdue(tx), DECISION_WITHIN)
        self.restore(prepared)


class WaitsForEver(Participant):
    def prepare(self, tx: str, ctx: Context) -> None:
        prepared = Prepared(tx, undo=self.value, redo=tx)
        ctx.force(prepared)
        ctx.reply(Yes(tx))
        self.restore(prepared)


# -- the participant is in doubt --------------------------------------------------------------------------------------


class AbortsAlone(Participant):
    def inquire(self, reason: DecisionOverdue | Recovered, ctx: Context) -> None:
        self.conclude(Abort(self.tx), ctx)


class CommitsAlone(Participant):
    def inquire(self, reason: DecisionOverdue | Recovered, ctx: Context) -> None:
        self.conclude(Commit(self.tx), ctx)


class AsksOnce(Participant):
    def inquire(self, reason: DecisionOverdue | Recovered, ctx: Context) -> None:
        self.ask(DecisionRequest(self.tx), ctx)


class WaitsAndNeverAsks(Participant):
    def inquire(self, reason: DecisionOverdue | Recovered, ctx: Context) -> None:
        ctx.set_timer(DecisionOverdue(self.tx), DECISION_WITHIN)


# -- the coordinator recovers -----------------------------------------------------------------------------------------


class SaysNothingAfterACrash(Coordinator):
    def resume(self, recovered: Recovered, ctx: Context) -> None:
        pass


class AbortsAfterACrash(Coordinator):
    def resume(self, recovered: Recovered, ctx: Context) -> None:
        self.conclude(Abort("T1"), ctx)


class VotesAnew(Coordinator):
    def resume(self, recovered: Recovered, ctx: Context) -> None:
        ctx.broadcast(self.participants, VoteRequest("T1"))
        ctx.set_timer(VotesOverdue("T1"), 2.0)
        self.state = State.WAIT


class TellsOnceAfterACrash(Coordinator):
    def resume(self, recovered: Recovered, ctx: Context) -> None:
        ctx.decide(self.verdict)
        ctx.broadcast(self.participants, self.verdict)


class TellsOnlyCommits(Coordinator):
    def resume(self, recovered: Recovered, ctx: Context) -> None:
        if self.state is State.COMMIT:
            super().resume(recovered, ctx)


# -- the participant helps a peer -------------------------------------------------------------------------------------


class TellsAPeerAndForgetsItself(CooperativeParticipant):
    def abort_for_peer(self, request: DecisionRequest, ctx: Context) -> None:
        ctx.reply(Abort(request.tx))


class PromisesACommit(CooperativeParticipant):
    def abort_for_peer(self, request: DecisionRequest, ctx: Context) -> None:
        ctx.reply(Commit(request.tx))


class LetsAPeerWait(CooperativeParticipant):
    def abort_for_peer(self, request: DecisionRequest, ctx: Context) -> None:
        pass


class AbortsAndTellsNobody(CooperativeParticipant):
    def abort_for_peer(self, request: DecisionRequest, ctx: Context) -> None:
        self.conclude(Abort(request.tx), ctx)


# -- the stories that show them ---------------------------------------------------------------------------------------

ONE_DOES_NOT_ANSWER = """
    submit coordinator Begin
    pause p3
    run for 10 s
    expect coordinator decided Abort(T1)
"""
A_VOTE_TWICE = """
    submit coordinator Begin
    pause p2
    deliver coordinator -> p1 VoteRequest
    sync p1
    duplicate p1 -> coordinator Yes
    run for 10 s
    expect coordinator decided Abort(T1)
"""
ALL_SAY_YES = """
    submit coordinator Begin
    run for 10 s
    expect coordinator decided Commit(T1)
"""
CRASH_BEFORE_THE_COMMIT_POINT = """
    submit coordinator Begin
    run until coordinator.state = COMMIT
    crash coordinator
    run for 10 s
    recover coordinator
    run for 10 s
    expect p1 decided Abort(T1)
"""
CRASH_BEFORE_THE_PROMISE = """
    submit coordinator Begin
    deliver coordinator -> p1 VoteRequest
    crash p1
    recover p1
    run for 10 s
    expect coordinator decided Abort(T1)
"""
PROMISED = """
    submit coordinator Begin
    deliver coordinator -> p1 VoteRequest
    sync p1
    expect p1.lock = T1
"""
ONE_SAYS_NO = f"""
    {PROMISED}
    run for 10 s
    expect p1.value = old
"""
COORDINATOR_FORGOT = f"""
    {PROMISED}
    crash coordinator
    recover coordinator
    run for 10 s
    expect p1 decided Abort(T1)
"""
FIRST_QUESTION_LOST = f"""
    {PROMISED}
    crash coordinator
    recover coordinator
    fire p1 DecisionOverdue
    drop p1 -> coordinator DecisionRequest
    run for 10 s
    expect p1 decided Abort(T1)
"""
COMMIT_LOST = """
    submit coordinator Begin
    run until coordinator decided Commit(T1)
    drop coordinator -> p1 Commit
    fire p1 DecisionOverdue
    run for 10 s
    expect p1 decided Commit(T1)
"""
ABORT_LOST = f"""
    {PROMISED}
    run until coordinator decided Abort(T1)
    drop coordinator -> p1 Abort
    fire p1 DecisionOverdue
    run for 10 s
    expect p1 decided Abort(T1)
"""
CRASH_AFTER_THE_COMMIT_POINT = """
    submit coordinator Begin
    run until coordinator decided Commit(T1)
    deliver coordinator -> p1 Commit
    deliver coordinator -> p2 Commit
    sync p1
    sync p2
    crash coordinator
    drop p1 -> coordinator Ack
    drop p2 -> coordinator Ack
    recover coordinator
    run for 10 s
    expect coordinator.state = DONE
"""
TOLD_AGAIN_IN_VAIN = CRASH_AFTER_THE_COMMIT_POINT.replace(
    "recover coordinator", "recover coordinator\n    drop coordinator -> p1 Commit"
)
CRASH_AFTER_AN_ABORT = f"""
    {PROMISED}
    run until coordinator decided Abort(T1)
    drop coordinator -> p1 Abort
    crash coordinator
    recover coordinator
    run for 1 s
    expect p1 decided Abort(T1)
"""
A_PEER_ASKS = f"""
    {PROMISED}
    deliver p1 -> coordinator Yes
    crash p1
    recover p1
    deliver p1 -> p2 DecisionRequest
    run for 10 s
    expect p1 decided Abort(T1)
    expect coordinator decided Abort(T1)
"""
A_PEER_ASKS_ALONE = f"""
    {PROMISED}
    crash coordinator
    drop coordinator -> p2 VoteRequest
    fire p1 DecisionOverdue
    deliver p1 -> p2 DecisionRequest
    run for 1 s
    expect p1 decided Abort(T1)
"""


_mutant = partial(mutant, (Coordinator, Participant))

TRIO = {"participants": 3}
SOLO = {"participants": 1}
SPLIT = {"unwilling": ("p2",)}
PEERS = {"variant": "cooperative"}

MUTANTS = (
    _mutant(CommitsAtTheFirstYes, "one yes is taken for all", "count_vote", ONE_DOES_NOT_ANSWER, "AC3", **TRIO),
    _mutant(CommitsWithAMajority, "a majority overrules the rest", "count_vote", ONE_DOES_NOT_ANSWER, "AC3", **TRIO),
    _mutant(CountsMessagesInsteadOfVoters, "a yes that arrives twice counts twice", "count_vote", A_VOTE_TWICE, "AC3"),
    _mutant(CountsAndForgetsToCommit, "nothing follows from the last yes", "count_vote", ALL_SAY_YES, "AC4"),
    _mutant(
        TellsBeforeTheCommitPoint,
        "participants hear of a commit that the disk does not hold yet",
        "count_vote",
        CRASH_BEFORE_THE_COMMIT_POINT,
        "expect",
    ),
    _mutant(SaysYesBeforeItWrites, "the yes overtakes the promise", "prepare", CRASH_BEFORE_THE_PROMISE, "AC1"),
    _mutant(WritesLazily, "the yes does not wait for the promise", "prepare", CRASH_BEFORE_THE_PROMISE, "AC1"),
    _mutant(ForgetsTheLock, "others may use what is in doubt", "prepare", PROMISED, "expect"),
    _mutant(WritesNoUndo, "there is no way back", "prepare", ONE_SAYS_NO, "expect", **SPLIT),
    _mutant(
        WaitsForEver, "nothing wakes it up when the verdict is lost", "prepare", COORDINATOR_FORGOT, "expect", **SOLO
    ),
    _mutant(AbortsAlone, "it takes its word back", "inquire", COMMIT_LOST, "AC1"),
    _mutant(CommitsAlone, "it takes silence for consent", "inquire", ABORT_LOST, "AC1", **SPLIT),
    _mutant(AsksOnce, "a lost question is never asked again", "inquire", FIRST_QUESTION_LOST, "expect", **SOLO),
    _mutant(
        WaitsAndNeverAsks, "it waits to be told by one that forgot", "inquire", COORDINATOR_FORGOT, "expect", **SOLO
    ),
    _mutant(
        SaysNothingAfterACrash,
        "who acknowledged before is waited for",
        "resume",
        CRASH_AFTER_THE_COMMIT_POINT,
        "expect",
    ),
    _mutant(AbortsAfterACrash, "a decision is reversed", "resume", CRASH_AFTER_THE_COMMIT_POINT, "AC2"),
    _mutant(VotesAnew, "a decision is put to the vote again", "resume", CRASH_AFTER_THE_COMMIT_POINT, "AC2"),
    _mutant(TellsOnceAfterACrash, "a lost verdict is not told again", "resume", TOLD_AGAIN_IN_VAIN, "expect"),
    _mutant(TellsOnlyCommits, "an abort is kept to itself", "resume", CRASH_AFTER_AN_ABORT, "expect", **SPLIT),
    _mutant(TellsAPeerAndForgetsItself, "it still votes yes afterwards", "abort_for_peer", A_PEER_ASKS, "AC1", **PEERS),
    _mutant(PromisesACommit, "it speaks for everyone", "abort_for_peer", A_PEER_ASKS_ALONE, "AC3", **PEERS),
    _mutant(LetsAPeerWait, "the peer stays blocked", "abort_for_peer", A_PEER_ASKS_ALONE, "expect", **PEERS),
    _mutant(AbortsAndTellsNobody, "the peer never learns", "abort_for_peer", A_PEER_ASKS_ALONE, "expect", **PEERS),
)
