"""Wrong answers to Paxos: each a rule that somebody has written so, and the story in which it shows."""

from __future__ import annotations

from typing import Any

from consensus_lab.kernel import Context
from consensus_lab.lab.mutants import Mutant
from consensus_lab.protocols.paxos.acceptor import Acceptor
from consensus_lab.protocols.paxos.learner import Learner
from consensus_lab.protocols.paxos.messages import BOTTOM, Accept, Accepted, Ballot, Decided, Prepare, Promise, Round
from consensus_lab.protocols.paxos.proposer import Proposer

# -- the acceptor promises --------------------------------------------------------------------------------------------


class ForgetPromise(Acceptor):
    def promise(self, prepare: Prepare, ctx: Context) -> None:
        if prepare.ballot > self.promised:
            ctx.reply(Promise(prepare.ballot, self.accepted))
            self.restore(prepare)


class PromiseBeforeTheDisk(Acceptor):
    def promise(self, prepare: Prepare, ctx: Context) -> None:
        if prepare.ballot > self.promised:
            ctx.reply(Promise(prepare.ballot, self.accepted))
            ctx.force(prepare)
            self.restore(prepare)


class PromiseEveryone(Acceptor):
    def promise(self, prepare: Prepare, ctx: Context) -> None:
        ctx.force(prepare)
        ctx.reply(Promise(prepare.ballot, self.accepted))
        self.restore(prepare)


class KeepTheVoteSecret(Acceptor):
    def promise(self, prepare: Prepare, ctx: Context) -> None:
        if prepare.ballot > self.promised:
            ctx.force(prepare)
            ctx.reply(Promise(prepare.ballot, None))
            self.restore(prepare)


class PromiseOnlyOnce(Acceptor):
    def promise(self, prepare: Prepare, ctx: Context) -> None:
        if not self.promised.number:
            super().promise(prepare, ctx)


# -- the acceptor accepts ---------------------------------------------------------------------------------------------


class NoPromiseCheck(Acceptor):
    def accept(self, accept: Accept, ctx: Context) -> None:
        ctx.force(accept)
        ctx.broadcast(self.learners, Accepted(accept.ballot, accept.value))
        self.restore(accept)


class ForgetAccepted(Acceptor):
    def accept(self, accept: Accept, ctx: Context) -> None:
        if accept.ballot >= self.promised:
            ctx.broadcast(self.learners, Accepted(accept.ballot, accept.value))
            self.restore(accept)


class AcceptBeforeTheDisk(Acceptor):
    def accept(self, accept: Accept, ctx: Context) -> None:
        if accept.ballot >= self.promised:
            ctx.broadcast(self.learners, Accepted(accept.ballot, accept.value))
            ctx.force(accept)
            self.restore(accept)


class AcceptOnlyAbove(Acceptor):
    """The picky one: without P1 nothing is ever chosen."""

    def accept(self, accept: Accept, ctx: Context) -> None:
        if accept.ballot > self.promised:
            super().accept(accept, ctx)


class VoteOnlyOnce(Acceptor):
    def accept(self, accept: Accept, ctx: Context) -> None:
        if self.accepted is None:
            super().accept(accept, ctx)


# -- the proposer chooses a value -------------------------------------------------------------------------------------


class OwnValue(Proposer):
    def choose_value(self) -> Any:
        return self.value


class FirstNotHighest(Proposer):
    def choose_value(self) -> Any:
        told = [vote for vote in self.promises.values() if vote is not None]
        return min(told, key=lambda vote: vote.ballot).value if told else self.value


class MostFrequentValue(Proposer):
    def choose_value(self) -> Any:
        told = sorted(vote.value for vote in self.promises.values() if vote is not None)
        return max(told, key=told.count) if told else self.value


# -- the proposer counts promises -------------------------------------------------------------------------------------


class NoPrepare(Proposer):
    """It proposes before it has asked: the answers of phase 1 come too late to bind it."""

    def prepare(self, ctx: Context) -> None:
        super().prepare(ctx)
        self.ask_acceptance(ctx)


class SmallPromiseQuorum(Proposer):
    def count_promise(self, promise: Promise, ctx: Context) -> None:
        if promise.ballot == self.ballot:
            self.promises[ctx.sender] = promise.accepted
            if len(self.promises) >= len(self.promise_quorum.members) // 2:
                self.ask_acceptance(ctx)


# -- the proposer takes a ballot --------------------------------------------------------------------------------------


class BallotReuse(Proposer):
    def next_ballot(self, ctx: Context) -> Ballot:
        return max(self.ballot, self.seen).next(ctx.me)


class AlwaysTheFirst(Proposer):
    def next_ballot(self, ctx: Context) -> Ballot:
        ballot = BOTTOM.next(ctx.me)
        ctx.force(Round(ballot))
        return ballot


class DeafToNacks(Proposer):
    def next_ballot(self, ctx: Context) -> Ballot:
        ballot = self.ballot.next(ctx.me)
        ctx.force(Round(ballot))
        return ballot


class SharedBallot(Proposer):
    """Two proposers may take the same ballot. Equivalent: no acceptor promises one ballot twice."""

    def next_ballot(self, ctx: Context) -> Ballot:
        ballot = max(self.ballot, self.seen).next("anyone")
        ctx.force(Round(ballot))
        return ballot


# -- the learner counts votes -----------------------------------------------------------------------------------------


class SmallQuorum(Learner):
    def count_vote(self, accepted: Accepted, ctx: Context) -> None:
        self.votes[accepted] = self.votes.get(accepted, frozenset()) | {ctx.sender}
        if len(self.votes[accepted]) == len(self.accept_quorum.members) // 2:
            self.learn(accepted.value, ctx)
            self.tell(accepted.ballot, Decided(accepted.value), ctx)


class LearnAtOnce(Learner):
    def count_vote(self, accepted: Accepted, ctx: Context) -> None:
        self.learn(accepted.value, ctx)
        self.tell(accepted.ballot, Decided(accepted.value), ctx)


class CountMessages(Learner):
    def count_vote(self, accepted: Accepted, ctx: Context) -> None:
        heard = self.votes.get(accepted, frozenset())
        self.votes[accepted] = heard | {f"{ctx.sender}, message {len(heard)}"}
        if len(self.votes[accepted]) == len(self.accept_quorum.members) // 2 + 1:
            self.learn(accepted.value, ctx)
            self.tell(accepted.ballot, Decided(accepted.value), ctx)


class MixBallots(Learner):
    def count_vote(self, accepted: Accepted, ctx: Context) -> None:
        self.votes[accepted] = self.votes.get(accepted, frozenset()) | {ctx.sender}
        voters = frozenset().union(*(v for a, v in self.votes.items() if a.value == accepted.value))
        if self.accept_quorum.reached(voters):
            self.learn(accepted.value, ctx)
            self.tell(accepted.ballot, Decided(accepted.value), ctx)


# -- the stories that show them ---------------------------------------------------------------------------------------

P1_PROPOSES = """
    pause p2
    submit p1 Propose
    run until p1.state = PROPOSING
"""
UNHEARD = """
    drop p1 -> a1 Accept
    drop p1 -> a2 Accept
    drop p1 -> a3 Accept
"""
LATE = UNHEARD.replace("drop", "delay")
CRASHES = """
    crash a1
    recover a1
    crash a2
    recover a2
    crash a3
    recover a3
"""
ARRIVES_AFTER_ALL = """
    deliver p1 -> a1 Accept
    deliver p1 -> a2 Accept
    deliver p1 -> a3 Accept
    run for 1 s
    expect l1 decided blue
"""
A_HIGHER_PROMISE = f"""
    {P1_PROPOSES}
    crash p1
    {LATE}
    resume p2
    run until p2.state = PROPOSING
    pause p2
"""
AN_OLD_PROPOSAL = f"{A_HIGHER_PROMISE}{ARRIVES_AFTER_ALL}"
AN_OLD_PROPOSAL_AFTER_A_CRASH = f"{A_HIGHER_PROMISE}{CRASHES}{ARRIVES_AFTER_ALL}"
CRASH_BEFORE_THE_PROMISE = """
    pause p2
    submit p1 Propose
    sync p1
    deliver p1 -> a1 Prepare
    crash a1
    recover a1
    deliver p1 -> a2 Prepare
    crash a2
    recover a2
    drop p1 -> a3 Prepare
    run for 0.3 s
    expect p1.state = PREPARING
"""
A_LOWER_BALLOT_COMES_LATE = """
    pause p1
    submit p2 Propose
    run until p2.state = PROPOSING
    resume p1
    run for 20 s
    expect l1 decided
"""
RED_IS_CHOSEN = """
    pause p2
    submit p1 Propose
    run until l1 decided red
    resume p2
    run for 30 s
    expect l2 decided red
    expect p2.chosen = red
"""
ITS_PROPOSER_IS_LOST = f"""
    {P1_PROPOSES}
    {UNHEARD}
    crash p1
    resume p2
    run for 30 s
    expect l1 decided blue
"""
CRASH_BEFORE_THE_VOTE = f"""
    {P1_PROPOSES}
    deliver p1 -> a1 Accept
    crash a1
    recover a1
    deliver p1 -> a2 Accept
    crash a2
    recover a2
    drop p1 -> a3 Accept
    run for 0.3 s
    expect l1 undecided
"""
ALONE = """
    submit p1 Propose
    run for 30 s
    expect l1 decided red
"""
VOTES_ARE_SPLIT = f"""
    {P1_PROPOSES}
    deliver p1 -> a1 Accept
    drop p1 -> a2 Accept
    drop p1 -> a3 Accept
    crash p1
    run for 0.1 s
    pause a1
    resume p2
    run until p2.state = PROPOSING
    deliver p2 -> a2 Accept
    drop p2 -> a3 Accept
    drop p2 -> a1 Accept
    resume a1
    run for 60 s
    expect l1 decided
"""
THE_HIGHER_OF_TWO_VOTES = f"""
    {P1_PROPOSES}
    deliver p1 -> a1 Accept
    drop p1 -> a2 Accept
    drop p1 -> a3 Accept
    crash p1
    run for 0.1 s
    pause a1
    resume p2
    run until l1 decided
    drop p2 -> a1 Accept
    resume a1
    pause a3
    recover p1
    submit p1 Propose(green)
    run for 30 s
    expect p1.state = DONE
    expect p1.value = green
"""
AN_OLD_PROMISE_COMES_TWICE = """
    submit p1 Propose(red)
    pause a3
    run until a1.promised = Ballot(1, p1)
    sync a1
    duplicate a1 -> p1 Promise
    deliver a1 -> p1 Promise
    delay a1 -> p1 Promise
    run until l1 decided red
    crash p1
    run for 0.1 s
    drop p1 -> a3 Prepare
    drop p1 -> a3 Accept
    resume a3
    recover p1
    submit p1 Propose(blue)
    run for 0.1 s
    deliver a1 -> p1 Promise(ballot=Ballot(1, p1), accepted=None)
    run for 30 s
    expect p1.chosen = red
"""
A_SECOND_BALLOT = """
    submit p1 Propose(red)
    sync p1
    crash a1
    crash a2
    run for 0.1 s
    recover a1
    run for 30 s
    expect l1 decided red
"""
REFUSED = """
    submit p2 Propose
    sync p2
    fire p2 Overdue
    sync p2
    fire p2 Overdue
    run until l1 decided blue
    submit p1 Propose
    run until p1.seen = Ballot(3, p2)
    fire p1 Overdue
    expect p1.ballot = Ballot(4, p1)
"""
HALF_OF_FOUR = """
    submit p1 Propose
    run until p1.state = PROPOSING
    drop p1 -> a3 Accept
    drop p1 -> a4 Accept
    run for 0.3 s
    expect l1 undecided
"""
A_VOTE_ARRIVES_TWICE = """
    submit p1 Propose
    run until p1.state = PROPOSING
    drop p1 -> a2 Accept
    drop p1 -> a3 Accept
    deliver p1 -> a1 Accept
    sync a1
    duplicate a1 -> l1 Accepted
    run for 0.3 s
    expect l1 undecided
"""
TWO_VOTES_IN_TWO_BALLOTS = """
    submit p1 Propose
    run until p1.state = PROPOSING
    deliver p1 -> a1 Accept
    drop p1 -> a2 Accept
    drop p1 -> a3 Accept
    fire p1 Overdue
    run until p1.state = PROPOSING
    drop p1 -> a1 Accept
    deliver p1 -> a2 Accept
    drop p1 -> a3 Accept
    run for 0.3 s
    expect l1 undecided
"""


def _mutant(kind: type, wrong: str, rule: str, script: str, refutes: str, **cast: Any) -> Mutant:
    role = next(role.__name__.lower() for role in (Proposer, Acceptor, Learner) if issubclass(kind, role))
    return Mutant(kind.__name__, kind, wrong, rule, role, script, refutes, cast)


SOLO = {"proposers": 1}
QUARTET = {"proposers": 1, "acceptors": 4}
NACKS = {"nack": True}

MUTANTS = (
    _mutant(ForgetPromise, "a promise is not on disk", "promise", AN_OLD_PROPOSAL_AFTER_A_CRASH, "VotesSafe"),
    _mutant(PromiseBeforeTheDisk, "the promise overtakes its record", "promise", CRASH_BEFORE_THE_PROMISE, "expect"),
    _mutant(PromiseEveryone, "a lower ballot is promised, too", "promise", A_LOWER_BALLOT_COMES_LATE, "Memory"),
    _mutant(KeepTheVoteSecret, "a promise tells of no vote", "promise", RED_IS_CHOSEN, "P2b"),
    _mutant(PromiseOnlyOnce, "a higher ballot is refused for ever", "promise", ITS_PROPOSER_IS_LOST, "expect"),
    _mutant(NoPromiseCheck, "it accepts in spite of its promise", "accept", AN_OLD_PROPOSAL, "Memory"),
    _mutant(ForgetAccepted, "a vote is not on disk", "accept", RED_IS_CHOSEN, "Learned"),
    _mutant(AcceptBeforeTheDisk, "the vote overtakes its record", "accept", CRASH_BEFORE_THE_VOTE, "Learned"),
    _mutant(AcceptOnlyAbove, "the promised ballot itself is refused", "accept", ALONE, "P1", **SOLO),
    _mutant(VoteOnlyOnce, "the first vote is never changed", "accept", VOTES_ARE_SPLIT, "expect"),
    _mutant(OwnValue, "what it was told does not matter", "choose_value", RED_IS_CHOSEN, "P2b"),
    _mutant(FirstNotHighest, "the lowest vote told decides", "choose_value", THE_HIGHER_OF_TWO_VOTES, "P2b"),
    _mutant(
        MostFrequentValue,
        "votes are counted instead of compared by ballot",
        "choose_value",
        THE_HIGHER_OF_TWO_VOTES,
        "P2b",
        values=("blue", "red"),
    ),
    _mutant(
        BallotReuse,
        "its ballots are not on disk",
        "next_ballot",
        AN_OLD_PROMISE_COMES_TWICE,
        "OneValuePerBallot",
        **SOLO,
    ),
    _mutant(AlwaysTheFirst, "the second ballot is the first again", "next_ballot", A_SECOND_BALLOT, "expect", **SOLO),
    _mutant(DeafToNacks, "it tries numbers known to be in vain", "next_ballot", REFUSED, "expect", **NACKS),
    _mutant(SmallQuorum, "half of four is no majority", "count_vote", HALF_OF_FOUR, "Learned", **QUARTET),
    _mutant(LearnAtOnce, "one vote is taken for a majority", "count_vote", HALF_OF_FOUR, "Learned", **QUARTET),
    _mutant(
        CountMessages, "a vote that arrives twice counts twice", "count_vote", A_VOTE_ARRIVES_TWICE, "Learned", **SOLO
    ),
    _mutant(MixBallots, "votes of two ballots are added up", "count_vote", TWO_VOTES_IN_TWO_BALLOTS, "Learned", **SOLO),
)

OTHERS = (
    _mutant(NoPrepare, "it proposes before anybody has promised", "prepare", RED_IS_CHOSEN, "ShowsSafeAt"),
    _mutant(SmallPromiseQuorum, "one promise of three is enough", "count_promise", RED_IS_CHOSEN, "ShowsSafeAt"),
)
"""Wrong in rules that no exercise asks for."""
