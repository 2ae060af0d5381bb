"""A server under test, its disk in the hand of the test, and clients that speak the wire's bytes to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from consensus_lab.zookeeper.acl import Ids
from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE, AccessList
from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.database import Database
from consensus_lab.zookeeper.framing import Frames, framed
from consensus_lab.zookeeper.jute import InputArchive, decode, encode
from consensus_lab.zookeeper.opcodes import CreateMode, OpCode
from consensus_lab.zookeeper.records import (
    AddWatchRequest,
    CheckVersionRequest,
    ConnectRequest,
    ConnectResponse,
    CreateRequest,
    CreateTTLRequest,
    DeleteRequest,
    ErrorResponse,
    ExistsRequest,
    GetChildrenRequest,
    GetChildrenResponse,
    GetDataRequest,
    GetDataResponse,
    MultiHeader,
    ReplyHeader,
    RequestHeader,
    SetDataRequest,
    Stat,
    WatcherEvent,
)
from consensus_lab.zookeeper.server import Server
from consensus_lab.zookeeper.settings import Now, Settings
from consensus_lab.zookeeper.txns import LoggedTxn, decode_txn

START = 1_700_000_000_000
"""ms since the epoch, when every server under test starts; its other clock then says 500."""


@dataclass(frozen=True)
class Reply:
    """One frame of the server's, without its length."""

    xid: int
    zxid: int
    error: int
    body: bytes

    def read(self, cls: type) -> Any:
        """The record in the body, which must hold nothing else."""
        archive = InputArchive(self.body)
        record = archive.read_record(cls)
        assert archive.rest == 0
        return record


class Service:
    """A server whose disk is quick, unless `slow` is set: then nothing is durable before `sync`."""

    def __init__(self, settings: Settings | None = None, database: Database | None = None) -> None:
        self.settings = settings or Settings()
        tree = DataTree(extended=self.settings.extended_types, digests=self.settings.digest_enabled)
        self.elapsed = 500
        self.server = Server(database or Database(tree), self.settings, self.now)
        self.slow = False
        self.log: list[bytes] = []
        self._written = 0

    @property
    def now(self) -> Now:
        return Now(START + self.elapsed, self.elapsed)

    @property
    def tree(self) -> DataTree:
        return self.server.database.tree

    @property
    def txns(self) -> list[LoggedTxn]:
        """Everything that was logged."""
        return [decode_txn(data) for data in self.log]

    def replayed(self) -> Database:
        """What the log makes of an empty database: the same as the server's, and no digest says otherwise."""
        database = Database(DataTree(extended=self.settings.extended_types, digests=self.settings.digest_enabled))
        for logged in self.txns:
            database.replay(*logged)
        return database

    def receive(self, client: Client, data: bytes) -> None:
        self.server.receive(client.connection, data, self.now)
        self.write()
        if not self.slow:
            self.sync()

    def write(self) -> None:
        records = self.server.take_records()
        self.log += records
        self._written += len(records)

    def sync(self, count: int | None = None) -> None:
        """The disk has what was written, or the first `count` of it."""
        self.write()
        count = self._written if count is None else count
        self._written -= count
        self.server.durable(count, self.now)

    def wait(self, elapsed: int) -> None:
        """So many ms pass."""
        self.elapsed += elapsed
        self.server.tick(self.now)
        self.sync()

    def client(self, *, timeout: int = 10_000, address: str = "10.1.2.3", ids: Ids = ()) -> Client:
        """A client with a session of its own."""
        client = Client(self, address, ids)
        client.greet(timeout)
        return client


class Client:
    """Sends requests and reads what comes back; it notices nothing by itself."""

    def __init__(self, service: Service, address: str = "10.1.2.3", ids: Ids = ()) -> None:
        self.service = service
        self.connection = service.server.connect(address, service.now, ids)
        self.session_id = 0
        self.password = bytes(16)
        self._xid = 0
        self._frames = Frames(1 << 24)

    def frames(self) -> list[bytes]:
        """What the server said since the last time, frame by frame."""
        said = b"".join(self.connection.out)
        self.connection.out.clear()
        return list(self._frames.feed(said))

    def greet(self, timeout: int = 10_000, session_id: int = 0, password: bytes = bytes(16), seen: int = 0) -> None:
        """Ask for a session, and learn which."""
        self.send_raw(encode(ConnectRequest(0, seen, timeout, session_id, password, False)))
        for frame in self.frames():
            response = decode(ConnectResponse, frame)
            self.session_id, self.password = response.session_id, response.passwd

    def send_raw(self, payload: bytes) -> None:
        """One frame."""
        self.service.receive(self, framed(payload))

    def frame(self, type: int, record: Any = None, xid: int | None = None) -> bytes:
        """One request's frame; `record` may be its bytes."""
        self._xid += 1
        header = encode(RequestHeader(self._xid if xid is None else xid, type))
        body = record if isinstance(record, bytes) else b"" if record is None else encode(record)
        return framed(header + body)

    def send(self, type: int, record: Any = None, xid: int | None = None) -> None:
        self.service.receive(self, self.frame(type, record, xid))

    def send_all(self, *requests: tuple[int, Any]) -> None:
        """Several requests in one packet."""
        self.service.receive(self, b"".join(self.frame(*request) for request in requests))

    def replies(self) -> list[Reply]:
        """The answers and events since the last time."""
        return [_reply(frame) for frame in self.frames()]

    def ask(self, type: int, record: Any = None, xid: int | None = None) -> Reply:
        """Send one request, which must be answered at once and by nothing else."""
        self.send(type, record, xid)
        (reply,) = self.replies()
        return reply

    def events(self) -> list[tuple[int, str]]:
        """The watch events since the last time, which must be all that was said."""
        replies = self.replies()
        assert all(reply.xid == -1 and reply.error == 0 for reply in replies)
        events = [reply.read(WatcherEvent) for reply in replies]
        assert all(event.state == 3 for event in events)
        return [(event.type, event.path) for event in events]

    # -- what clients ask all day ------------------------------------------------------------------------------------

    def create(
        self, path: str, data: bytes | None = b"", flags: int = 0, acl: AccessList | None = OPEN_ACL_UNSAFE
    ) -> Reply:
        type = OpCode.create_container if flags == CreateMode.CONTAINER else OpCode.create
        return self.ask(type, CreateRequest(path, data, acl, flags))

    def create_ttl(self, path: str, ttl: int, flags: int = CreateMode.PERSISTENT_WITH_TTL) -> Reply:
        return self.ask(OpCode.create_ttl, CreateTTLRequest(path, b"", OPEN_ACL_UNSAFE, flags, ttl))

    def delete(self, path: str, version: int = -1) -> Reply:
        return self.ask(OpCode.delete, DeleteRequest(path, version))

    def set_data(self, path: str, data: bytes | None, version: int = -1) -> Reply:
        return self.ask(OpCode.set_data, SetDataRequest(path, data, version))

    def exists(self, path: str, watch: bool = False) -> Reply:
        return self.ask(OpCode.exists, ExistsRequest(path, watch))

    def stat(self, path: str) -> Stat:
        stat = self.exists(path).read(Stat)
        assert isinstance(stat, Stat)
        return stat

    def get_data(self, path: str, watch: bool = False) -> Reply:
        return self.ask(OpCode.get_data, GetDataRequest(path, watch))

    def data(self, path: str) -> Any:
        return self.get_data(path).read(GetDataResponse).data

    def get_children(self, path: str, watch: bool = False) -> Reply:
        return self.ask(OpCode.get_children, GetChildrenRequest(path, watch))

    def children(self, path: str) -> Any:
        return self.get_children(path).read(GetChildrenResponse).children

    def add_watch(self, path: str, mode: int) -> Reply:
        return self.ask(OpCode.add_watch, AddWatchRequest(path, mode))

    def multi(self, *ops: tuple[int, Any], type: int = OpCode.multi) -> list[tuple[int, int, bytes]]:
        """The results of a multi: (type, error, body) each."""
        reply = self.ask(type, multi(*ops))
        assert reply.error == 0
        return results(reply.body)


def multi(*ops: tuple[int, Any]) -> bytes:
    """The record of a multi."""
    parts = [encode(MultiHeader(type, False, -1)) + encode(record) for type, record in ops]
    return b"".join(parts) + encode(MultiHeader(-1, True, -1))


BODIES: dict[int, Sequence[str]] = {1: ["ustring"], 15: ["ustring", "stat"], 5: ["stat"], 4: ["buffer", "stat"]}
"""What the results of a multi hold, by their type."""


def results(body: bytes) -> list[tuple[int, int, bytes]]:
    """The parts of a multi's answer."""
    archive, parts = InputArchive(body), []
    while not (header := archive.read_record(MultiHeader)).done:
        start = archive.at
        for kind in BODIES.get(header.type, ()):
            archive.read_record(Stat) if kind == "stat" else archive.read_buffer()
        if header.type == -1:
            archive.read_record(ErrorResponse)
        if header.type == 8:
            archive.read_record(GetChildrenResponse)
        parts.append((header.type, header.err, body[start : archive.at]))
    assert header == MultiHeader(-1, True, -1)
    assert archive.rest == 0
    return parts


def _reply(frame: bytes) -> Reply:
    archive = InputArchive(frame)
    header = archive.read_record(ReplyHeader)
    return Reply(header.xid, header.zxid, header.err, frame[archive.at :])


def check(path: str, version: int) -> tuple[int, Any]:
    """A part of a multi that demands a version."""
    return OpCode.check, CheckVersionRequest(path, version)
