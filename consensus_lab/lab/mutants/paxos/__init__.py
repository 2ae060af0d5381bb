"""Wrong answers to Paxos: each a rule that somebody has written so, and the story in which it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from consensus_lab.lab.mutants import mutant
from consensus_lab.lab.mutants.paxos import stories
from consensus_lab.lab.mutants.paxos.acceptors import (
    AcceptBeforeTheDisk,
    AcceptOnlyAbove,
    ForeseeAPromiseForEveryone,
    ForeseeAVoteForEveryProposal,
    ForeseeNoVoteInAPromise,
    ForeseeRefusalOfThePromisedBallot,
    ForgetAccepted,
    ForgetPromise,
    KeepTheVoteSecret,
    NoPromiseCheck,
    PromiseBeforeTheDisk,
    PromiseEveryone,
    PromiseOnlyOnce,
    VoteOnlyOnce,
)
from consensus_lab.lab.mutants.paxos.learners import CountMessages, LearnAtOnce, MixBallots, SmallQuorum
from consensus_lab.lab.mutants.paxos.proposers import (
    AlwaysTheFirst,
    BallotReuse,
    DeafToNacks,
    FirstNotHighest,
    MostFrequentValue,
    NoPrepare,
    OwnValue,
    SharedBallot,
    SmallPromiseQuorum,
)
from consensus_lab.protocols.paxos.acceptor import Acceptor
from consensus_lab.protocols.paxos.learner import Learner
from consensus_lab.protocols.paxos.proposer import Proposer


@dataclass(frozen=True)
class Equivalent:
    """A mutant that breaks no agreement in one cast, and does in another, where `script` shows it."""

    name: str
    parameters: Mapping[str, Any]  # the cast in which a grader must not ask for its death
    why: str
    killed_in: Mapping[str, Any]
    script: str


_mutant = partial(mutant, (Proposer, Acceptor, Learner))

SOLO = {"proposers": 1}
QUARTET = {"proposers": 1, "acceptors": 4}
NACKS = {"nack": True}
FORETOLD = {"foresight": True}

MUTANTS = (
    _mutant(
        ForeseeAPromiseForEveryone,
        "a promise binds nobody, so it thinks",
        "foresee",
        stories.TWO_PROPOSERS_ASK,
        "expect",
        **FORETOLD,
    ),
    _mutant(
        ForeseeNoVoteInAPromise,
        "a promise is taken for a mere yes",
        "foresee",
        stories.TWO_PROPOSERS_ASK,
        "expect",
        **FORETOLD,
    ),
    _mutant(
        ForeseeRefusalOfThePromisedBallot,
        "the promised ballot itself is thought too low",
        "foresee",
        stories.TWO_PROPOSERS_ASK,
        "expect",
        **FORETOLD,
    ),
    _mutant(
        ForeseeAVoteForEveryProposal,
        "it thinks that acceptors accept whatever comes",
        "foresee",
        stories.AN_OLD_PROPOSAL_FORESEEN,
        "expect",
        **FORETOLD,
    ),
    _mutant(ForgetPromise, "a promise is not on disk", "promise", stories.AN_OLD_PROPOSAL_AFTER_A_CRASH, "VotesSafe"),
    _mutant(
        PromiseBeforeTheDisk, "the promise overtakes its record", "promise", stories.CRASH_BEFORE_THE_PROMISE, "expect"
    ),
    _mutant(PromiseEveryone, "a lower ballot is promised, too", "promise", stories.A_LOWER_BALLOT_COMES_LATE, "Memory"),
    _mutant(KeepTheVoteSecret, "a promise tells of no vote", "promise", stories.RED_IS_CHOSEN, "P2b"),
    _mutant(PromiseOnlyOnce, "a higher ballot is refused for ever", "promise", stories.ITS_PROPOSER_IS_LOST, "expect"),
    _mutant(NoPromiseCheck, "it accepts in spite of its promise", "accept", stories.AN_OLD_PROPOSAL, "Memory"),
    _mutant(ForgetAccepted, "a vote is not on disk", "accept", stories.RED_IS_CHOSEN, "Learned"),
    _mutant(AcceptBeforeTheDisk, "the vote overtakes its record", "accept", stories.CRASH_BEFORE_THE_VOTE, "Learned"),
    _mutant(AcceptOnlyAbove, "the promised ballot itself is refused", "accept", stories.ALONE, "P1", **SOLO),
    _mutant(VoteOnlyOnce, "the first vote is never changed", "accept", stories.VOTES_ARE_SPLIT, "expect"),
    _mutant(OwnValue, "what it was told does not matter", "choose_value", stories.RED_IS_CHOSEN, "P2b"),
    _mutant(FirstNotHighest, "the lowest vote told decides", "choose_value", stories.THE_HIGHER_OF_TWO_VOTES, "P2b"),
    _mutant(
        MostFrequentValue,
        "votes are counted instead of compared by ballot",
        "choose_value",
        stories.THE_HIGHER_OF_TWO_VOTES,
        "P2b",
        values=("blue", "red"),
    ),
    _mutant(
        BallotReuse,
        "its ballots are not on disk",
        "next_ballot",
        stories.AN_OLD_PROMISE_COMES_TWICE,
        "OneValuePerBallot",
        **SOLO,
    ),
    _mutant(
        AlwaysTheFirst, "the second ballot is the first again", "next_ballot", stories.A_SECOND_BALLOT, "expect", **SOLO
    ),
    _mutant(DeafToNacks, "it tries numbers known to be in vain", "next_ballot", stories.REFUSED, "expect", **NACKS),
    _mutant(SmallQuorum, "half of four is no majority", "count_vote", stories.HALF_OF_FOUR, "Learned", **QUARTET),
    _mutant(LearnAtOnce, "one vote is taken for a majority", "count_vote", stories.HALF_OF_FOUR, "Learned", **QUARTET),
    _mutant(
        CountMessages,
        "a vote that arrives twice counts twice",
        "count_vote",
        stories.A_VOTE_ARRIVES_TWICE,
        "Learned",
        **SOLO,
    ),
    _mutant(
        MixBallots,
        "votes of two ballots are added up",
        "count_vote",
        stories.TWO_VOTES_IN_TWO_BALLOTS,
        "Learned",
        **SOLO,
    ),
)

OTHERS = (
    _mutant(NoPrepare, "it proposes before anybody has promised", "prepare", stories.RED_IS_CHOSEN, "ShowsSafeAt"),
    _mutant(
        SmallPromiseQuorum, "one promise of three is enough", "count_promise", stories.RED_IS_CHOSEN, "ShowsSafeAt"
    ),
)
"""Wrong in rules that no exercise asks for."""

EQUIVALENT = (
    Equivalent(
        "SharedBallot",
        {"proposer": SharedBallot},
        "no acceptor promises one ballot twice, so only one proposer gets a majority of promises for it",
        {"proposer": SharedBallot, "promise_quorum": 1, "accept_quorum": 3},
        stories.TWO_WITH_A_PROMISE_EACH,
    ),
    Equivalent(
        "SmallPromiseQuorum of four",
        {"proposer": SmallPromiseQuorum, "acceptors": 4},
        "two promises of four meet every three acceptances",
        {"proposer": SmallPromiseQuorum},
        stories.THE_ONE_THAT_SLEPT_IS_ASKED_FIRST,
    ),
)
