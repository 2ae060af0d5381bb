"""The service between the ports and the disk: one turn of the loop at a time.

A turn takes in what every client sent, hands its records to the group commit, and delivers what is to be said. The
service itself is pure (`zookeeper/server.py`) and never waits: a write is answered in the turn that follows its fsync.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from consensus_lab.serve.metrics import Metrics
from consensus_lab.serve.sasl import DigestMd5
from consensus_lab.serve.settings import Settings
from consensus_lab.serve.throttle import Admission, TokenBucket
from consensus_lab.zookeeper.acl import X509Provider
from consensus_lab.zookeeper.connection import Connection, Latency
from consensus_lab.zookeeper.server import Server
from consensus_lab.zookeeper.settings import Now

if TYPE_CHECKING:
    from consensus_lab.serve.client_port import Client

UNREAD = "it does not read what it is told"
BUSY = "too much is in process"
LONGEST_TICK = 0.5  # seconds between two looks at what expires
LENGTH = 4  # bytes, before every frame


def now() -> Now:
    """The time as the service wants it told, in ms."""
    return Now(int(time.time() * 1000), int(time.monotonic() * 1000))


class Service:
    """Serves the clients of every port. `submit` takes records to the disk, and tells `durable` when they are there."""

    def __init__(
        self,
        core: Server,
        settings: Settings,
        metrics: Metrics,
        submit: Callable[[list[bytes]], None],
        users: Mapping[str, str] | None,
    ) -> None:
        self.core = core
        self.serving = False
        self.clients: dict[Connection, Client] = {}
        self.outstanding = 0  # writes that are not durable yet
        self.admission = Admission(settings.max_client_cnxns, settings.max_cnxns)
        self.received_by_gone = self.sent_to_gone = 0  # packets of connections that are no more
        self.response_sizes = Latency()  # bytes, of the last response in each write
        self.tokens = TokenBucket(
            settings.throttle_tokens, settings.throttle_fill_time, settings.throttle_fill_count, now().elapsed
        )
        self.word: Callable[[Client, bytes, bytes], bytes | None] = lambda client, word, rest: None
        self._settings = settings
        self._metrics = metrics
        self._submit = submit
        self._users = users
        self._sessionless: dict[Client, float] = {}
        self._heard: list[Connection] = []  # in this turn
        self._busy: dict[Client, None] = {}  # held because of what they have in process
        self._loop = asyncio.get_running_loop()
        self._turn: asyncio.Handle | None = None
        self._ticking: asyncio.TimerHandle | None = None
        self._settled: asyncio.Future[None] | None = None

    def start(self) -> None:
        """Take requests from now on."""
        self.serving = True
        self._tick()

    def stop(self) -> None:
        """Take no more requests; what was taken in goes to the disk, and will be answered when it is there."""
        self.serving = False
        self._end_turn()
        if self._ticking is not None:
            self._ticking.cancel()

    async def settle(self) -> None:
        """Take no more requests, and wait until every one before is on the disk and answered."""
        self.stop()
        while self.outstanding:
            self._settled = self._loop.create_future()
            await self._settled

    # -- clients come and go ---------------------------------------------------------------------------------------

    def connected(self, client: Client, address: str, subject: str | None) -> Connection:
        """A client came, and has shown a certificate of `subject`, or none. It has a while to ask for a session."""
        provider = self.core.settings.providers.get("x509")
        known = provider.identify(subject) if subject is not None and isinstance(provider, X509Provider) else ()
        connection = self.core.connect(address, now(), ids=known)
        if self._users is not None:
            connection.sasl = DigestMd5(self._users)
        self.clients[connection] = client
        self._sessionless[client] = self._loop.time() + self._settings.sessionless_timeout / 1000
        return connection

    def lost(self, client: Client) -> None:
        """A client is gone, for whatever reason."""
        self._sessionless.pop(client, None)
        self._busy.pop(client, None)
        connection = client.connection
        if connection is not None:
            del self.clients[connection]
            self.absorb(connection)
            self.core.closed(connection)

    def absorb(self, connection: Connection) -> None:
        """Count what a connection did to the server's own numbers; from now on the connection's own do not count."""
        self.received_by_gone += connection.received
        self.sent_to_gone += connection.sent

    def asked(self, client: Client, word: bytes, rest: bytes) -> bytes | None:
        """The first four bytes of a client: the answer if they are a word."""
        return self.word(client, word, rest)

    def admitted(self, client: Client) -> bool:
        """A client's first frame has come: whether it may ask for a session now."""
        self._metrics.counters["connection_request_count"].add()
        if self.serving and self.tokens.take(now().elapsed):
            if client.connection is not None:
                client.connection.received += 1
            return True
        name = "connection_rejected" if self.serving else "cnxn_closed_without_zk_server_running"
        self._metrics.counters[name].add()
        return False

    # -- a turn of the loop ----------------------------------------------------------------------------------------

    def received(self, connection: Connection, data: bytes) -> None:
        """Part of a client's stream. What is to be said to that waits for the end of this turn."""
        if not self.serving:
            return
        self._metrics.counters["bytes_received_count"].value += len(data)
        self.core.receive(connection, data, now())
        self._heard.append(connection)
        self.end_turn_soon()

    def end_turn_soon(self) -> None:
        """Log and deliver once everything that has arrived by now is taken in."""
        if self._turn is None:
            self._turn = self._loop.call_soon(self._end_turn)

    def _end_turn(self) -> None:
        self._turn = None
        records = self.core.take_records()
        if records:
            self.outstanding += len(records)
            self._submit(records)
        for connection in self.core.take_spoken():
            client = self.clients.get(connection)
            if client is not None:
                if connection.out:
                    self.response_sizes.add(len(connection.out[-1]) - LENGTH)
                client.deliver()
        if self.outstanding > self._settings.outstanding_limit:
            self._hold_the_busy()
        self._heard.clear()

    def durable(self, count: int) -> None:
        """The disk holds so many transactions more: apply and answer them."""
        self.outstanding -= count
        self.core.durable(count, now())
        self._end_turn()
        if not self.outstanding and self._settled is not None and not self._settled.done():
            self._settled.set_result(None)
        if self._busy and self.outstanding <= self._settings.outstanding_limit:
            self._release_the_busy()

    def _hold_the_busy(self) -> None:
        """Whoever has requests in process is not read from while there are too many."""
        for connection in self._heard:
            client = self.clients.get(connection)
            if client is not None and connection.pending:
                self._busy[client] = None
                client.hold(BUSY)

    def _release_the_busy(self) -> None:
        for client in self._busy:
            client.release(BUSY)
        self._busy.clear()

    # -- time ------------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        """Let sessions and silent connections expire, containers and TTL nodes go."""
        self.core.tick(now())
        late = [client for client, limit in self._sessionless.items() if limit <= self._loop.time()]
        for client in late:
            del self._sessionless[client]
            if client.connection is not None and client.connection.session is None:
                self._metrics.counters["sessionless_connections_expired"].add()
                client.close()
        self.end_turn_soon()
        wait = min(self._settings.tick_time / 1000, LONGEST_TICK)
        self._ticking = self._loop.call_later(wait, self._tick)
