"""One TCP connection: hello first, then frames, each a message. It knows its socket, and not what a peer is owed."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol, cast

from consensus_lab.kernel import Address
from consensus_lab.net.codec import Codec
from consensus_lab.net.errors import MalformedError
from consensus_lab.net.framing import Frames, framed
from consensus_lab.net.hello import LONGEST as LONGEST_HELLO
from consensus_lab.net.hello import Hello

HELLO_WITHIN = 5.0  # seconds


class Owner(Protocol):
    """Who holds connections: the bus."""

    codec: Codec
    longest: int

    def opened(self, connection: Connection) -> None: ...
    def hello_for(self, peer: Address) -> Hello: ...
    def greeted(self, connection: Connection, hello: Hello) -> None: ...
    def received(self, connection: Connection, message: Any) -> None: ...
    def refused(self, connection: Connection, reason: str) -> None: ...
    def closed(self, connection: Connection) -> None: ...


class Connection(asyncio.Protocol):
    """Either end. `expected` is whom we called; None for whoever called us."""

    transport: asyncio.Transport

    def __init__(self, owner: Owner, expected: Address | None = None) -> None:
        self.owner = owner
        self.expected = expected
        self.peer: Address | None = None
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._frames = Frames(LONGEST_HELLO)

    # -- what asyncio calls ----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.owner.opened(self)
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(HELLO_WITHIN, self.refuse, f"no hello came within {HELLO_WITHIN:g} s")
        if self.expected is not None:
            self._greet(self.expected)

    def data_received(self, data: bytes) -> None:
        try:
            for content in self._frames.feed(data):
                self._take(content)
                if self.transport.is_closing():
                    return
        except MalformedError as error:
            self.refuse(str(error))

    def connection_lost(self, error: Exception | None) -> None:
        self._patience.cancel()
        self.owner.closed(self)
        if not self.gone.done():
            self.gone.set_result(None)

    # -- hello, then messages --------------------------------------------------------------------------------------

    def _greet(self, peer: Address) -> None:
        self.transport.write(framed(self.owner.hello_for(peer).encode()))

    def _take(self, content: bytes) -> None:
        if self.peer is None:
            self._take_hello(Hello.decode(content))
        else:
            self.owner.received(self, self.owner.codec.decode(content))

    def _take_hello(self, hello: Hello) -> None:
        if self.expected is None:
            self._greet(hello.sender)  # also to whom we refuse, so that both ends can say why
        hello.check(self.owner.hello_for(hello.sender), self.expected)
        self.peer = hello.sender
        self._patience.cancel()
        self._frames.longest = self.owner.longest
        self.owner.greeted(self, hello)

    # -- leaving ---------------------------------------------------------------------------------------------------

    def refuse(self, reason: str) -> None:
        """Close this connection, and no other, because of what came (or did not come) over it."""
        if not self.transport.is_closing():
            self.transport.close()
            self.owner.refused(self, reason)
