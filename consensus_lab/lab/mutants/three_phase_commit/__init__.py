"""Wrong answers to three-phase commit: each a rule that somebody has written so, and the story in which it shows."""

from __future__ import annotations

from functools import partial

from consensus_lab.lab.mutants import mutant
from consensus_lab.lab.mutants.three_phase_commit.stories import (
    AWAY_WHILE_OTHERS_ABORTED,
    AWAY_WHILE_OTHERS_COMMITTED,
    BACKUP_LOST_BETWEEN_ROUNDS,
    COORDINATOR_FORGOT,
    EXECUTED_AND_CRASHED,
    FIRST_QUESTION_LOST,
    GAVE_UP_AND_CRASHED,
    NOBODY_HEARD,
    ONE_PREPARED_ONE_UNCERTAIN,
    ONE_TOLD,
    ONLY_THE_BACKUP_HEARD,
    PARTICIPANT_LOST,
    POWER_FAILS_BEFORE_PRECOMMIT_IS_WRITTEN,
    PREACK_LOST,
    PREACK_MISSING_AND_COORDINATOR_LOST,
    PREPARED_AND_ALONE,
    UNCERTAIN_AND_ALONE,
)
from consensus_lab.lab.mutants.three_phase_commit.wrong import (
    AbortsAndWritesNothing,
    AbortsAsTheCourseDoes,
    AbortsPrepared,
    AbortsWhatItHadPromised,
    AbortsWhenAnyoneIsUncertain,
    AcknowledgesBeforeItWrites,
    AsksForVotesAgain,
    AsksOnce,
    CommitsAfterOneRound,
    CommitsAtTheFirstPreAck,
    CommitsInTwoPhases,
    CommitsUncertain,
    CommitsWhateverItHears,
    CommitsWhatItHadPrepared,
    DecidesAsIfItHadNeverBeenAway,
    ExecutesLazily,
    ForgetsItself,
    PreparesAgainForEver,
    RemembersNothing,
    TellsBeforeItWrites,
    WaitsForEverForAcknowledgements,
    WaitsUncertain,
)
from consensus_lab.protocols.three_phase_commit.coordinator import Coordinator
from consensus_lab.protocols.three_phase_commit.participant import Participant

_mutant = partial(mutant, (Coordinator, Participant))

TERMINATION = {"participants": 3, "variant": "termination"}
SPLIT = {"unwilling": ("p2",)}

MUTANTS = (
    _mutant(CommitsInTwoPhases, "it is two-phase commit again: some are still uncertain", "prepare", ONE_TOLD, "NB"),
    _mutant(
        TellsBeforeItWrites,
        "after a crash it does not know what it has told",
        "prepare",
        POWER_FAILS_BEFORE_PRECOMMIT_IS_WRITTEN,
        "expect",
    ),
    _mutant(RemembersNothing, "what all rely on is in its memory only", "prepare", COORDINATOR_FORGOT, "AC1"),
    _mutant(
        WaitsForEverForAcknowledgements,
        "one acknowledgement lost, and it never decides",
        "prepare",
        PREACK_LOST,
        "expect",
    ),
    _mutant(CommitsAtTheFirstPreAck, "one who knows is taken for all", "count_preack", ONE_TOLD, "NB"),
    _mutant(
        AbortsAsTheCourseDoes,
        "a participant that knows that all voted yes commits without it",
        "proceed",
        PREACK_MISSING_AND_COORDINATOR_LOST,
        "AC1",
    ),
    _mutant(AsksForVotesAgain, "it goes back behind what it has told", "proceed", PREACK_LOST, "expect"),
    _mutant(
        PreparesAgainForEver,
        "it waits for one that may never be back",
        "proceed",
        PARTICIPANT_LOST,
        "expect",
    ),
    _mutant(CommitsUncertain, "somebody may have refused or given up", "abort_alone", UNCERTAIN_AND_ALONE, "AC3"),
    _mutant(WaitsUncertain, "it is blocked as in two-phase commit", "abort_alone", UNCERTAIN_AND_ALONE, "expect"),
    _mutant(AbortsAndWritesNothing, "a crash takes its decision back", "abort_alone", GAVE_UP_AND_CRASHED, "AC1"),
    _mutant(AbortsPrepared, "others who know as much as it does commit", "commit_alone", PREPARED_AND_ALONE, "expect"),
    _mutant(
        AcknowledgesBeforeItWrites,
        "it says that it has executed, and may forget",
        "prepare",
        EXECUTED_AND_CRASHED,
        "expect",
    ),
    _mutant(ExecutesLazily, "nothing waits for undo and redo", "execute", EXECUTED_AND_CRASHED, "expect"),
    _mutant(
        DecidesAsIfItHadNeverBeenAway, "the others went on without it", "doubt", AWAY_WHILE_OTHERS_COMMITTED, "AC1"
    ),
    _mutant(
        CommitsWhatItHadPrepared, "the others may all have been uncertain", "doubt", AWAY_WHILE_OTHERS_ABORTED, "AC1"
    ),
    _mutant(AbortsWhatItHadPromised, "the others count on its promise", "doubt", AWAY_WHILE_OTHERS_COMMITTED, "AC1"),
    _mutant(AsksOnce, "a lost question is never asked again", "doubt", FIRST_QUESTION_LOST, "expect"),
    _mutant(
        CommitsAfterOneRound,
        "it commits while one who may be left alone is uncertain",
        "terminate",
        BACKUP_LOST_BETWEEN_ROUNDS,
        "NB",
        **TERMINATION,
    ),
    _mutant(
        AbortsWhenAnyoneIsUncertain,
        "one that is not uncertain may have committed",
        "terminate",
        ONE_PREPARED_ONE_UNCERTAIN,
        "expect",
        **TERMINATION,
    ),
    _mutant(
        ForgetsItself,
        "it asks all the others, and not itself",
        "terminate",
        ONLY_THE_BACKUP_HEARD,
        "expect",
        **TERMINATION,
    ),
    _mutant(CommitsWhateverItHears, "nobody knows that all voted yes", "terminate", NOBODY_HEARD, "AC3", **TERMINATION),
)
