"""The port that clients connect to: bytes between sockets and the service, whatever they mean.

What arrives in one turn of the loop is worked off together: the service takes in all of it, its records go to the disk
in one batch, and every connection gets its replies in one write. There is no task for a request, nor for a client. A
client that does not read is not read from; one that still must be told more than it takes is cut off.
(Apache: NIOServerCnxnFactory.java, NIOServerCnxn.java.)
"""

from __future__ import annotations

import asyncio
import ssl
from typing import cast

from consensus_lab.serve.errors import ListenError
from consensus_lab.serve.java_text import socket_address
from consensus_lab.serve.service import UNREAD, Service
from consensus_lab.serve.tls import subject_of
from consensus_lab.zookeeper.connection import Connection

WORD = 4  # bytes: a four-letter word, or the length of a first frame
MOST_UNSENT = 64 * 1024 * 1024  # bytes that a client may leave unread before it is cut off
LINGER = 5.0  # seconds that a client has to take its last words
HIGH_WATER = 256 * 1024  # bytes unsent, above which a client is not read from


class Client(asyncio.Protocol):
    """One connection, from its first byte to its last."""

    def __init__(self, port: ClientPort) -> None:
        self.port = port
        self.connection: Connection | None = None
        self.host = self.address = ""
        self._service = port.service
        self._held: set[str] = set()  # the reasons why it is not read from
        self._first: bytes | None = b""  # until four bytes are there; then None
        self._transport: asyncio.Transport | None = None

    # -- asyncio's side --------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        host, port = (transport.get_extra_info("peername") or ("", 0))[:2]  # it may be gone already
        self.host, self.address = host, socket_address(host, port)
        if not self._service.admission.admit(host):
            transport.close()
            return
        self._transport.set_write_buffer_limits(HIGH_WATER)
        self.connection = self._service.connected(self, host, subject_behind(transport))
        self.port.clients[self.connection] = self

    def data_received(self, data: bytes) -> None:
        if self.connection is None or self.connection.closing:
            return
        if self._first is not None:
            data = self._first + data
            if not self._opens(data):
                return
        self._service.received(self.connection, data)

    def pause_writing(self) -> None:
        self.hold(UNREAD)

    def resume_writing(self) -> None:
        self.release(UNREAD)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.connection is not None:
            del self.port.clients[self.connection]
            self._service.admission.leave(self.host)
            self._service.lost(self)
            self.connection = None
        self._transport = None

    # -- the service's side ----------------------------------------------------------------------------------------

    def deliver(self) -> None:
        """Carry away what the service has to say to this client."""
        connection, transport = self.connection, self._transport
        if connection is None or transport is None:
            return
        out = connection.out
        if out:
            transport.write(out[0] if len(out) == 1 else b"".join(out))
            out.clear()
            if transport.get_write_buffer_size() > MOST_UNSENT:
                transport.abort()
        if connection.closing:
            self.close()

    def hold(self, reason: str) -> None:
        """Read no more from it while this reason stands."""
        if not self._held and self._transport is not None:
            self._transport.pause_reading()
        self._held.add(reason)

    def release(self, reason: str) -> None:
        """Read on, unless there is another reason."""
        self._held.discard(reason)
        if not self._held and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def close(self) -> None:
        """Hang up, once what was said is carried away; but a client that does not take it is not waited for long."""
        transport = self._transport
        if transport is not None and not transport.is_closing():
            transport.close()
            if transport.get_write_buffer_size():
                asyncio.get_running_loop().call_later(LINGER, transport.abort)

    @property
    def interest(self) -> int:
        """What it waits for, as Java's selector numbers it: 1 to read, 4 to write."""
        unsent = self._transport is not None and self._transport.get_write_buffer_size() > 0
        return (0 if self._held else 1) | (4 if unsent else 0)

    def _opens(self, data: bytes) -> bool:
        """Whether these first bytes open a stream of frames; a four-letter word is answered instead."""
        self._first = data
        if len(data) < WORD:
            return False
        self._first = None
        answer = self._service.asked(self, data[:WORD], data[WORD:])
        if answer is None and self._service.admitted(self):
            return True
        if answer and self._transport is not None:
            self._transport.write(answer)
        self.close()
        return False


class ClientPort:
    """Listens; knows who is connected."""

    def __init__(self, service: Service, *, secure: bool = False) -> None:
        self.service = service
        self.secure = secure
        self.clients: dict[Connection, Client] = {}
        self.port = -1
        self._server: asyncio.Server | None = None

    async def listen(self, address: str | None, port: int, backlog: int, tls: ssl.SSLContext | None = None) -> None:
        """Take connections. Without an address, on every one of this machine. Raises ListenError."""
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: Client(self), address, port, backlog=backlog, ssl=tls)
        except OSError as error:
            where = f"{address or 'every address'}, port {port}"
            raise ListenError(f"{where}, cannot be listened on: {error.strerror or error}") from error
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Take no more connections, and end those there are."""
        if self._server is not None:
            self._server.close()
        self.hang_up()

    def hang_up(self) -> None:
        """End the connections there are, once what was said is carried away."""
        for client in list(self.clients.values()):
            client.deliver()
            client.close()


def subject_behind(transport: asyncio.BaseTransport) -> str | None:
    """Whom the client's certificate names, if it has shown one."""
    secured = transport.get_extra_info("ssl_object")
    certificate = secured.getpeercert() if secured is not None else None
    return subject_of(certificate) if certificate else None
