"""Lesson 01_two_phase_commit: five rules of two-phase commit, and a schedule that blocks it.

Each class below but the last is a complete process of the library from which one rule was taken out. Write that rule;
the README says what it must do and what is at hand. The first line of this file tells the grader which lesson it
belongs to.
"""

from consensus_lab.kernel import Context, Recovered
from consensus_lab.lab.schedules import Adversary, Game
from consensus_lab.protocols.two_phase_commit.cooperative import CooperativeParticipant
from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator
from consensus_lab.protocols.two_phase_commit.messages import (  # noqa: F401 - some are for your answers
    Abort,
    Commit,
    DecisionOverdue,
    DecisionRequest,
    Prepared,
    Yes,
)
from consensus_lab.protocols.two_phase_commit.participant import DECISION_WITHIN, Participant  # noqa: F401


class CountingCoordinator(Coordinator):
    """Exercise 1: when may the coordinator commit?"""

    def count_vote(self, yes: Yes, ctx: Context) -> None:
        raise NotImplementedError("When may the coordinator commit? Whose votes must it hold by then?")


class PromisingParticipant(Participant):
    """Exercise 2: what must be true before a participant says yes?"""

    def prepare(self, tx: str, ctx: Context) -> None:
        raise NotImplementedError("What must be on your disk before the yes leaves? What must nobody else touch now?")


class DoubtfulParticipant(Participant):
    """Exercise 3: it said yes, and hears nothing. What may it do?"""

    def inquire(self, reason: DecisionOverdue | Recovered, ctx: Context) -> None:
        raise NotImplementedError("You said yes and hear nothing. Whom do you ask, and what if the question is lost?")


class RecoveringCoordinator(Coordinator):
    """Exercise 4: the coordinator is back from a crash, and its disk holds a verdict. What does it owe?"""

    def resume(self, recovered: Recovered, ctx: Context) -> None:
        raise NotImplementedError("Your disk holds a verdict, but not who has heard of it. What do you do now?")


class HelpfulParticipant(CooperativeParticipant):
    """Exercise 5: a peer in doubt asks you, and you have not voted yet. How can you free it?"""

    def abort_for_peer(self, request: DecisionRequest, ctx: Context) -> None:
        raise NotImplementedError("You have promised nobody anything. What may you decide, and what binds you then?")


class BlockingAdversary(Adversary):
    """Exercise 6: you pick what happens next. How do you bring two-phase commit to a standstill?"""

    def schedule(self, game: Game) -> str:
        raise NotImplementedError(f"'{game.name}': what must happen, one choice a line, and what comes last?")
