"""Clients of a register, and whether their operations are linearizable: Stateright's register actors and its tester.

A client writes its own letter at one server, waits for the answer, and then reads at the next (register.rs). What it
decides is that an operation was invoked or has returned. Stateright's tester keeps of two clients only whether a
return came before an invocation (linearizability.rs): so invocations commute, and so do returns.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from consensus_lab.kernel import Address, Context, Decision, Process, Rule, Start, View, invariant, message, upon

NOTHING = "\0"


@message
class Put:
    request: int
    value: str


@message
class Get:
    request: int


@message
class PutOk:
    request: int


@message
class GetOk:
    request: int
    value: str


@message
class Invoked:
    write: str | None  # None: a read


@message
class Returned:
    value: str | None  # None: of a write


@dataclass
class Guarded(Process):
    """A process that ignores what it does not want: in Stateright a step that does nothing is no step."""

    def rule_for(self, message: Any) -> Rule | None:
        return super().rule_for(message) if isinstance(message, Start) or self.wants(message) else None

    def wants(self, message: Any) -> bool:
        return True


@dataclass
class Client(Guarded):
    number: int
    servers: int
    awaiting: int | None = None
    operations: int = 1

    @upon(Start)
    def write(self, start: Start, ctx: Context) -> None:
        letter = chr(ord("A") + self.number - self.servers)
        self.awaiting = self.number
        ctx.decide(Invoked(letter))
        ctx.send(server(self.number % self.servers), Put(self.number, letter))

    def wants(self, message: Any) -> bool:
        return bool(message.request == self.awaiting)

    @upon(PutOk)
    def read(self, ok: PutOk, ctx: Context) -> None:
        ctx.decide(Returned(None))
        ctx.decide(Invoked(None))
        self.awaiting = (self.operations + 1) * self.number
        ctx.send(server((self.number + self.operations) % self.servers), Get(self.awaiting))
        self.operations += 1

    @upon(GetOk)
    def finish(self, ok: GetOk, ctx: Context) -> None:
        ctx.decide(Returned(ok.value))
        self.awaiting = None
        self.operations += 1


def server(number: int) -> Address:
    return f"s{number}"


def clients(count: int, servers: int) -> dict[Address, Process]:
    return {f"t{number}": Client(number, servers) for number in range(servers, servers + count)}


def commute(one: Decision, other: Decision) -> bool:
    """What Stateright's tester does not tell apart."""
    return type(one.value) is type(other.value)


@invariant("LINEARIZABLE", "the register behaves as if every operation happened at one moment of its duration")
def linearizable(view: View) -> str | None:
    return unexplained(tuple(view.decisions))


@cache
def unexplained(decisions: tuple[Decision, ...]) -> str | None:
    """Many states have one history, so that it is judged once."""
    operations = operations_of(decisions)
    return None if in_some_order(operations, frozenset(), NOTHING) else f"no order explains {operations}"


@dataclass(frozen=True)
class Operation:
    """From when to when it lasted (None: it still does), and what it wrote or read."""

    begun: int
    ended: int | None
    write: str | None
    value: str | None


def operations_of(decisions: Any) -> tuple[Operation, ...]:
    open_: dict[Address, tuple[int, Invoked]] = {}
    done = []
    for at, (node, event) in enumerate(decisions):
        if isinstance(event, Invoked):
            open_[node] = at, event
        else:
            begun, invoked = open_.pop(node)
            done.append(Operation(begun, at, invoked.write, event.value))
    return (*done, *(Operation(begun, None, invoked.write, None) for begun, invoked in open_.values()))


def in_some_order(operations: tuple[Operation, ...], taken: frozenset[Operation], value: str) -> bool:
    """Whether the operations left can happen one by one from here (Wing and Gong, 1993)."""
    left = [operation for operation in operations if operation not in taken]
    if all(operation.ended is None for operation in left):
        return True
    first_end = min(operation.ended for operation in left if operation.ended is not None)
    for operation in left:
        fits = operation.write is not None or operation.ended is None or operation.value == value
        if operation.begun < first_end and fits:
            after = value if operation.write is None else operation.write
            if in_some_order(operations, taken | {operation}, after):
                return True
    return False
