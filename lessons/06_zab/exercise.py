"""Lesson 06_zab: one prediction, five rules of ZAB, and one repair.

Each class below is a complete server of the library from which one rule was taken out. Write that rule; the README
says what it must do and what is at hand. The first line of this file tells the grader which lesson it belongs to.
"""

from consensus_lab.kernel import Address, Context
from consensus_lab.lab.predictions import Prediction, Story
from consensus_lab.protocols.zab.learner_handler import Stage  # noqa: F401 - for your answers
from consensus_lab.protocols.zab.messages import (  # noqa: F401 - some are for your answers
    ACK,
    NEWLEADER,
    PROPOSAL,
    TRUNC,
    SyncMode,
    Truncated,
    Txn,
    Zxid,
)
from consensus_lab.protocols.zab.peer import Peer


class Forecast(Prediction):
    """Exercise 1: a follower has this, its leader that. With which packet will the leader begin?"""

    def foretell(self, story: Story) -> str:
        # story.name says which of the five it is; answer one of story.claims.
        raise NotImplementedError("Does the leader know the follower's last zxid, and what has to be said about it?")


class NumberingLeader(Peer):
    """Exercise 2: you are elected, and hear which epochs others have accepted. Which is the new one?"""

    def next_epoch(self, accepted: int) -> int:
        raise NotImplementedError("It must be later than which epochs? What did you know before you heard this one?")


class LoggingFollower(Peer):
    """Exercise 3: your leader proposes a transaction. What is to be done, and in which order?"""

    def log_proposal(self, txn: Txn, ctx: Context) -> None:
        raise NotImplementedError("What does the leader conclude from your ACK, and what must be true by then?")


class CommittingLeader(Peer):
    """Exercise 4: one more server has acknowledged a proposal. Is it committed?"""

    def may_commit(self, zxid: Zxid) -> bool:
        raise NotImplementedError("How many disks must have it? And must all that was proposed before be committed?")


class TruncatingFollower(Peer):
    """Exercise 5: your leader says that the end of your log never happened. What is to be cut?"""

    def truncate(self, trunc: TRUNC, ctx: Context) -> None:
        raise NotImplementedError(
            "In how many places is that end: on the disk, in memory, in the state, in a snapshot?"
        )


class EnteringFollower(Peer):
    """Exercise 6: you have been sent the whole history of the epoch. How do you enter it?"""

    def enter_epoch(self, newleader: NEWLEADER, ctx: Context) -> None:
        # This is what ZooKeeper once did, and it lost what was committed (ZOOKEEPER-4643, 4646). Repair it:
        #
        #     self.persist_epoch(newleader.zxid.epoch, ctx)
        #     ctx.reply(ACK(newleader.zxid))
        #     self.persist_history(ctx)
        #     self.await_leader(self.settings.sync_limit, ctx)
        #
        raise NotImplementedError(
            "The power may fail after each of these lines. What is on the disk then, and who is misled?"
        )


class SynchronisingLeader(Peer):
    """Exercise 7: a learner is to get your history, and to miss nothing from then on. What do you send?"""

    def synchronise(self, learner: Address, ctx: Context) -> None:
        raise NotImplementedError(
            "What is neither committed nor yet to come? And from when on does it hear everything?"
        )
