"""Wrong answers of the bank die in bad weather, without a script; and what killed them is shrunk to something readable.

Those that are not here break what no invariant says, only make somebody wait, or need a coincidence that some hundred
seeds do not bring about: their stories tell them from the reference, and the explorer finds the coincidence.
"""

import pytest

from consensus_lab.check.claims import Always
from consensus_lab.check.fuzz import Campaign, investigate, menu_of
from consensus_lab.check.fuzz.finding import searched
from consensus_lab.check.fuzz.run import Fallen
from consensus_lab.check.fuzz.shrink import Replaying
from consensus_lab.kernel import Cast
from consensus_lab.lab.catalogue import protocol
from consensus_lab.lab.mutants import bank
from consensus_lab.sim import Pick

KILLED: dict[str, dict[str, tuple[int, int]]] = {
    # by protocol and name: within so many seeds, and with no more steps left than these
    "two-phase-commit": {
        "CommitsAtTheFirstYes": (8, 5),
        "CommitsWithAMajority": (8, 8),
        "CountsMessagesInsteadOfVoters": (24, 11),
        "CountsAndForgetsToCommit": (19, 7),
        "SaysYesBeforeItWrites": (45, 6),
        "WritesLazily": (45, 6),
        "WaitsForEver": (86, 3),
        "AbortsAlone": (167, 10),
        "CommitsAlone": (3, 8),
        "AsksOnce": (19, 8),
        "WaitsAndNeverAsks": (19, 3),
        "AbortsAfterACrash": (126, 11),
        "VotesAnew": (167, 12),
        "PromisesACommit": (61, 7),
    },
    "three-phase-commit": {
        "CommitsInTwoPhases": (3, 8),
        "RemembersNothing": (257, 16),
        "WaitsForEverForAcknowledgements": (257, 9),
        "AsksForVotesAgain": (76, 14),
        "PreparesAgainForEver": (257, 9),
        "CommitsUncertain": (215, 7),
        "DecidesAsIfItHadNeverBeenAway": (76, 12),
        "AbortsWhatItHadPromised": (76, 12),
        "AsksOnce": (5, 8),
        "CommitsWhateverItHears": (25, 6),
    },
    "paxos": {
        "ForgetPromise": (5, 28),
        "PromiseEveryone": (1, 7),
        "KeepTheVoteSecret": (2, 23),
        "PromiseOnlyOnce": (2, 2),
        "NoPromiseCheck": (2, 16),
        "ForgetAccepted": (1, 14),
        "AcceptBeforeTheDisk": (5, 15),
        "AcceptOnlyAbove": (1, 1),
        "VoteOnlyOnce": (3, 18),
        "OwnValue": (2, 23),
        "AlwaysTheFirst": (1, 9),
        "SmallQuorum": (3, 18),
        "LearnAtOnce": (3, 15),
        "CountMessages": (11, 16),
        "MixBallots": (155, 23),
    },
    "election": {
        "LargestNumberFirst": (1, 4),
        "LongestLogFirst": (1, 4),
        "NoTotalOrder": (5, 6),
        "ElectsTheWeightless": (1, 7),
        "TakesEqualForBetter": (1, 1),
        "KeepsToItsRound": (12, 5),
        "KeepsOldVotes": (28, 19),
        "CountsAnyRound": (4, 12),
        "ChangesItsMindSilently": (1, 3),
        "CountsVotersInsteadOfVotes": (1, 2),
        "HalfIsEnough": (1, 1),
        "BelievesFollowers": (7, 38),
        "AsksAnyLeader": (7, 38),
        "JoinsOnlyItsOwnRound": (6, 6),
        "BelievesTheLeaderAlone": (3, 11),
        "AnswersForItself": (3, 2),
        "AnswersAsIfLooking": (2, 10),
        "SaysNothing": (3, 6),
        "AnswersEveryone": (5, 25),
        "VotesWithTheAcceptedEpoch": (1, 4),
        "StandsThoughItObserves": (1, 0),
        "SpeaksOnce": (2, 6),
        "WaitsForEver": (28, 6),
    },
}
CASES = [(name, mutant) for name, mutants in KILLED.items() for mutant in mutants]


def played(name: str, mutant: str) -> Cast:
    wrong = next(each for each in bank(name) if each.name == mutant)
    cast: Cast = protocol(name).cast(**{**wrong.cast, wrong.role: wrong.kind})
    return cast


@pytest.mark.parametrize(("name", "mutant"), CASES)
def test_it_is_killed_within_so_many_seeds_and_shrunk_to_so_many_steps(name: str, mutant: str) -> None:
    cast = played(name, mutant)
    seeds, steps = KILLED[name][mutant]
    failure = Campaign(cast, menu_of(cast)).run(range(1, seeds + 1))
    assert failure is not None, f"{seeds} seeds were enough once"
    assert len(investigate(cast, failure).story.trace) <= steps


SHORTEST = {"PromiseEveryone": 6, "NoPromiseCheck": 12, "ForgetAccepted": 12, "SmallQuorum": 17, "LearnAtOnce": 14}
"""Found by a search with as many faults and timeouts (`finding.searched`): here the first of them, which is quick."""


def test_what_is_left_is_at_most_half_as_long_again_as_the_shortest_there_is() -> None:
    for mutant, shortest in SHORTEST.items():
        assert KILLED["paxos"][mutant][1] <= 1.5 * shortest
    cast = played("paxos", "PromiseEveryone")
    failure = Campaign(cast, menu_of(cast)).run([1])
    assert failure is not None
    assert isinstance(failure.fallen, Fallen)
    claim = Always((failure.fallen.violation.invariant,))
    verdict = searched(cast, investigate(cast, failure), seconds=60).judge(claim)
    assert verdict.story is not None
    assert len(verdict.story.trace) == SHORTEST["PromiseEveryone"]


@pytest.mark.parametrize("mutant", ["PromiseEveryone", "ForgetAccepted", "SmallQuorum", "ForgetPromise"])
def test_what_is_left_refutes_the_same_claim_and_nothing_in_it_can_be_missed(mutant: str) -> None:
    cast = played("paxos", mutant)
    failure = Campaign(cast, menu_of(cast)).run(range(1, 20))
    assert failure is not None
    story = investigate(cast, failure).story
    claim = next(claim for claim in cast.invariants if str(claim) in story.ending)
    attempt = Replaying(cast).until_broken(claim)
    picks = [Pick(step.choice, step.now) for step in story.trace]
    assert attempt(picks) is not None
    for index in range(len(picks)):
        assert attempt(picks[:index] + picks[index + 1 :]) is None, f"'{picks[index].choice}' could be missed"
