"""A client's line to one node: blocking, for whoever has no event loop. It submits requests and hears no answers."""

from __future__ import annotations

import os
import socket
from typing import Any

from consensus_lab.kernel import CLIENT, Address
from consensus_lab.net.errors import FrameError, NetError
from consensus_lab.net.framing import Frames, framed
from consensus_lab.net.hello import LONGEST, Hello
from consensus_lab.net.tcp_bus import HOST, Network


class Caller:
    """One connection, made at once. Raises NetError when nobody, or somebody else, answers within `timeout` seconds."""

    def __init__(self, network: Network, to: Address, timeout: float) -> None:
        self._network = network
        self._to = to
        try:
            self._socket = socket.create_connection((HOST, network.ports[to]), timeout)
        except OSError as error:
            raise NetError(f"{to} does not answer on {HOST}:{network.ports[to]}: {error}") from error
        try:
            self._greet()
        except BaseException:
            self.close()
            raise

    def submit(self, request: Any) -> None:
        """Send one request. It has left when this returns; what becomes of it is the protocol's matter."""
        try:
            self._socket.sendall(framed(self._network.codec.encode(request)))
        except OSError as error:
            raise NetError(f"the connection to {self._to} is lost: {error}") from error

    def close(self) -> None:
        self._socket.close()

    def _greet(self) -> None:
        own = Hello(self._network.protocol, self._network.codec.fingerprint, CLIENT, self._to, os.urandom(8).hex())
        self._socket.sendall(framed(own.encode()))
        Hello.decode(self._first_frame()).check(own, self._to)

    def _first_frame(self) -> bytes:
        frames = Frames(LONGEST)
        try:
            while data := self._socket.recv(LONGEST):
                for content in frames.feed(data):
                    return content
        except OSError as error:
            raise NetError(f"{self._to} says no hello: {error}") from error
        raise FrameError(f"{self._to} hung up without a hello")
