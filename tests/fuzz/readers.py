"""Everything that reads bytes of strangers: each takes any bytes, and refuses them with its own error or not at all."""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from consensus_lab.zookeeper.framing import FrameError, Frames, framed
from consensus_lab.zookeeper.jute import JuteError, decode, encode
from consensus_lab.zookeeper.records import ConnectRequest, RequestHeader
from consensus_lab.zookeeper.requests import REQUEST_RECORDS, decode_request
from consensus_lab.zookeeper.session_opening import decode_greeting
from consensus_lab.zookeeper.snapshot import SnapshotError, read_snapshot
from consensus_lab.zookeeper.txn_log import LogError, entries
from consensus_lab.zookeeper.txns import decode_txn
from tests.zookeeper.real_servers import LOG, SNAPSHOT, TXNS
from tests.zookeeper.service import Client, Service

GREETING = encode(ConnectRequest(0, 0, 10_000, 0, bytes(16), False))
REQUESTS = [
    encode(RequestHeader(1, op)) + body
    for op in REQUEST_RECORDS
    for body in (b"", struct.pack(">i", 2) + b"/a" + struct.pack(">i", 0), bytes(20), b"\xff" * 8)
]


class Reader(NamedTuple):
    """Something that reads bytes: what whole ones look like, and what is done with any."""

    seeds: list[bytes]
    read: Callable[[bytes], None]


def read_frames(data: bytes) -> None:
    """In two pieces, as they may come."""
    frames = Frames()
    with suppress(FrameError):
        for piece in (data[: len(data) // 2], data[len(data) // 2 :]):
            for payload in frames.feed(piece):
                assert len(payload) <= len(data)


def read_greeting(data: bytes) -> None:
    with suppress(JuteError):
        decode_greeting(data)


def read_request(data: bytes) -> None:
    with suppress(JuteError):
        header = decode(RequestHeader, data)
        if header.type in REQUEST_RECORDS:
            decode_request(header.type, data, 8)


def read_txn(data: bytes) -> None:
    with suppress(JuteError):
        decode_txn(data)


def read_log(data: bytes) -> None:
    with suppress(LogError):
        for found in entries(data):
            assert found.body


def read_image(data: bytes) -> None:
    with suppress(SnapshotError):
        read_snapshot(data)


def serve(data: bytes) -> None:
    """A client that has a session says these bytes; the server answers, or closes, and serves the next client."""
    service = Service()
    stranger = service.client()
    service.receive(stranger, data)
    stranger.frames()
    friend = Client(service)
    friend.greet()
    assert friend.session_id


READERS = {
    "frames": Reader([framed(GREETING) + framed(b"x" * 10)], read_frames),
    "greeting": Reader([GREETING, GREETING[:-1]], read_greeting),
    "request": Reader(REQUESTS, read_request),
    "txn": Reader(list(TXNS), read_txn),
    "log": Reader([LOG, LOG + bytes(64)], read_log),
    "snapshot": Reader([SNAPSHOT], read_image),
    "server": Reader([framed(request) for request in REQUESTS], serve),
}
