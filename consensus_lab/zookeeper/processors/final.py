"""The last processor: it applies what is durable, and answers.

Watch events leave while a transaction is applied, and so before its own reply. On one connection, whatever came behind
a write is answered behind it. (Apache: FinalRequestProcessor.java, and CommitProcessor.java for the order.)
"""

from __future__ import annotations

from consensus_lab.zookeeper.changes import OutstandingChanges
from consensus_lab.zookeeper.connection import Connection, Latency
from consensus_lab.zookeeper.database import Applied, Database
from consensus_lab.zookeeper.errors import Code
from consensus_lab.zookeeper.jute import encode
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import ConnectResponse, ErrorResponse, MultiHeader
from consensus_lab.zookeeper.requests import Request
from consensus_lab.zookeeper.sessions import NO_PASSWORD, SessionTracker, password

NOT_JUST_ANSWERED = frozenset({OpCode.create_session, OpCode.close_session, OpCode.multi})

MULTI_END = encode(MultiHeader(-1, True, -1))


class FinalRequestProcessor:
    """`connections` are those that speak for a session now, by its id."""

    def __init__(
        self,
        database: Database,
        changes: OutstandingChanges,
        sessions: SessionTracker,
        connections: dict[int, Connection],
        latency: Latency,
    ) -> None:
        self.now = 0  # ms on the clock that never goes back
        self._database = database
        self._changes = changes
        self._sessions = sessions
        self._connections = connections
        self._latency = latency

    def process(self, request: Request) -> None:
        applied = self._database.apply(
            request.session_id, request.zxid, request.time, request.txn_type, request.txn, request.digest
        )
        self._changes.applied(request.zxid)
        connection = request.connection
        if connection is not None:
            connection.pending.popleft()
            self._note(connection, request)
        if applied.error or request.type in NOT_JUST_ANSWERED:
            self._conclude(connection, request, applied)
        elif connection is not None:
            connection.reply(request.xid, request.zxid, 0, applied.body)
        if connection is not None and connection.pending:
            self._answer_followers(connection)

    def _note(self, connection: Connection, request: Request) -> None:
        """For those who ask how long requests take, and what a connection does."""
        latency = self.now - request.received
        self._latency.add(latency)
        connection.latency.add(latency)
        connection.last = request
        connection.last_response = self.now

    def _conclude(self, connection: Connection | None, request: Request, applied: Applied) -> None:
        """What is more than a reply: sessions begin and end, a multi has many results, and errors have none."""
        if request.type == OpCode.close_session:
            self._sessions.remove(request.session_id)
        if connection is None:
            if request.type == OpCode.close_session and request.session_id in self._connections:
                self._connections[request.session_id].close()  # expired: cut off without a word
        elif request.type == OpCode.create_session:
            self.finish_session(connection, valid=True)
        elif applied.error == Code.SESSIONMOVED:
            connection.close()
        elif request.txn_type == OpCode.multi:
            connection.reply(request.xid, request.zxid, Code.OK, multi_body(applied))
        else:
            connection.reply(request.xid, request.zxid, applied.error, applied.body)
            if request.type == OpCode.close_session:
                connection.close()

    @staticmethod
    def _answer_followers(connection: Connection) -> None:
        """What came behind a write and is none itself; of a client that is gone it is dropped, watches and all."""
        pending = connection.pending
        while pending and not isinstance(waiting := pending[0], Request):
            del pending[0]
            read, xid, data = waiting
            if not connection.closing:
                read(connection, xid, data, 0, len(data))

    def finish_session(self, connection: Connection, *, valid: bool) -> None:
        """Tell a client whether it has its session, and hang up if not."""
        session = connection.session if valid else None
        if session is None:
            response = ConnectResponse(0, 0, 0, NO_PASSWORD, False)
        else:
            self._connections[session.id] = connection
            response = ConnectResponse(0, connection.timeout, session.id, password(session.id), False)
        encoded = encode(response)
        if connection.old_client:
            encoded = encoded[:-1]
        connection.say(len(encoded).to_bytes(4, "big") + encoded)
        if session is None:
            connection.close()


def multi_body(applied: Applied) -> bytes:
    """The results of a multi, one by one. Whatever creates with a Stat in its answer is answered as a create2."""
    results = []
    for part in applied.parts:
        type = part.type
        if type in (OpCode.create_container, OpCode.create_ttl):
            type = OpCode.create2
        result = encode(ErrorResponse(part.error)) if type == OpCode.error else part.body
        results.append(encode(MultiHeader(type, False, part.error)) + result)
    return b"".join(results) + MULTI_END
