"""A client of raw frames: says exactly what a test tells it, and hears exactly what comes back."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, field
from typing import Any

from consensus_lab.zookeeper.jute import decode, encode
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import ACL, ConnectRequest, ConnectResponse, Id, ReplyHeader, RequestHeader

PATIENCE = 20.0  # seconds, after which a test fails rather than hang
OPEN = (ACL(31, Id("world", "anyone")),)
NEW_SESSION = ConnectRequest(0, 0, 30_000, 0, bytes(16), False)


class Closed(Exception):
    """The server closed the connection."""


@dataclass
class Wire:
    """One connection. `events` are the notifications that came in between."""

    port: int
    host: str = "127.0.0.1"
    events: list[bytes] = field(default_factory=list)
    xid: int = 0

    def __post_init__(self) -> None:
        self.socket = socket.create_connection((self.host, self.port), PATIENCE)

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send_frame(self, payload: bytes) -> None:
        self.socket.sendall(struct.pack(">i", len(payload)) + payload)

    def read(self, count: int) -> bytes:
        """Exactly so many bytes. Raises Closed."""
        data = b""
        while len(data) < count:
            try:
                more = self.socket.recv(count - len(data))
            except ConnectionError:
                more = b""
            if not more:
                raise Closed
            data += more
        return data

    def read_frame(self) -> bytes:
        return self.read(struct.unpack(">i", self.read(4))[0])

    def read_all(self) -> bytes:
        """Everything until the server closes."""
        data = b""
        while more := self.socket.recv(65536):
            data += more
        return data

    def connect(self, request: ConnectRequest = NEW_SESSION) -> ConnectResponse:
        """Open a session, or take an old one up."""
        self.send_frame(encode(request))
        return decode(ConnectResponse, self.read_frame())

    def send(self, op: OpCode, request: Any = None, xid: int | None = None) -> int:
        """Send a request and do not wait. Returns its xid."""
        if xid is None:
            xid = self.xid = self.xid + 1
        self.send_frame(encode(RequestHeader(xid, op)) + (encode(request) if request is not None else b""))
        return xid

    def reply(self) -> tuple[ReplyHeader, bytes]:
        """The next reply: header and body. Notifications before it go to `events`."""
        while True:
            frame = self.read_frame()
            header = decode(ReplyHeader, frame)
            if header.xid != -1:
                return header, frame[16:]
            self.events.append(frame)

    def call(self, op: OpCode, request: Any = None, xid: int | None = None) -> tuple[ReplyHeader, bytes]:
        """Send a request, and return its reply."""
        sent = self.send(op, request, xid)
        header, body = self.reply()
        assert header.xid == sent, f"a reply to {header.xid} came, where {sent} was asked"
        return header, body


def four_letters(port: int, word: str, extra: bytes = b"", patience: float = PATIENCE) -> str:
    """What a server says to a four-letter word."""
    with socket.create_connection(("127.0.0.1", port), patience) as connection:
        connection.sendall(word.encode() + extra)
        connection.shutdown(socket.SHUT_WR)
        data = b""
        while more := connection.recv(65536):
            data += more
    return data.decode()
