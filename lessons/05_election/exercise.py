"""Lesson 05_election: five rules of fast leader election, and you write them.

Each class below is a complete server of the library from which one rule was taken out. Write that rule; the README
says what it must do and what is at hand. The first line of this file tells the grader which lesson it belongs to.
"""

from collections.abc import Mapping

from consensus_lab.kernel import Address, Context
from consensus_lab.protocols.election.messages import (  # noqa: F401 - some are for your answers
    Notification,
    State,
    Vote,
    address_of,
)
from consensus_lab.protocols.election.peer import Peer


class AnsweringPeer(Peer):
    """Exercise 1: n2 has a leader, and hears from n1, which is looking for one. What will n2 answer?"""

    def answer(self, heard: Notification, ctx: Context) -> None:
        raise NotImplementedError("Predict it word for word: in which state, for whom, and in which round is n2?")


class JudgingPeer(Peer):
    """Exercise 2: when is one vote better than another?"""

    def succeeds(self, new: Vote, old: Vote) -> bool:
        raise NotImplementedError("What is compared first, what next, what last? Who may never win?")


class ComparingPeer(Peer):
    """Exercise 3: a vote arrives from somebody who is looking too. What does it change?"""

    def compare(self, heard: Notification, ctx: Context) -> None:
        raise NotImplementedError("Of which round is this vote? If of a later one, what is your own worth now?")


class CheckingPeer(Peer):
    """Exercise 4: a quorum says that there is a leader. When do you believe it?"""

    def check_leader(self, heard: Notification, votes: Mapping[Address, Notification], ctx: Context) -> bool:
        # This is what ZooKeeper once said, and it elected dead servers (ZOOKEEPER-480). Repair it:
        #     return True
        raise NotImplementedError("Followers may not have noticed yet. Who knows best whether the leader leads?")


class JoiningPeer(Peer):
    """Exercise 5: you come late, and everyone else has a leader. How do you find it?"""

    def join(self, heard: Notification, ctx: Context) -> None:
        raise NotImplementedError(
            "Is this word of your own round? If not, how many must say so, and whose round counts?"
        )
