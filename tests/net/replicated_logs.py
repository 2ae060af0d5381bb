"""Protocols that replicate a log, as a test sees them from outside: how to ask for a write, what events tell of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from consensus_lab.kernel import Address, Cast
from consensus_lab.net.events import Answered, Decided, Event, Ran
from consensus_lab.protocols import multi_paxos, zab
from consensus_lab.protocols.multi_paxos.messages import Call, Chosen, Put, Request, Returned
from consensus_lab.protocols.zab import application
from consensus_lab.protocols.zab.messages import Response, Txn, WriteRequest


@dataclass(frozen=True)
class Subject:
    """One protocol."""

    cast: Cast
    servers: tuple[Address, ...]
    write: Callable[[int], tuple[Address, Any]]  # to whom to say what, to have this number written
    acknowledged: Callable[[Event], int | None]  # the number whose write a client knows to be done
    applied: Callable[[Event], tuple[Any, Any] | None]  # what a server applied: at which place of the log, and what
    written: Callable[[Any], int | None]  # the number that an entry of the log writes
    leads: Callable[[Event], bool]  # whether this shows that its node leads


# -- Multi-Paxos -------------------------------------------------------------------------------------------------------


def _acknowledged(event: Event) -> int | None:
    returned = isinstance(event, Decided) and isinstance(event.value, Returned)
    return event.value.request.operation.value if returned else None


def _applied(event: Event) -> tuple[Any, Any] | None:
    chosen = isinstance(event, Decided) and isinstance(event.value, Chosen)
    return (event.value.slot, event.value.command) if chosen else None


MULTI_PAXOS = Subject(
    cast=multi_paxos.cast(3, 2, snapshot_every=0, wishes=()),
    servers=("s1", "s2", "s3"),
    write=lambda number: (f"c{number % 2 + 1}", Call(Put(f"key{number % 10}", number))),
    acknowledged=_acknowledged,
    applied=_applied,
    written=lambda command: command.operation.value if isinstance(command, Request) else None,
    leads=lambda event: isinstance(event, Ran) and event.rule == "beat",
)

# -- ZAB ---------------------------------------------------------------------------------------------------------------

ZAB = Subject(
    cast=zab.cast(3, application="map", tick_time=200, window=10_000),  # so that nobody skips a part by a snapshot
    servers=("n1", "n2", "n3"),
    write=lambda number: (
        f"n{number % 3 + 1}",
        WriteRequest(number, 1, application.Put(f"key{number % 10}", str(number))),
    ),
    acknowledged=lambda event: (
        event.message.session if isinstance(event, Answered) and isinstance(event.message, Response) else None
    ),
    applied=lambda event: (
        (event.value.zxid, event.value) if isinstance(event, Decided) and isinstance(event.value, Txn) else None
    ),
    written=lambda txn: txn.session,
    leads=lambda event: isinstance(event, Ran) and event.rule == "hear_ack",
)

SUBJECTS = {"multi-paxos": MULTI_PAXOS, "zab": ZAB}


# -- what was seen of a subject ----------------------------------------------------------------------------------------


@dataclass
class Record:
    """Every acknowledgement, and every server's log over all its lives. Give `watch` to a cluster."""

    subject: Subject
    acknowledged: set[int] = field(default_factory=set)
    logs: dict[Address, dict[Any, Any]] = field(default_factory=dict)
    leader: Address = ""
    changed: list[str] = field(default_factory=list)  # entries that were something else at another time

    def __post_init__(self) -> None:
        self.logs = {server: {} for server in self.subject.servers}

    def watch(self, event: Event) -> None:
        number, entry = self.subject.acknowledged(event), self.subject.applied(event)
        if number is not None:
            self.acknowledged.add(number)
        if entry is not None:
            self._enter(event.node, *entry)
        if self.subject.leads(event):
            self.leader = event.node

    def _enter(self, server: Address, place: Any, entry: Any) -> None:
        known = self.logs[server].setdefault(place, entry)
        if known != entry:
            self.changed.append(f"{server} had {known} in place {place}, and later {entry}")

    def numbers(self, server: Address) -> set[int]:
        """Which writes are in its log."""
        written = map(self.subject.written, self.logs[server].values())
        return {number for number in written if number is not None}

    def holds_all(self, numbers: set[int]) -> bool:
        """Whether all of these are acknowledged, and in every server's log."""
        return numbers <= self.acknowledged and all(numbers <= self.numbers(server) for server in self.logs)
