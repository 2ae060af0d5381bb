"""Paxos.tla of the TLA+ examples (PaxosHowToWinATuringAward; Lamport), with three acceptors, on a set network.

Its acceptors are processes like any. Its leader is not: Phase2a reads all that was ever sent and keeps nothing, which
no process that receives one message at a time can do. So its moves are found here, from what its node sees.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from consensus_lab.check.bounds import Bound
from consensus_lab.check.space import Move, Space
from consensus_lab.kernel import Address, Cast, Context, Rule, Start, View, invariant, message, upon
from consensus_lab.sim import Fire
from tests.check.models.registers import Guarded

ACCEPTORS = ("a1", "a2", "a3")
QUORUMS = tuple(combinations(ACCEPTORS, 2))
LEADER = "leader"
LEARNER = "learner"


@message
class Phase1a:
    """Also the leader's timer for the action of that name."""

    ballot: int


@message
class Phase1b:
    ballot: int
    voted: int
    value: str | None


@message
class Phase2a:
    ballot: int
    value: str


@message
class Phase2b:
    ballot: int
    value: str


@dataclass
class Leader(Guarded):
    """Phase1a alone: see `PaxosSpace` for Phase2a."""

    ballots: int

    @upon(Start)
    def begin(self, start: Start, ctx: Context) -> None:
        for ballot in range(self.ballots):
            ctx.set_timer(Phase1a(ballot), 1)

    @upon(Phase1a)
    def ask(self, ask: Phase1a, ctx: Context) -> None:
        ctx.broadcast(ACCEPTORS, ask)
        ctx.set_timer(ask, 1)


@dataclass
class Acceptor(Guarded):
    ballot: int = -1  # maxBal
    voted: int = -1  # maxVBal
    value: str | None = None  # maxVal

    def wants(self, message: Any) -> bool:
        return bool(message.ballot > self.ballot if isinstance(message, Phase1a) else message.ballot >= self.ballot)

    def rule_for(self, message: Any) -> Rule | None:
        return super().rule_for(message) if isinstance(message, Phase1a | Phase2a) else None

    @upon(Phase1a)
    def promise(self, ask: Phase1a, ctx: Context) -> None:
        self.ballot = ask.ballot
        ctx.send(LEADER, Phase1b(ask.ballot, self.voted, self.value))

    @upon(Phase2a)
    def vote(self, ask: Phase2a, ctx: Context) -> None:
        self.ballot = self.voted = ask.ballot
        self.value = ask.value
        ctx.send(LEARNER, Phase2b(ask.ballot, ask.value))


@dataclass
class Learner(Guarded):
    """Whoever wants to know which votes were sent. No action reads them."""

    def wants(self, message: Any) -> bool:
        return False


class PaxosSpace(Space):
    """The space of this cast, with Phase2a: once for each quorum and each vote that shows the value to be safe."""

    def moves(self, node: int, seen: int) -> Iterator[Move]:
        yield from super().moves(node, seen)
        if self.cast.addresses[node] == LEADER:
            told = {(p.sender, p.message.ballot): p.message for p in self.flight.arriving(node, seen)}
            for ask in self.asks():
                for _ in range(witnesses(told, ask) if self.is_free(ask.ballot, seen) else 0):
                    yield Move(Fire(LEADER, ask), self.flight.exchange(seen, None, self.parcels(ask)).delta)

    def asks(self) -> list[Phase2a]:
        return [Phase2a(ballot, value) for ballot, value in self.cast.parameters["proposals"]]

    def parcels(self, ask: Phase2a) -> list[Any]:
        return [self.locals.parcel(LEADER, acceptor, ask) for acceptor in ACCEPTORS]

    def is_free(self, ballot: int, seen: int) -> bool:
        """Nothing was asked in this ballot."""
        asked = (self.parcels(ask)[0] for ask in self.asks() if ask.ballot == ballot)
        return not any(self.flight.place(parcel).read(seen) for parcel in asked)


def witnesses(told: dict[tuple[Address, int], Phase1b], ask: Phase2a) -> int:
    """In how many ways the promises show this value to be safe."""
    count = 0
    for quorum in QUORUMS:
        promises = [told[acceptor, ask.ballot] for acceptor in quorum if (acceptor, ask.ballot) in told]
        if len(promises) == len(quorum):
            votes = [promise for promise in promises if promise.voted >= 0]
            highest = max((vote.voted for vote in votes), default=-1)
            count += sum(vote.voted == highest and vote.value == ask.value for vote in votes) if votes else 1
    return count


@invariant("Inv", "at most one value is accepted by a majority")
def one_value(view: View) -> str | None:
    """Of the votes that acceptors hold: a value chosen in one ballot is voted for in every later one."""
    votes = [(p.voted, p.value) for p in view.processes.values() if isinstance(p, Acceptor) and p.value is not None]
    chosen = [vote for vote in votes if votes.count(vote) > 1]
    other = [vote for vote in votes for ballot, value in chosen if vote[0] > ballot and vote[1] != value]
    return f"{chosen[0]} is chosen, and there is a vote for {other[0]}" if other else None


def cast(values: int, ballots: int) -> Cast:
    """So many values, and ballots from 0."""
    proposals = tuple((ballot, "vw"[number]) for ballot in range(ballots) for number in range(values))
    acceptors = {name: Acceptor() for name in ACCEPTORS}
    players = {LEADER: Leader(ballots), **acceptors, LEARNER: Learner()}
    return Cast("paxos-tla", players, invariants=(one_value,), parameters={"proposals": proposals})


def space(values: int, ballots: int) -> PaxosSpace:
    """What is to be searched."""
    return PaxosSpace(cast(values, ballots), Bound(network="set", skip_ignored=True))
