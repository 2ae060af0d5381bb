"""Wrong answers to Paxos. A ballot takes some seven steps, with the disks, so that whoever needs three of them is out
of reach; a trail that begins with a story's own end is not."""

from tests.check.killing import Beyond, Kill

ONE = {"proposers": 1, "learners": 1}
TWO = {"proposers": 2, "learners": 1}
CALM, RETRIES, TWICE = {"timeouts": 0}, {"timeouts": 1}, {"timeouts": 0, "duplicates": 1}

FORESIGHT = "it foresees wrongly and answers rightly: its story asks for surprises, of which no invariant speaks"
PATIENCE = "it chooses nothing wrong, and too little: its story shows it, with three ballots or more"
THREE_BALLOTS = "it takes three ballots of two values: not within 170,000 states and 22 steps; its story shows it"

KILLS = (
    Kill("ForgetPromise", 15, RETRIES, ONE),
    Kill("PromiseBeforeTheDisk", 16, RETRIES, ONE),
    Kill("PromiseEveryone", 6, RETRIES, ONE),
    Kill("KeepTheVoteSecret", 18, CALM, TWO),
    Kill("NoPromiseCheck", 13, RETRIES, ONE),
    Kill("ForgetAccepted", 12, CALM, ONE),
    Kill("AcceptBeforeTheDisk", 12, CALM, ONE),
    Kill("AcceptOnlyAbove", 14, CALM, ONE),
    Kill("OwnValue", 16, CALM, TWO),
    Kill("SmallQuorum", 17, CALM, ONE),
    Kill("LearnAtOnce", 14, CALM, ONE),
    Kill("CountMessages", 13, TWICE, ONE),
    Kill("MixBallots", 21, RETRIES, ONE),
)
BEYOND = (
    Beyond("ForeseeAPromiseForEveryone", FORESIGHT, CALM, ONE),
    Beyond("ForeseeNoVoteInAPromise", FORESIGHT, CALM, ONE),
    Beyond("ForeseeRefusalOfThePromisedBallot", FORESIGHT, CALM, ONE),
    Beyond("ForeseeAVoteForEveryProposal", FORESIGHT, CALM, ONE),
    Beyond("PromiseOnlyOnce", PATIENCE, CALM, ONE),
    Beyond("VoteOnlyOnce", PATIENCE, CALM, ONE),
    Beyond("AlwaysTheFirst", PATIENCE, CALM, ONE),
    Beyond("DeafToNacks", PATIENCE, CALM, ONE),
    Beyond("FirstNotHighest", THREE_BALLOTS, {**CALM, "steps": 14}, TWO),
    Beyond("MostFrequentValue", THREE_BALLOTS, {**CALM, "steps": 14}, TWO),
    Beyond(
        "BallotReuse", "its client has to ask for a second value after a crash, which this cast's does not", CALM, ONE
    ),
)

NOT_ALWAYS_EQUIVALENT = {"SharedBallot": 10, "SmallPromiseQuorum of four": 5}
"""Equivalent in one cast as far as agreement goes; killed in the other that the bank names, by so long a trail."""
