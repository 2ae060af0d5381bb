"""Apache's server and ours side by side: the same frames to both, and the same bytes must come back.

What differs between any two runs is blanked in the bytes: the ids of sessions and the time of day. What differs by
version is blanked, too: Debian's Apache is a 3.8, which says -1 in the header of a watch event where 3.9 says the zxid.
What else differs by version, the tests do not ask. A set of names has no order: children and ephemerals are sorted.
"""

from __future__ import annotations

import re
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from consensus_lab.zookeeper.jute import JuteError, decode, encode
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import (
    ConnectRequest,
    DeleteRequest,
    GetChildren2Response,
    GetChildrenResponse,
    GetEphemeralsResponse,
    RequestHeader,
)
from tests.interop.server import server_process
from tests.serve.apache import apache
from tests.serve.wire import Closed, Wire

HELLO = ConnectRequest(0, 0, 30_000, 0, bytes(16), False)
NOW = int(time.time() * 1000)
NEAR = {struct.pack(">q", NOW + some)[:5] for some in (-60_000, 3_600_000)}  # how a time of day begins during this test
TIME = re.compile(b"(?:" + b"|".join(map(re.escape, NEAR)) + rb").{3}", re.DOTALL)
EVENT = re.compile(rb"^\xff\xff\xff\xff.{8}", re.DOTALL)
UNREADABLE = re.compile(rb"^(.{4}).{8}(\xff\xff\xff\xfb)$", re.DOTALL)  # err -5, for which only 3.8 takes a zxid
SETS = {
    OpCode.get_children: (GetChildrenResponse, "children"),
    OpCode.get_children2: (GetChildren2Response, "children"),
    OpCode.get_ephemerals: (GetEphemeralsResponse, "ephemerals"),
}
FENCE_XID = 0x7FFFFFFF

Request = tuple[int, Any]
"""An operation and its record, or its record's bytes."""


class Twin:
    """The connections of one test to one of the two servers. Each has a session."""

    def __init__(self, port: int, count: int) -> None:
        self.port = port
        self.wires = [Wire(port) for _ in range(count)]
        self.sessions = [struct.pack(">q", wire.connect(HELLO).session_id) for wire in self.wires]

    def say(self, number: int, requests: Sequence[Request]) -> list[bytes]:
        """Send requests in a row on one connection. Returns every frame that came back, on that one and the others."""
        wire = self.wires[number]
        for xid, (op, record) in enumerate(requests, 1):
            wire.send_frame(request_frame(xid, op, record))
        said = [self._blanked(frame, requests) for frame in self._frames(wire)]
        others = [other for other in self.wires if other is not wire]
        return said + [self._blanked(frame, ()) for other in others for frame in self._frames(other)]

    def _frames(self, wire: Wire) -> Iterator[bytes]:
        """Everything that is on its way, up to the answer to one more request; or until the server closes."""
        try:
            wire.send_frame(request_frame(FENCE_XID, OpCode.get_all_children_number, encode_path("/zookeeper")))
            while struct.unpack(">i", (frame := wire.read_frame())[:4])[0] != FENCE_XID:
                yield frame
        except (Closed, ConnectionError):
            yield b"closed"

    def _blanked(self, frame: bytes, requests: Sequence[Request]) -> bytes:
        for number, session in enumerate(self.sessions):
            frame = frame.replace(session, b"session%d" % number)
        frame = UNREADABLE.sub(rb"\1its zxid\2", EVENT.sub(b"an event", sorted_sets(frame, requests)))
        return TIME.sub(b"the time", frame)

    def close(self) -> None:
        """In order, so that both servers use up as many zxids."""
        for wire in self.wires:
            with wire, suppress(Closed, ConnectionError):
                wire.call(OpCode.close_session)


def encode_path(path: str) -> bytes:
    return struct.pack(">i", len(path)) + path.encode()


def request_frame(xid: int, op: int, record: Any) -> bytes:
    body = record if isinstance(record, bytes) else b"" if record is None else encode(record)
    return encode(RequestHeader(xid, op)) + body


def sorted_sets(frame: bytes, requests: Sequence[Request]) -> bytes:
    """The same reply with the names in it sorted, if it is one that holds a set of names."""
    xid = struct.unpack(">i", frame[:4])[0] if len(frame) > 16 else 0
    kind = SETS.get(requests[xid - 1][0]) if 0 < xid <= len(requests) else None
    if kind is None:
        return frame
    try:
        response = decode(kind[0], frame[16:])
    except JuteError:
        return frame
    return frame[:16] + encode(replace(response, **{kind[1]: sorted(getattr(response, kind[1]))}))


class Twins:
    """Both servers."""

    def __init__(self, theirs: int, ours: int) -> None:
        self.ports = (theirs, ours)

    @contextmanager
    def connected(self, count: int = 1) -> Iterator[tuple[Twin, Twin]]:
        """So many sessions with each; both begin with the same zxid, also after a story in which they differed."""
        self._align()
        twins = Twin(self.ports[0], count), Twin(self.ports[1], count)
        try:
            yield twins
        finally:
            for twin in twins:
                twin.close()

    def _align(self) -> None:
        """Use up zxids with requests that fail, where one server is behind."""
        with Wire(self.ports[0]) as theirs, Wire(self.ports[1]) as ours:
            wires = (theirs, ours)
            for wire in wires:
                wire.connect(HELLO)
            reached = [wire.call(OpCode.ping, xid=-2)[0].zxid for wire in wires]
            for wire, zxid in zip(wires, reached, strict=True):
                for _ in range(max(reached) - zxid):
                    wire.call(OpCode.delete, DeleteRequest("/no/such/node", -1))
                wire.call(OpCode.close_session)


@contextmanager
def twin_servers(folder: Path, *lines: str) -> Iterator[Twins]:
    """Both, over empty folders."""
    theirs, ours = folder / "theirs", folder / "ours"
    theirs.mkdir()
    ours.mkdir()
    with apache(theirs, *lines) as apaches, server_process(ours, *lines) as server:
        yield Twins(apaches.port, server.port)
