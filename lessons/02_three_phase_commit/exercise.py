"""Lesson 02_three_phase_commit: foretell four stories, then write five rules, the last one for when all else failed.

Each class below is complete but for one rule, or one answer. The README says what it must do and what is at hand. The
first line of this file tells the grader which lesson it belongs to.
"""

from consensus_lab.kernel import Context, Recovered
from consensus_lab.lab.predictions import Prediction, Story
from consensus_lab.protocols.three_phase_commit.coordinator import PREACKS_WITHIN, Coordinator  # noqa: F401
from consensus_lab.protocols.three_phase_commit.messages import (  # noqa: F401 - some are for your answers
    Abort,
    Commit,
    DecisionRequest,
    PreAcksOverdue,
    PreCommit,
    PreCommitOverdue,
    State,
    VotesOverdue,
)
from consensus_lab.protocols.three_phase_commit.participant import Participant
from consensus_lab.protocols.three_phase_commit.termination import TerminatingParticipant


class Forecast(Prediction):
    """Exercise 1: the coordinator crashes and stays away. How does each of the four stories end?"""

    def foretell(self, story: Story) -> str:
        # story.name says which of the four it is; answer one of story.claims.
        raise NotImplementedError("The coordinator is gone for good. Which claim will hold a minute later?")


class KnowingCoordinator(Coordinator):
    """Exercise 2: all have voted yes. Why not commit now?"""

    def prepare(self, tx: str, ctx: Context) -> None:
        raise NotImplementedError("All have voted yes. What must all know, and your disk too, before anyone commits?")


class UncertainParticipant(Participant):
    """Exercise 3: it voted yes, and nobody says that all did. What may it do that two-phase commit forbids?"""

    def abort_alone(self, overdue: PreCommitOverdue, ctx: Context) -> None:
        raise NotImplementedError("You voted yes, and hear nothing. Can anybody have committed? So what may you do?")


class RepairedCoordinator(Coordinator):
    """Exercise 4: an acknowledgement of PreCommit is missing, and many courses' rule splits. How is it repaired?"""

    def proceed(self, overdue: PreAcksOverdue, ctx: Context) -> None:
        # As many courses have it, and wrong (play three-phase-commit/course-splits):
        #     self.conclude(Abort(overdue.tx), ctx)
        raise NotImplementedError("Somebody has not acknowledged PreCommit. What will those do who have, without you?")


class ReturningParticipant(Participant):
    """Exercise 5: it is back from a crash, and was in doubt when it crashed. What may it decide?"""

    def doubt(self, recovered: Recovered, ctx: Context) -> None:
        raise NotImplementedError("You were away. What may the others have done meanwhile, and who can tell you?")


class BackupParticipant(TerminatingParticipant):
    """Exercise 6: the others have elected you, and said how far they came. How do you finish for all?"""

    def terminate(self, ctx: Context) -> None:
        raise NotImplementedError("You know how far each came. When may you abort, and what comes before commit?")
