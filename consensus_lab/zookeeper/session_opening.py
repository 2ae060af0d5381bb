"""Sessions as their connections see them: asked for, asked back, given up, and those that only this server knows.

The first frame of a connection is a ConnectRequest, with no header of a request. (Apache: ProtocolManager.java;
ZooKeeperServer.processConnectRequest, reopenSession; UpgradeableSessionTracker.java.)
"""

from __future__ import annotations

from collections.abc import Mapping

from consensus_lab.zookeeper.connection import Connection
from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.framing import LENGTH
from consensus_lab.zookeeper.jute import InputArchive, JuteError
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.processors import Chain
from consensus_lab.zookeeper.records import ConnectRequest, CreateSessionTxn
from consensus_lab.zookeeper.requests import Request
from consensus_lab.zookeeper.sessions import Session, SessionTracker, password
from consensus_lab.zookeeper.settings import Now, Settings


class SessionOpening:
    """`connections` are those that speak for a session now, by its id."""

    def __init__(
        self,
        settings: Settings,
        tree: DataTree,
        sessions: SessionTracker,
        connections: Mapping[int, Connection],
        chain: Chain,
    ) -> None:
        self._settings = settings
        self._tree = tree
        self._sessions = sessions
        self._connections = connections
        self._chain = chain

    # -- the first frame ---------------------------------------------------------------------------------------------

    def greet(self, connection: Connection, data: bytes, now: Now) -> int:
        """Take in the first frame. Returns where the next begins, 0 if this one is not whole yet."""
        if len(data) < LENGTH.size:
            return 0
        length: int = LENGTH.unpack_from(data)[0]
        if not 0 <= length <= self._settings.longest_frame:
            connection.close()
        elif len(data) >= 4 + length:
            try:
                request, connection.old_client = decode_greeting(data[4 : 4 + length])
            except JuteError:
                connection.close()
            else:
                self._open(connection, request, now)
            return 4 + length
        return 0

    def _open(self, connection: Connection, request: ConnectRequest, now: Now) -> None:
        if request.last_zxid_seen > self._tree.last_processed_zxid:
            connection.close()  # it knows more than this server: let it ask another one
            return
        connection.timeout = self._settings.session_timeout(request.timeout)
        if request.session_id == 0:
            self._begin(connection, now)
        else:
            self._reopen(connection, request, now)

    def _begin(self, connection: Connection, now: Now) -> None:
        """A new session; its client hears of it once it is logged, or at once if nobody else need know of it."""
        local = self._settings.local_sessions
        session = self._sessions.create(connection.timeout, now.elapsed, local=local)
        connection.session = session
        if local:
            self._chain.final.finish_session(connection, valid=True)
        else:
            txn = CreateSessionTxn(connection.timeout)
            self._submit(Request(connection, session.id, 0, OpCode.create_session, txn, (), now))

    def _reopen(self, connection: Connection, request: ConnectRequest, now: Now) -> None:
        """A client is back. Whoever spoke for the session until now is cut off, before any password is looked at."""
        before = self._connections.get(request.session_id)
        if before is not None:
            before.close()
        valid = request.passwd == password(request.session_id) and self._sessions.touch(
            request.session_id, connection.timeout, now.elapsed
        )
        connection.session = self._sessions.sessions.get(request.session_id) if valid else None
        self._chain.final.finish_session(connection, valid=valid)

    # -- the end -----------------------------------------------------------------------------------------------------

    def close(self, connection: Connection, xid: int, now: Now) -> None:
        """The client gives its session up."""
        session = connection.session
        assert session is not None
        if session.local:
            session.closing = True
            connection.answer_in_turn(self._say_goodbye, xid, b"")
        else:
            self._submit(Request(connection, session.id, xid, OpCode.close_session, None, (), now))

    def expire(self, session: Session, now: Now) -> None:
        """The client was silent for too long."""
        if not session.local:
            self._submit(Request(None, session.id, 0, OpCode.close_session, None, (), now))
            return
        self._sessions.remove(session.id)
        if session.id in self._connections:
            self._connections[session.id].close()

    def _say_goodbye(self, connection: Connection, xid: int, data: bytes, at: int, end: int) -> None:
        """A local session ends without a transaction: it owns nothing."""
        connection.reply(xid, self._tree.last_processed_zxid)
        connection.close()
        self._sessions.remove(connection.session_id)

    # -- local sessions ----------------------------------------------------------------------------------------------

    def upgrade(self, session: Session, now: Now) -> bool:
        """Make a local session one of the whole ensemble, which its first ephemeral needs; False if that is off."""
        if not self._settings.local_sessions_upgrading:
            return False
        session.local = False
        txn = CreateSessionTxn(session.timeout)
        self._submit(Request(None, session.id, 0, OpCode.create_session, txn, (), now))
        return True

    def _submit(self, request: Request) -> None:
        if request.connection is not None:
            request.connection.pending.append(request)
        self._chain.prep.process(request)


def decode_greeting(data: bytes) -> tuple[ConnectRequest, bool]:
    """A ConnectRequest, and whether its client is older than 3.5: it does not know the field readOnly, and must not be
    answered with it. Raises JuteError.
    """
    archive = InputArchive(data)
    fields = (archive.read_int(), archive.read_long(), archive.read_int(), archive.read_long(), archive.read_buffer())
    old_client = archive.rest == 0
    return ConnectRequest(*fields, False if old_client else archive.read_boolean()), old_client
