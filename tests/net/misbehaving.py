"""Processes that break, for the tests of hosts and clusters."""

from __future__ import annotations

from dataclasses import dataclass

from consensus_lab.kernel import Context
from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator
from consensus_lab.protocols.two_phase_commit.messages import Abort, Begin, Commit, State, Yes


@dataclass
class ForgetfulCoordinator(Coordinator):
    """Its rule for a vote raises."""

    def count_vote(self, yes: Yes, ctx: Context) -> None:
        raise KeyError("where did I put my notes?")


@dataclass
class ChattyCoordinator(Coordinator):
    """It prints, as anybody does who looks for a mistake."""

    def request_votes(self, begin: Begin, ctx: Context) -> None:
        print("here", end=" ")
        print("I am")
        super().request_votes(begin, ctx)


@dataclass
class MumblingCoordinator(Coordinator):
    """It sends what no vocabulary has a word for."""

    def request_votes(self, begin: Begin, ctx: Context) -> None:
        ctx.broadcast(self.participants, object())


@dataclass
class TwoFacedCoordinator(Coordinator):
    """It tells everybody to commit, and aborts."""

    def conclude(self, verdict: Commit | Abort, ctx: Context) -> None:
        ctx.broadcast(self.participants, verdict)
        ctx.decide(Abort(verdict.tx))
        self.state = State.DONE


@dataclass
class SilentCoordinator(Coordinator):
    """It never begins."""

    def request_votes(self, begin: Begin, ctx: Context) -> None:
        ctx.note("not today")
