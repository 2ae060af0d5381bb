"""Lesson 04_multi_paxos: one prediction, five rules of a replicated log, and one repair.

Each class below is a complete server of the library from which one rule was taken out. Write that rule; the README
says what it must do and what is at hand. The first line of this file tells the grader which lesson it belongs to.
"""

from consensus_lab.kernel import Context
from consensus_lab.lab.predictions import Prediction, Story
from consensus_lab.protocols.multi_paxos.key_value import execute  # noqa: F401 - for your answers
from consensus_lab.protocols.multi_paxos.messages import (  # noqa: F401 - some are for your answers
    NOOP,
    Accept,
    Command,
    Commit,
    Reply,
    Request,
    Snapshot,
)
from consensus_lab.protocols.multi_paxos.read_index import ReadIndexServer, Reading  # noqa: F401
from consensus_lab.protocols.multi_paxos.server import Server


class Forecast(Prediction):
    """Exercise 1: a leader is lost in the middle of its work. What will become of it?"""

    def foretell(self, story: Story) -> str:
        # story.name says which of the five it is; answer one of story.claims.
        raise NotImplementedError(
            "What is on whose disk, and what will the next leader be told? Which claim will hold?"
        )


class RecoveringLeader(Server):
    """Exercise 2: what must a new leader propose for a slot that is not its first?"""

    def choose_command(self, told: list[Accept]) -> Command:
        raise NotImplementedError(
            "Which of these votes may be chosen already? And what if nobody has voted in this slot?"
        )


class LearningReplica(Server):
    """Exercise 3: the leader says how far the log is chosen. Which of your votes may you believe?"""

    def learn_own_votes(self, news: Commit | Accept, ctx: Context) -> None:
        raise NotImplementedError("You hold a vote for that slot. In whose ballot was it, and who says what is chosen?")


class ApplyingReplica(Server):
    """Exercise 4: you know some decisions. Which commands may be applied now?"""

    def apply_decisions(self, ctx: Context) -> None:
        raise NotImplementedError("In which order do all replicas apply, and what do you do at a slot that you lack?")


class CarefulReplica(Server):
    """Exercise 5: a request may stand in two slots. How does it take effect once?"""

    def perform(self, request: Request) -> Reply:
        raise NotImplementedError("Has it been done already? If so, what was replied? If not, what must be remembered?")


class SnapshottingReplica(Server):
    """Exercise 6: this snapshot brings back the store. What is missing?"""

    def make_snapshot(self) -> Snapshot:
        # Somebody wrote it like this. It passes every test in which nobody asks twice. Repair it:
        #
        #     return Snapshot(self.applied, tuple(sorted(self.store.items())), ())
        #
        raise NotImplementedError("The log is let go of after this. What did it still tell, besides the store?")


class ReadingLeader(ReadIndexServer):
    """Exercise 7: you lead, and you are asked for a value. When may you answer from your own store?"""

    def read(self, request: Request, ctx: Context) -> None:
        raise NotImplementedError("Who can say whether you still lead? And what may have been chosen before you did?")
