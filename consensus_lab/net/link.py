"""A link: what is owed to one peer over whichever connection there is at the moment, and what a loss takes with it.

A BAG link may keep a message for a later connection. A FIFO link must not, once its owner has seen a loss: what was
sent before is lost, and nothing more leaves until the process has been told, so that no gap goes unnoticed.
"""

from __future__ import annotations

from consensus_lab.kernel import Address, Links
from consensus_lab.net.connection import Connection
from consensus_lab.net.framing import framed

MOST_WAITING = 64 * 1024 * 1024
"""Bytes that may wait for one peer. Whoever cannot keep up loses its connection, not our memory."""


class Link:
    """The way to one peer."""

    def __init__(self, peer: Address, kind: Links, most_waiting: int = MOST_WAITING) -> None:
        self.peer = peer
        self.kind = kind
        self.connection: Connection | None = None
        self.untold = 0  # losses that the process has not heard of yet
        self._most = most_waiting
        self._life = ""  # of the peer, as last met
        self._outbox: list[bytes] = []
        self._size = 0

    def put(self, content: bytes) -> bool:
        """Take one message for the peer. False: it cannot keep up, and too much waits for it already."""
        if self.untold:
            return True  # it goes nowhere, as the process is about to hear
        frame = framed(content)
        self._outbox.append(frame)
        self._size += len(frame)
        return self._size + self._unsent() <= self._most

    def flush(self) -> None:
        """Let everything that waits leave, in one write."""
        if self._outbox and self.connection is not None:
            self.connection.transport.write(b"".join(self._outbox))
            self.clear()

    def adopt(self, connection: Connection, life: str) -> None:
        """A connection is ready. A FIFO link owes nothing to a peer that has been switched off and on since."""
        if self.kind is Links.FIFO and self._life not in ("", life):
            self.clear()
        self.connection = connection
        self._life = life
        self.flush()

    def drop(self) -> None:
        """The connection is lost, with what was on its way."""
        if self.connection is not None:
            self.connection.transport.abort()
            self.connection = None
        if self.kind is Links.FIFO:
            self.clear()
            self.untold += 1

    def clear(self) -> None:
        self._outbox.clear()
        self._size = 0

    def _unsent(self) -> int:
        return self.connection.transport.get_write_buffer_size() if self.connection else 0
