"""A ZooKeeper server without a socket, a disk or a clock: bytes in, bytes out, and log records in between.

    server = Server(database, Settings(), now)      # a Database that was loaded; Now(wall, elapsed) in ms
    connection = server.connect("10.1.2.3", now)    # a client came; ids=... says what its TLS certificate proves
    server.receive(connection, data, now)           # any part of its stream; answers gather in connection.out
    records = server.take_records()                 # for the log: one fsync, however many they are
    server.durable(len(records), now)               # they are on the disk: now their replies and events are said
    for spoken in server.take_spoken(): ...         # connections that said something, or are to be closed
    server.tick(now)                                # every tick or so: sessions expire, containers go
    server.closed(connection)                       # the network lost it, or did as `closing` says

Everything that arrived together is one batch: call `receive` for all of it, then log once. A read is answered while it
is received; a write when it is durable; what came behind a write on the same connection, behind it. So the answers of
one connection come in the order of its requests. (Apache: ZooKeeperServer.java, NIOServerCnxn.java.)
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from consensus_lab.zookeeper.acl import Ids
from consensus_lab.zookeeper.authority import Authority
from consensus_lab.zookeeper.connection import Connection, Latency, Read, Served
from consensus_lab.zookeeper.containers import ContainerManager
from consensus_lab.zookeeper.database import Database
from consensus_lab.zookeeper.errors import Code
from consensus_lab.zookeeper.framing import LENGTH
from consensus_lab.zookeeper.identification import Identification
from consensus_lab.zookeeper.jute import JuteError
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.processors import standalone_chain
from consensus_lab.zookeeper.processors.hot import CreateDecoder, HotReads, decode_set_data
from consensus_lab.zookeeper.processors.reads import WAYS, Reads
from consensus_lab.zookeeper.records import DeleteRequest
from consensus_lab.zookeeper.requests import Request, creates_ephemeral, decode_request
from consensus_lab.zookeeper.session_opening import SessionOpening
from consensus_lab.zookeeper.sessions import SessionTracker
from consensus_lab.zookeeper.settings import Now, Settings

HEAD = struct.Struct(">iii")
"""The beginning of a request's frame: length, xid, type."""

Take = Callable[[Connection, int, bytes, int, int], bool | None]
"""Takes in a request that is no read: connection, xid, the bytes, and where in them its record begins and ends.
Returns True if nothing more of this connection is to be taken in."""

NOTHING: Mapping[int, Any] = {}
"""What a client may ask before it said who it is, where it must."""


class Server:
    """One server, standalone. What it knows is in `database`; nothing it says is ahead of the log."""

    def __init__(self, database: Database, settings: Settings, now: Now) -> None:
        database.bury_dead_sessions()
        self.database = database
        self.settings = settings
        self.now = now
        self.latency = Latency()
        self.received = 0  # packets
        self.sessions = SessionTracker(settings.tick_time, settings.server_id, now.elapsed)
        for session_id, timeout in database.sessions.items():
            self.sessions.track(session_id, timeout, now.elapsed)
        self.connections: dict[int, Connection] = {}  # that speak for a session, by its id
        self._spoken: dict[Connection, None] = {}
        self._authority = Authority(settings)
        self._containers = ContainerManager(settings, now)
        self._chain = standalone_chain(
            settings, self._authority, database, self.sessions, self.connections, self.latency
        )
        self._identification = Identification(settings)
        self._opening = SessionOpening(settings, database.tree, self.sessions, self.connections, self._chain)
        self._reads = self._ways_to_read()
        self._takes = self._ways_to_take()

    # -- what a client does ------------------------------------------------------------------------------------------

    def connect(self, address: str, now: Now, ids: Ids = ()) -> Connection:
        """A client came from `address`, and has proven to be `ids` besides."""
        return Connection(address, ids, self._authority, self._spoken, now.elapsed)

    def receive(self, connection: Connection, data: bytes, now: Now) -> None:
        """Take in a part of a client's stream, wherever it was cut."""
        if connection.closing:
            return
        self._set_time(now)
        if connection.rest:
            data = connection.rest + data
        at = 0
        if connection.session is None:
            at = self._opening.greet(connection, data, now)
        elif not self.sessions.touch(connection.session.id, connection.timeout, now.elapsed):
            return  # its session is over, and its end on the way: nothing it asks is answered
        if connection.session is not None and not connection.closing:
            at = self._take_frames(connection, data, at)
        connection.rest = data[at:]
        if connection.out:
            self._spoken[connection] = None

    def closed(self, connection: Connection) -> None:
        """The connection is gone; its session lives until it expires, its watches do not."""
        connection.closing = True
        self.database.tree.data_watches.forget(connection)
        self.database.tree.child_watches.forget(connection)
        if self.connections.get(connection.session_id) is connection:
            del self.connections[connection.session_id]
        self._spoken.pop(connection, None)

    # -- what the disk, the clock and the network do -------------------------------------------------------------------

    def take_records(self) -> list[bytes]:
        """The transactions for the log, in order; `durable` says when it has them."""
        return self._chain.sync.take_records()

    def durable(self, count: int, now: Now) -> None:
        """The disk holds `count` transactions more: apply them, answer them, and what waited for them."""
        self._set_time(now)
        self._chain.sync.durable(count)

    def tick(self, now: Now) -> None:
        """Time passed: end the sessions that were silent, and the nodes whose time is over."""
        self._set_time(now)
        for session in self.sessions.expired(now.elapsed):
            self._opening.expire(session, now)
        for path in self._containers.due(self.database.tree, now):
            record = DeleteRequest(path, -1)
            self._chain.prep.process(Request(None, 0, 0, OpCode.delete_container, record, (), now))

    def take_spoken(self) -> list[Connection]:
        """The connections that have something to be carried away, or are to be closed; each once."""
        spoken = list(self._spoken)
        self._spoken.clear()
        return spoken

    @property
    def outstanding(self) -> int:
        """How many writes are not applied yet."""
        return len(self._chain.sync)

    def _set_time(self, now: Now) -> None:
        self.now = now
        self._chain.final.now = now.elapsed

    # -- frames ------------------------------------------------------------------------------------------------------

    def _take_frames(self, connection: Connection, data: bytes, at: int) -> int:
        """Take in every whole frame from `at` on. Returns where the first begins that is not whole."""
        admitted = self._identification.admits(connection)
        reads, takes = (self._reads, self._takes) if admitted else (NOTHING, NOTHING)
        pending, longest, end = connection.pending, self.settings.longest_frame, len(data)
        count = xid = type = 0
        while end - at >= HEAD.size:
            length, xid, type = HEAD.unpack_from(data, at)
            stop = at + 4 + length
            if stop > end or not 8 <= length <= longest:
                break
            count += 1
            read = reads.get(type)
            if read is None:
                take = takes.get(type) or partial(self._take, type)
                if take(connection, xid, data, at + 12, stop):
                    break
            elif pending:
                pending.append((read, xid, data[at + 12 : stop]))
            else:
                read(connection, xid, data, at + 12, stop)
            at = stop
        if end - at >= 4 and not 8 <= LENGTH.unpack_from(data, at)[0] <= longest:
            connection.close()  # no frame has such a length: cut off without a word
        self._count(connection, count, xid, type)
        return at

    def _count(self, connection: Connection, count: int, xid: int, type: int) -> None:
        """Take note of a batch; its reads were answered at once."""
        self.received += count
        connection.received += count
        if type in self._reads and not connection.pending:
            self.latency.add(0, count)
            connection.latency.add(0, count)
            connection.last = Served(type, xid, self.database.tree.last_processed_zxid)
            connection.last_response = self.now.elapsed

    def _take(self, type: int, connection: Connection, xid: int, data: bytes, at: int, end: int) -> bool | None:
        """Take in what is no read, or a read of somebody who is not known yet."""
        if type == OpCode.auth:
            return self._identification.authenticate(connection, xid, data[at:end])
        if type == OpCode.sasl:
            return self._identification.exchange(connection, xid, data[at:end])
        if not self._identification.admits(connection):
            return self._identification.turn_away(connection, xid)
        if type in self._takes:
            return self._takes[type](connection, xid, data, at, end)
        if type in self._reads:
            connection.answer_in_turn(self._reads[type], xid, data[at:end])
            return False
        connection.reply(xid, -1, Code.UNIMPLEMENTED)
        connection.close()
        return True

    # -- reads and writes --------------------------------------------------------------------------------------------

    def _ways_to_read(self) -> dict[int, Read]:
        reads = Reads(self.database.tree, self.settings, self._authority)
        hot = HotReads(self.database.tree, reads)
        return {type: partial(reads.answer, type) for type in WAYS} | {
            OpCode.get_data: hot.get_data,
            OpCode.exists: hot.exists,
            OpCode.get_children: hot.get_children,
            OpCode.ping: hot.ping,
        }

    def _ways_to_take(self) -> dict[int, Take]:
        creates = CreateDecoder()
        general = (OpCode.delete, OpCode.set_acl, OpCode.create_ttl, OpCode.multi, OpCode.reconfig)
        takes: dict[int, Take] = {type: self._way(type, partial(_decode, type)) for type in general}
        for type in (OpCode.create, OpCode.create2, OpCode.create_container):
            takes[type] = self._way(type, partial(creates.decode, type))
        takes[OpCode.set_data] = self._way(OpCode.set_data, decode_set_data)
        takes[OpCode.close_session] = self._close_session
        return takes

    def _way(self, type: OpCode, decode: Decode) -> Take:
        return partial(self._write, int(type), decode)

    def _write(
        self, type: int, decode: Decode, connection: Connection, xid: int, data: bytes, at: int, end: int
    ) -> None:
        """Take in a write: to the chain with it. One that cannot be read fails there, and takes its zxid, too."""
        session = connection.session
        assert session is not None
        try:
            record = decode(data, at, end)
        except JuteError:
            type, record = OpCode.error, None
        if session.local and creates_ephemeral(record) and not self._opening.upgrade(session, self.now):
            self._refuse(connection, xid, Code.EPHEMERALONLOCALSESSION)
            return
        request = Request(connection, session.id, xid, type, record, connection.ids, self.now)
        connection.pending.append(request)
        self._chain.prep.process(request)

    def _close_session(self, connection: Connection, xid: int, data: bytes, at: int, end: int) -> bool:
        """The client's last request: nothing behind it is taken in."""
        self._opening.close(connection, xid, self.now)
        return True

    def _refuse(self, connection: Connection, xid: int, code: Code) -> None:
        """Refuse what never becomes a transaction, in its turn."""

        def refuse(connection: Connection, xid: int, data: bytes, at: int, end: int) -> None:
            connection.reply(xid, self.database.tree.last_processed_zxid, code)

        connection.answer_in_turn(refuse, xid, b"")


Decode = Callable[[bytes, int, int], Any]
"""Reads the record of a request: the bytes, and where it begins and ends. Raises JuteError."""


def _decode(type: int, data: bytes, at: int, end: int) -> Any:
    return decode_request(type, data[at:end])
