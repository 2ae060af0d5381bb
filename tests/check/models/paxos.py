"""Stateright's paxos.rs: single-decree Paxos in servers of one role, behind a register's clients."""

from dataclasses import dataclass, field
from typing import Any

from consensus_lab.kernel import Address, Cast, Context, message, upon
from tests.check.models.registers import Get, GetOk, Guarded, Put, PutOk, clients, linearizable, server

Ballot = tuple[int, Address]
Proposal = tuple[int, Address, str]  # request, client, value
Accepted_ = tuple[Ballot, Proposal]


@message
class Prepare:
    ballot: Ballot


@message
class Prepared:
    ballot: Ballot
    last: Accepted_ | None


@message
class Accept:
    ballot: Ballot
    proposal: Proposal


@message
class Accepted:
    ballot: Ballot


@message
class Decided:
    ballot: Ballot
    proposal: Proposal


@dataclass
class Server(Guarded):
    me: Address
    everyone: frozenset[Address]
    ballot: Ballot = (0, "s0")
    proposal: Proposal | None = None
    prepares: dict[Address, Accepted_ | None] = field(default_factory=dict)
    accepts: set[Address] = field(default_factory=set)
    accepted: Accepted_ | None = None
    decided: bool = False

    @property
    def majority(self) -> int:
        return len(self.everyone) // 2 + 1

    def wants(self, message: Any) -> bool:
        match message:
            case Get():
                return self.decided
            case Put():
                return not self.decided and self.proposal is None
            case Prepare(ballot):
                return not self.decided and self.ballot < ballot
            case Accept(ballot, _):
                return not self.decided and self.ballot <= ballot
            case Prepared(ballot, _) | Accepted(ballot):
                return not self.decided and self.ballot == ballot
        return not self.decided

    def tell_others(self, word: Any, ctx: Context) -> None:
        ctx.broadcast(self.everyone - {self.me}, word)

    @upon(Put)
    def propose(self, put: Put, ctx: Context) -> None:
        self.proposal = (put.request, ctx.sender, put.value)
        self.ballot = (self.ballot[0] + 1, self.me)
        self.prepares, self.accepts = {self.me: self.accepted}, set()
        self.tell_others(Prepare(self.ballot), ctx)

    @upon(Get)
    def read(self, get: Get, ctx: Context) -> None:
        assert self.accepted is not None
        ctx.reply(GetOk(get.request, self.accepted[1][2]))

    @upon(Prepare)
    def promise(self, prepare: Prepare, ctx: Context) -> None:
        self.ballot = prepare.ballot
        ctx.reply(Prepared(prepare.ballot, self.accepted))

    @upon(Prepared)
    def choose(self, prepared: Prepared, ctx: Context) -> None:
        self.prepares[ctx.sender] = prepared.last
        if len(self.prepares) == self.majority:
            latest = max(filter(None, self.prepares.values()), default=None, key=lambda last: last[0])
            self.proposal = self.proposal if latest is None else latest[1]
            assert self.proposal is not None
            self.accepted = (prepared.ballot, self.proposal)
            self.accepts.add(self.me)
            self.tell_others(Accept(prepared.ballot, self.proposal), ctx)

    @upon(Accept)
    def accept(self, accept: Accept, ctx: Context) -> None:
        self.ballot = accept.ballot
        self.accepted = (accept.ballot, accept.proposal)
        ctx.reply(Accepted(accept.ballot))

    @upon(Accepted)
    def count(self, accepted: Accepted, ctx: Context) -> None:
        self.accepts.add(ctx.sender)
        if len(self.accepts) == self.majority:
            assert self.proposal is not None
            self.decided = True
            self.tell_others(Decided(accepted.ballot, self.proposal), ctx)
            ctx.send(self.proposal[1], PutOk(self.proposal[0]))

    @upon(Decided)
    def learn(self, decided: Decided, ctx: Context) -> None:
        self.ballot = decided.ballot
        self.accepted = (decided.ballot, decided.proposal)
        self.decided = True


def cast(client_count: int) -> Cast:
    """Three servers."""
    names = frozenset(map(server, range(3)))
    servers = {name: Server(name, names) for name in sorted(names)}
    return Cast("paxos-of-stateright", {**servers, **clients(client_count, 3)}, invariants=(linearizable,))
