"""Wrong answers to three-phase commit, in the world for which it was made: a timer fires only when nothing else can
happen, so that silence means a crash (Skeen, 1981). In any other the reference itself falls."""

from consensus_lab.check import Exploration, Verdict
from consensus_lab.check.goals import everyone_decides
from tests.check.killing import Beyond, Kill, alone

LATE = {"timers": "late"}
ONCE, TWICE = {**LATE, "crashes": 1}, {**LATE, "crashes": 2}
FAIL_STOP = {**ONCE, "recover": False}
TERMINATION = {"participants": 3, "variant": "termination"}


def decided(exploration: Exploration) -> Verdict:
    return exploration.eventually(everyone_decides(exploration.cast))


KILLS = (
    Kill("CommitsInTwoPhases", 8, ONCE),
    Kill("TellsBeforeItWrites", 17, TWICE),
    Kill("RemembersNothing", 17, TWICE),
    Kill("WaitsForEverForAcknowledgements", 14, FAIL_STOP, ask=decided),
    Kill("CommitsAtTheFirstPreAck", 12, ONCE),
    Kill("AbortsAsTheCourseDoes", 16, ONCE),
    Kill("AsksForVotesAgain", 18, ONCE),
    Kill("PreparesAgainForEver", 14, FAIL_STOP, ask=decided),
    Kill("CommitsUncertain", 7, ONCE),
    Kill("WaitsUncertain", 8, FAIL_STOP, ask=decided),
    Kill("AbortsPrepared", 16, ONCE),
    Kill("DecidesAsIfItHadNeverBeenAway", 12, ONCE),
    Kill("CommitsWhatItHadPrepared", 12, ONCE),
    Kill("AbortsWhatItHadPromised", 16, ONCE),
    Kill("AbortsWhenAnyoneIsUncertain", 25, {**FAIL_STOP, "losses": 1}, TERMINATION, alone("AC1")),
    Kill("ForgetsItself", 21, {**LATE, "crashes": 2, "recover": False}, TERMINATION),
    Kill("CommitsWhateverItHears", 9, {**LATE, "crashes": 2, "recover": False}, TERMINATION),
)
BEYOND = (
    Beyond(
        "AbortsAndWritesNothing",
        "to be asked again after its crash takes a loss, with which the reference falls",
        TWICE,
    ),
    Beyond(
        "AcknowledgesBeforeItWrites", "what it forgets is a value, of which no invariant speaks: see its story", TWICE
    ),
    Beyond("ExecutesLazily", "what it forgets is a value, of which no invariant speaks: see its story", TWICE),
    Beyond("AsksOnce", "its question has to be lost, and with losses the reference falls", TWICE),
    Beyond(
        "CommitsAfterOneRound",
        "two crashes and a loss show it, with which the reference falls after 19 steps",
        {**LATE, "crashes": 2, "recover": False},
        TERMINATION,
    ),
)
