"""Lesson 03_paxos: one prediction, four rules of Paxos, one repair, and an adversary.

Each class below but the last is a complete process of the library from which one rule was taken out. Write that rule;
the README says what it must do and what is at hand. The first line of this file tells the grader which lesson it
belongs to.
"""

from typing import Any

from consensus_lab.kernel import Context
from consensus_lab.lab.schedules import Adversary, Game
from consensus_lab.protocols.paxos.acceptor import Acceptor
from consensus_lab.protocols.paxos.foresight import Answer, ForesightedAcceptor
from consensus_lab.protocols.paxos.learner import Learner
from consensus_lab.protocols.paxos.messages import (  # noqa: F401 - some are for your answers
    Accept,
    Accepted,
    Ballot,
    Decided,
    Prepare,
    Promise,
    Round,
)
from consensus_lab.protocols.paxos.proposer import Proposer


class ForeseeingAcceptor(ForesightedAcceptor):
    """Exercise 1: what will an acceptor answer?"""

    def foresee(self, request: Prepare | Accept) -> Answer:
        raise NotImplementedError("You know what a2 has promised and accepted. What will it answer to this request?")


class PromisingAcceptor(Acceptor):
    """Exercise 2: when may an acceptor promise, and what must be true before it says so?"""

    def promise(self, prepare: Prepare, ctx: Context) -> None:
        raise NotImplementedError("When may you promise? What must be on your disk by then? What must the answer tell?")


class VotingAcceptor(Acceptor):
    """Exercise 3: when may an acceptor accept?"""

    def accept(self, accept: Accept, ctx: Context) -> None:
        raise NotImplementedError("Which proposals do your promises forbid? Who counts on your remembering this vote?")


class ListeningProposer(Proposer):
    """Exercise 4: which value may a proposer propose?"""

    def choose_value(self, told: list[Accept]) -> Any:
        raise NotImplementedError("A majority has told you of its votes. Which value may have been chosen already?")


class CountingLearner(Learner):
    """Exercise 5: when is a value chosen?"""

    def count_vote(self, accepted: Accepted, ctx: Context) -> None:
        raise NotImplementedError("Whose votes for what make a value chosen? What if the same vote comes twice?")


class RestartedProposer(Proposer):
    """Exercise 6: this proposer works until its first crash. What is missing?"""

    def next_ballot(self, ctx: Context) -> Ballot:
        # Somebody wrote it like this. It passes every test in which nobody crashes. Repair it:
        #
        #     return max(self.ballot, self.seen).next(ctx.me)
        #
        raise NotImplementedError("You crash and come back. How do you know which ballots you have used already?")


class ChoosingAdversary(Adversary):
    """Exercise 7: you pick what happens next. How do you get two values chosen?"""

    def schedule(self, game: Game) -> str:
        raise NotImplementedError(f"'{game.name}': in which order must the two proposers get in each other's way?")
