"""Who a client is: auth packets, SASL exchanges, and what is answered to those who had to say so first.

Both take effect when they arrive and are answered at once, ahead of writes that still wait.
(Apache: ZooKeeperServer.processPacket, processSasl; AuthenticationHelper.java.)
"""

from __future__ import annotations

from consensus_lab.zookeeper.acl import Ids, SaslProvider
from consensus_lab.zookeeper.connection import Connection
from consensus_lab.zookeeper.errors import Code
from consensus_lab.zookeeper.jute import JuteError, decode, encode
from consensus_lab.zookeeper.records import AuthPacket, GetSASLRequest, SetSASLResponse
from consensus_lab.zookeeper.settings import Settings


class Identification:
    """Each answer is True if the client is to be cut off after it."""

    def __init__(self, settings: Settings) -> None:
        self._providers = settings.providers
        self._enforced = settings.enforced_schemes

    def admits(self, connection: Connection) -> bool:
        """Whether a client may ask anything: unless some scheme is enforced, anyone."""
        return not self._enforced or any(id.scheme in self._enforced for id in connection.ids)

    def turn_away(self, connection: Connection, xid: int) -> bool:
        """Somebody asked before saying who they are."""
        return self._refuse(connection, xid, Code.SESSIONCLOSEDREQUIRESASLAUTH)

    def authenticate(self, connection: Connection, xid: int, data: bytes) -> bool:
        """An auth packet: what it proves is added to what the client is already."""
        try:
            packet = decode(AuthPacket, data)
        except JuteError:
            connection.close()
            return True
        provider = self._providers.get(packet.scheme)
        proven = tuple(provider.authenticate(connection.ids, packet.auth)) if provider else ()
        if not proven:
            return self._refuse(connection, xid, Code.AUTHFAILED)
        self._add(connection, proven)
        connection.reply(xid, 0)
        return False

    def exchange(self, connection: Connection, xid: int, data: bytes) -> bool:
        """One step of a SASL exchange."""
        try:
            token = decode(GetSASLRequest, data).token
        except JuteError:
            connection.close()
            return True
        answer: bytes | None = None
        if connection.sasl is not None:
            try:
                answer = connection.sasl.evaluate(token or b"")
            except ValueError:
                required = "sasl" in self._enforced
                code = Code.SESSIONCLOSEDREQUIRESASLAUTH if required else Code.AUTHFAILED
                return self._refuse(connection, xid, code, encode(SetSASLResponse(None)))
            self._prove(connection, connection.sasl.authorization_id)
        connection.reply(xid, 0, Code.OK, encode(SetSASLResponse(answer)))
        return False

    def _prove(self, connection: Connection, authorization_id: str | None) -> None:
        provider = self._providers.get("sasl")
        if authorization_id is not None and isinstance(provider, SaslProvider):
            self._add(connection, provider.identify(authorization_id))

    @staticmethod
    def _add(connection: Connection, ids: Ids) -> None:
        connection.ids = tuple(dict.fromkeys(connection.ids + ids))

    @staticmethod
    def _refuse(connection: Connection, xid: int, code: Code, body: bytes = b"") -> bool:
        connection.reply(xid, 0, code, body)
        connection.close()
        return True
