"""The bus of real networks: asyncio TCP between nodes that know each other's ports. It refuses to know any protocol.

Each node listens on its own port; of two nodes the one later in the order of addresses calls the other, again and again
with back-off, so that a pair shares one connection and loses it as a whole. Messages of one link arrive in order until
then. What is sent before the first connection stands waits for it.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from consensus_lab.kernel import CLIENT, Address, Disconnected, Links, Recovered, Start
from consensus_lab.kernel.notation import render
from consensus_lab.net.codec import Codec
from consensus_lab.net.connection import Connection
from consensus_lab.net.errors import ListenError
from consensus_lab.net.events import Connected, Lost, Refused, Report, silent
from consensus_lab.net.framing import LONGEST
from consensus_lab.net.hello import Hello
from consensus_lab.net.link import MOST_WAITING, Link

HOST = "127.0.0.1"
FIRST_RETRY, LAST_RETRY = 0.02, 0.5  # seconds between two calls: doubled each time, with jitter
OWN = (Start, Recovered, Disconnected)  # what only a node's own surroundings tell it
LEAVE_WITHIN = 2.0  # seconds for what waits to leave when a node is switched off


class Receiver(Protocol):
    """Who is told what arrives: the host."""

    def deliver(self, sender: Address, message: Any) -> None: ...
    def disconnected(self, peer: Address) -> None: ...


@dataclass(frozen=True)
class Network:
    """What every node of a cast must agree on: the protocol, its links, its words, and who listens where."""

    protocol: str
    links: Links
    codec: Codec
    ports: Mapping[Address, int]


class TcpBus:
    """One node's end of the network; structurally a `kernel.bus.Bus` whose messages leave at the next `flush`.

    `share_port` lets whoever has reserved the port keep it reserved (`net.ports`).
    """

    def __init__(
        self,
        me: Address,
        network: Network,
        *,
        report: Report = silent,
        share_port: bool = False,
        longest: int = LONGEST,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.me = me
        self.network = network
        self.codec = network.codec
        self.longest = longest
        self._report = report
        self._share_port = share_port
        self._life = os.urandom(8).hex()
        peers = {peer: network.links for peer in sorted(network.ports) if peer != me} | {CLIENT: Links.BAG}
        self.links = {peer: Link(peer, kind, most_waiting) for peer, kind in peers.items()}
        self._unflushed: dict[Address, Link] = {}
        self._last: tuple[Any, bytes] = (None, self.codec.encode(None))
        self._open: set[Connection] = set()
        self._callers: list[asyncio.Task[None]] = []
        self._server: asyncio.Server | None = None
        self._closing = False

    # -- on and off ------------------------------------------------------------------------------------------------

    async def open(self, receiver: Receiver) -> None:
        """Listen, and begin to call peers. Raises ListenError when the port is taken."""
        self._receiver = receiver
        loop = asyncio.get_running_loop()
        port = self.network.ports[self.me]
        try:
            share = self._share_port or None
            self._server = await loop.create_server(lambda: Connection(self), HOST, port, reuse_port=share)
        except OSError as error:
            raise ListenError(f"{self.me} cannot listen on {HOST}:{port}: {error.strerror}") from error
        self._callers = [loop.create_task(self._call(peer)) for peer in self.network.ports if peer < self.me]

    async def close(self) -> None:
        """Send what waits, hang up everywhere, and return when every socket is closed."""
        self.flush()
        self._closing = True
        for caller in self._callers:
            caller.cancel()
        await asyncio.gather(*self._callers, return_exceptions=True)
        if self._server is not None:
            self._server.close()
        for connection in self._open:
            connection.transport.close()
        await self._all_gone()
        if self._server is not None:
            await self._server.wait_closed()

    async def _all_gone(self) -> None:
        """Let what was sent leave, but wait for nobody who does not read it."""
        gone = [connection.gone for connection in self._open]
        if gone:
            await asyncio.wait(gone, timeout=LEAVE_WITHIN)
        for connection in self._open:
            connection.transport.abort()
        await asyncio.gather(*gone)

    def abort(self) -> None:
        """Hang up at once: nothing more leaves, as when the power fails. `close` is still to be called."""
        self._closing = True
        for link in self.links.values():
            link.clear()
        for connection in self._open:
            connection.transport.abort()

    # -- sending ---------------------------------------------------------------------------------------------------

    def send(self, sender: Address, to: Address, message: Any) -> None:
        """Put a message on its link. Raises UnencodableError for one that has no words or is too long."""
        assert sender == self.me, f"this is the bus of {self.me}"
        link = self.links[to]
        if to == CLIENT and link.connection is None:
            return  # nobody is there to hear the answer
        self._unflushed[to] = link
        if not link.put(self._encoded(message)):
            link.clear()
            self._lose(link)

    def _encoded(self, message: Any) -> bytes:
        """A broadcast sends one message many times: it is written once."""
        if message is not self._last[0]:
            self._last = (message, self.codec.encode(message))
        return self._last[1]

    def flush(self) -> None:
        """Let everything that was sent since the last flush leave: one write for each link."""
        for link in self._unflushed.values():
            link.flush()
        self._unflushed.clear()

    def told(self, peer: Address) -> None:
        """The process has heard of one loss of its connection to `peer`: what it sends from now on may leave."""
        self.links[peer].untold -= 1

    # -- connections -----------------------------------------------------------------------------------------------

    async def _call(self, peer: Address) -> None:
        pause = FIRST_RETRY
        while True:
            connection = Connection(self, expected=peer)
            if await self._reach(connection, self.network.ports[peer]):
                await asyncio.shield(connection.gone)
                pause = FIRST_RETRY if connection.peer else pause
            await asyncio.sleep(random.uniform(pause / 2, pause))
            pause = min(2 * pause, LAST_RETRY)

    async def _reach(self, connection: Connection, port: int) -> bool:
        try:
            await asyncio.get_running_loop().create_connection(lambda: connection, HOST, port)
        except OSError:
            return False  # not up yet, or down: call again later
        return True

    # -- what connections tell -------------------------------------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        self._open.add(connection)

    def hello_for(self, peer: Address) -> Hello:
        return Hello(self.network.protocol, self.codec.fingerprint, self.me, peer, self._life)

    def greeted(self, connection: Connection, hello: Hello) -> None:
        link = self.links.get(hello.sender)
        if link is None:
            connection.refuse(f"{hello.sender} is not one of {', '.join(self.network.ports)}")
            return
        if link.connection is not None:  # the peer came back before we noticed that it was gone
            self._lose(link)
        self._report(Connected(self.me, link.peer))
        link.adopt(connection, hello.life)

    def received(self, connection: Connection, message: Any) -> None:
        assert connection.peer is not None
        if type(message) in OWN:
            connection.refuse(f"{connection.peer} sent {render(message)}, which a node hears only from its own host")
        else:
            self._receiver.deliver(connection.peer, message)

    def refused(self, connection: Connection, reason: str) -> None:
        self._report(Refused(self.me, reason))

    def closed(self, connection: Connection) -> None:
        self._open.discard(connection)
        link = self.links.get(connection.peer or "")
        if link is not None and link.connection is connection:
            self._lose(link)

    def _lose(self, link: Link) -> None:
        link.drop()
        self._unflushed.pop(link.peer, None)
        if not self._closing:
            self._report(Lost(self.me, link.peer))
            if link.kind is Links.FIFO:
                self._receiver.disconnected(link.peer)
