"""Wrong answers to fast leader election. A search kills what elects the wrong one, and not what is late or loud."""

from tests.check.killing import Beyond, Kill

ONE, TWO = {"timeouts": 1}, {"timeouts": 2}
SLOW = "it elects nobody wrong, but late, never, or with more words than needed: its story counts them"
FIVE = "five servers and a crashed leader: not within 450,000 states and 40 steps of any kind; its story shows it"
"""Measured with no fault, a reset, or a crash."""

KILLS = (
    Kill("LargestNumberFirst", 4, ONE),
    Kill("LongestLogFirst", 4, ONE),
    Kill("NoTotalOrder", 5, ONE),
    Kill("ElectsTheWeightless", 7, ONE),
    Kill("KeepsOldVotes", 8, TWO),
    Kill("CountsAnyRound", 8, TWO),
    Kill("CountsVotersInsteadOfVotes", 2, ONE),
    Kill("HalfIsEnough", 1, ONE),
    Kill("BelievesTheLeaderAlone", 7, ONE),
    Kill("VotesWithTheAcceptedEpoch", 4, ONE),
    Kill("StandsThoughItObserves", 0, ONE),
)
BEYOND = (
    *(
        Beyond(name, SLOW, {**ONE, "steps": 8})
        for name in (
            "TakesEqualForBetter",
            "KeepsToItsRound",
            "ChangesItsMindSilently",
            "SettlesAtOnce",
            "LeadsOnHearsay",
            "JoinsOnlyItsOwnRound",
            "KeepsItsOwnClock",
            "AnswersForItself",
            "SaysNothing",
            "SpeaksOnce",
            "WaitsForEver",
        )
    ),
    *(Beyond(name, SLOW, {**ONE, "steps": 4}) for name in ("AnswersAsIfLooking", "AnswersEveryone")),
    *(Beyond(name, FIVE, {**ONE, "steps": 4}) for name in ("BelievesFollowers", "AsksAnyLeader")),
)
