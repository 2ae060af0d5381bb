"""Single-decree Paxos in servers of all roles, each of which may crash once: it forgets at once and goes on.

What survives is the promise, the vote and what was learned; a step writes to the disk before anyone hears of it, so
that the disk is no part of this model. On a set network; with two who propose, in two rounds each.
"""

from dataclasses import dataclass, field
from typing import Any

from consensus_lab.kernel import Address, Cast, Context, Process, Rule, Start, View, invariant, message, upon

Ballot = tuple[int, int]
Vote = tuple[Ballot, str]


@message
class Prepare:
    ballot: Ballot


@message
class Promise:
    ballot: Ballot
    last: Vote | None


@message
class Accept:
    ballot: Ballot
    value: str


@message
class Accepted:
    ballot: Ballot
    value: str


@message
class TryAgain:
    """The timer by which a server proposes."""


@message
class CrashOnce:
    """The timer by which it loses its memory."""


@dataclass
class Server(Process):
    number: int
    everyone: frozenset[Address]
    wish: str | None
    rounds: int
    crashes: int
    promised: Ballot = (0, -1)
    accepted: Vote | None = None
    learned: frozenset[str] = frozenset()
    crashed: int = 0
    ballot: Ballot | None = None
    promises: dict[Address, Vote | None] = field(default_factory=dict)
    acks: frozenset[Address] = frozenset()
    pushed: str | None = None

    def rule_for(self, message: Any) -> Rule | None:
        return super().rule_for(message) if isinstance(message, Start) or self.wants(message) else None

    def wants(self, message: Any) -> bool:
        match message:
            case TryAgain():
                return self.promised[0] < self.rounds
            case CrashOnce():
                return self.crashed < self.crashes
            case Prepare(ballot):
                return ballot > self.promised
            case Accept(ballot, value):
                return ballot >= self.promised and self.accepted != (ballot, value)
        return self.answers(message)

    def answers(self, message: Promise | Accepted) -> bool:
        """Whether an answer to its own ballot is news."""
        if message.ballot != self.ballot:
            return False
        return isinstance(message, Promise) == (self.pushed is None)

    @property
    def majority(self) -> int:
        return len(self.everyone) // 2 + 1

    def others(self, ctx: Context) -> frozenset[Address]:
        return self.everyone - {ctx.me}

    @upon(Start)
    def begin(self, start: Start, ctx: Context) -> None:
        if self.wish is not None:
            ctx.set_timer(TryAgain(), 1)
        if self.crashes:
            ctx.set_timer(CrashOnce(), 1)

    @upon(CrashOnce)
    def crash(self, crash: CrashOnce, ctx: Context) -> None:
        self.crashed += 1
        self.ballot, self.promises, self.acks, self.pushed = None, {}, frozenset(), None
        if self.crashed < self.crashes:
            ctx.set_timer(crash, 1)

    @upon(TryAgain)
    def propose(self, again: TryAgain, ctx: Context) -> None:
        self.ballot = self.promised = (self.promised[0] + 1, self.number)
        self.promises, self.acks, self.pushed = {ctx.me: self.accepted}, frozenset(), None
        ctx.broadcast(self.others(ctx), Prepare(self.ballot))
        ctx.set_timer(again, 1)

    @upon(Prepare)
    def promise(self, prepare: Prepare, ctx: Context) -> None:
        self.promised = prepare.ballot
        ctx.reply(Promise(prepare.ballot, self.accepted))

    @upon(Promise)
    def count_promise(self, promise: Promise, ctx: Context) -> None:
        self.promises[ctx.sender] = promise.last
        if len(self.promises) >= self.majority and self.promised == self.ballot:
            assert self.ballot is not None
            best = max((vote for vote in self.promises.values() if vote is not None), default=None)
            self.pushed = self.wish if best is None else best[1]
            assert self.pushed is not None
            self.promises, self.accepted = {}, (self.ballot, self.pushed)
            self.acks = frozenset({ctx.me})
            ctx.broadcast(self.others(ctx), Accept(self.ballot, self.pushed))

    @upon(Accept)
    def accept(self, accept: Accept, ctx: Context) -> None:
        self.promised, self.accepted = accept.ballot, (accept.ballot, accept.value)
        ctx.reply(Accepted(accept.ballot, accept.value))

    @upon(Accepted)
    def count_vote(self, accepted: Accepted, ctx: Context) -> None:
        self.acks |= {ctx.sender}
        if len(self.acks) >= self.majority:
            self.learned |= {accepted.value}


@invariant("Agreement", "only one value is learned")
def agreement(view: View) -> str | None:
    learned = sorted(frozenset().union(*(process.learned for process in view.processes.values())))  # type: ignore[attr-defined]
    return f"{' and '.join(learned)} are" if len(learned) > 1 else None


def learned(process: Any) -> frozenset[str]:
    """what it has learned"""
    return frozenset(process.learned)


def cast(crashes: int) -> Cast:
    """Three servers, two of which propose; each may crash so often."""
    names = [f"s{number}" for number in range(3)]
    wishes = ("a", "b", None)
    servers = {
        name: Server(number, frozenset(names), wishes[number], rounds=2, crashes=crashes)
        for number, name in enumerate(names)
    }
    return Cast("paxos-node", servers, invariants=(agreement,))
