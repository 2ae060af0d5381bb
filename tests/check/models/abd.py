"""Stateright's linearizable-register.rs: a register on a majority of servers (Attiya, Bar-Noy and Dolev, 1995)."""

from dataclasses import dataclass
from typing import Any

from consensus_lab.kernel import Address, Cast, Context, message, upon
from tests.check.models.registers import NOTHING, Get, GetOk, Guarded, Put, PutOk, clients, linearizable, server

Stamp = tuple[int, Address]


@message
class Query:
    request: int


@message
class AckQuery:
    request: int
    stamp: Stamp
    value: str


@message
class Record:
    request: int
    stamp: Stamp
    value: str


@message
class AckRecord:
    request: int


@message
class Asking:
    """Phase 1: what is the newest value?"""

    request: int
    client: Address
    write: str | None
    answers: tuple[tuple[Address, Stamp, str], ...]


@message
class Telling:
    """Phase 2: a majority must know it."""

    request: int
    client: Address
    read: str | None
    acks: frozenset[Address]


@dataclass
class Replica(Guarded):
    me: Address
    everyone: frozenset[Address]
    stamp: Stamp
    value: str = NOTHING
    phase: Asking | Telling | None = None

    def wants(self, message: Any) -> bool:
        match message:
            case Put() | Get():
                return self.phase is None
            case AckQuery(request):
                return isinstance(self.phase, Asking) and self.phase.request == request
            case AckRecord(request):
                return isinstance(self.phase, Telling) and self.phase.request == request
        return True

    def is_majority(self, count: int) -> bool:
        return count == len(self.everyone) // 2 + 1

    @upon(Put)
    @upon(Get)
    def ask(self, request: Put | Get, ctx: Context) -> None:
        write = request.value if isinstance(request, Put) else None
        ctx.broadcast(self.everyone - {self.me}, Query(request.request))
        self.phase = Asking(request.request, ctx.sender, write, ((self.me, self.stamp, self.value),))

    @upon(Query)
    def answer(self, query: Query, ctx: Context) -> None:
        ctx.reply(AckQuery(query.request, self.stamp, self.value))

    @upon(AckQuery)
    def hear(self, ack: AckQuery, ctx: Context) -> None:
        assert isinstance(self.phase, Asking)
        answers = tuple(sorted({*self.phase.answers, (ctx.sender, ack.stamp, ack.value)}))
        self.phase = Asking(self.phase.request, self.phase.client, self.phase.write, answers)
        if self.is_majority(len(answers)):
            self.tell(self.phase, ctx)

    def tell(self, asked: Asking, ctx: Context) -> None:
        _, stamp, value = max(asked.answers, key=lambda answer: answer[1:])
        if asked.write is not None:
            stamp, value = (stamp[0] + 1, self.me), asked.write
        ctx.broadcast(self.everyone - {self.me}, Record(asked.request, stamp, value))
        self.take(stamp, value)
        read = value if asked.write is None else None
        self.phase = Telling(asked.request, asked.client, read, frozenset({self.me}))

    def take(self, stamp: Stamp, value: str) -> None:
        if stamp > self.stamp:
            self.stamp, self.value = stamp, value

    @upon(Record)
    def record(self, record: Record, ctx: Context) -> None:
        ctx.reply(AckRecord(record.request))
        self.take(record.stamp, record.value)

    @upon(AckRecord)
    def finish(self, ack: AckRecord, ctx: Context) -> None:
        assert isinstance(self.phase, Telling)
        phase = Telling(self.phase.request, self.phase.client, self.phase.read, self.phase.acks | {ctx.sender})
        self.phase = phase
        if self.is_majority(len(phase.acks)):
            ctx.send(phase.client, PutOk(phase.request) if phase.read is None else GetOk(phase.request, phase.read))
            self.phase = None


def cast(client_count: int, server_count: int) -> Cast:
    names = frozenset(map(server, range(server_count)))
    servers = {name: Replica(name, names, (0, name)) for name in sorted(names)}
    return Cast("abd", {**servers, **clients(client_count, server_count)}, invariants=(linearizable,))
