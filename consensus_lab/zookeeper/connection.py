"""One client's connection, as the service sees it: who speaks, what waits, what is to be said.

Bytes come in through the server's `receive` and gather in `out`; who carries them, and how, is not known here.
(Apache: ServerCnxn.java.)
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from consensus_lab.zookeeper.acl import Ids
from consensus_lab.zookeeper.acl_cache import AccessList
from consensus_lab.zookeeper.authority import Authority
from consensus_lab.zookeeper.opcodes import NOTIFICATION_XID, SYNC_CONNECTED, EventType, OpCode, Perms
from consensus_lab.zookeeper.records import Id
from consensus_lab.zookeeper.requests import Request
from consensus_lab.zookeeper.sessions import Session

REPLY = struct.Struct(">iiqi")
"""Opens every reply: length of what follows, xid, zxid, error."""

HEADER_SIZE = 16
"""Bytes of a reply's own header, behind its length."""

EVENT = struct.Struct(">iiqiiii")
"""Opens a watch event: the same, then event type, state, length of the path."""

Read = Callable[["Connection", int, bytes, int, int], Any]
"""Answers a request that changes nothing: connection, xid, the bytes, and where in them the record begins and ends."""


class Served(NamedTuple):
    """The read that was answered last: for those who ask what a connection does."""

    type: int
    xid: int
    zxid: int


class SaslExchange(Protocol):
    """The server's side of a SASL exchange, which draws on chance and so is made outside."""

    authorization_id: str | None
    """Who the client has proven to be, once it has."""

    def evaluate(self, token: bytes) -> bytes | None:
        """What to answer. Raises ValueError when the exchange has failed."""


class Connection:
    """What the network does: carry `out` away and empty it, close once `closing` is set and `out` is gone."""

    __slots__ = (
        "_authority",
        "_spoken",
        "address",
        "closing",
        "established",
        "ids",
        "last",
        "last_response",
        "latency",
        "old_client",
        "out",
        "pending",
        "received",
        "rest",
        "sasl",
        "sent",
        "session",
        "timeout",
    )

    def __init__(self, address: str, ids: Ids, authority: Authority, spoken: dict[Connection, None], now: int) -> None:
        self.address = address
        self.ids: Ids = (Id("ip", address), *ids)
        self.session: Session | None = None  # None until a ConnectRequest came
        self.timeout = 0  # ms, as negotiated
        self.out: list[bytes] = []
        self.rest = b""  # of a frame that is not whole yet
        self.pending: deque[Request | tuple[Read, int, bytes]] = deque()  # a write, and all that came after it
        self.closing = False  # to be closed once all of `out` is carried away; nothing more is taken in
        self.old_client = False  # knows no read-only mode, in either direction
        self.sasl: SaslExchange | None = None
        self._authority = authority
        self._spoken = spoken
        self.established = now
        self.received = self.sent = 0  # packets
        self.last: Served | Request = Served(OpCode.notification, 0, 0)  # what was answered
        self.last_response = now  # when, in ms on the clock that never goes back
        self.latency = Latency()

    @property
    def session_id(self) -> int:
        return self.session.id if self.session else 0

    @property
    def last_operation(self) -> int:
        return self.last.type

    @property
    def last_xid(self) -> int:
        return self.last.xid

    @property
    def last_zxid(self) -> int:
        return self.last.zxid

    def say(self, frame: bytes) -> None:
        """One frame more to be carried away, unless the last word was said."""
        if self.closing:
            return
        self.out.append(frame)
        self.sent += 1
        self._spoken[self] = None

    def reply(self, xid: int, zxid: int, error: int = 0, body: bytes = b"") -> None:
        """Answer one request. An error is told by its header alone."""
        if self.closing:
            return
        self.out += (REPLY.pack(HEADER_SIZE + len(body), xid, zxid, error), body)
        self.sent += 1
        self._spoken[self] = None

    def answer_in_turn(self, read: Read, xid: int, data: bytes) -> None:
        """Have a request answered: at once, or, behind a write that waits, when that is answered."""
        if self.pending:
            self.pending.append((read, xid, data))
        else:
            read(self, xid, data, 0, len(data))

    def close(self) -> None:
        """Hang up, once what was said is carried away."""
        self.closing = True
        self._spoken[self] = None

    def notify(self, event: EventType, path: str, zxid: int, acl: AccessList | None) -> None:
        """Tell of a change, unless the client may not read the node."""
        if self._authority.allows(acl, Perms.READ, self.ids):
            name = path.encode()
            length = EVENT.size - 4 + len(name)
            self.say(EVENT.pack(length, NOTIFICATION_XID, zxid, 0, event, SYNC_CONNECTED, len(name)) + name)


class Latency:
    """How long requests took, in ms."""

    __slots__ = ("count", "last", "max", "min", "total")

    def __init__(self) -> None:
        self.count = self.total = self.max = self.last = 0
        self.min = 0

    def add(self, latency: int, times: int = 1) -> None:
        """So many requests took that long."""
        if latency < self.min or not self.count:
            self.min = latency
        if latency > self.max:
            self.max = latency
        self.count += times
        self.total += latency * times
        self.last = latency

    @property
    def average(self) -> float:
        return self.total / self.count if self.count else 0.0
