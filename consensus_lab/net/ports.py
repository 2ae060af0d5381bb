"""Free ports of this machine, kept free for those they are meant for.

A reserved port is bound, and nobody listens on it: a call is refused as if nobody were there, and the kernel gives it
to no other socket, also not while its node is down. Its node then listens beside the reservation (SO_REUSEPORT).
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from types import TracebackType

from consensus_lab.kernel import Address
from consensus_lab.net.tcp_bus import HOST


class Ports:
    """A port of 127.0.0.1 for each address, reserved until closed. A context manager."""

    def __init__(self, addresses: Iterable[Address]) -> None:
        self._sockets = {address: reserved() for address in addresses}
        self.numbers: dict[Address, int] = {address: held.getsockname()[1] for address, held in self._sockets.items()}

    def close(self) -> None:
        for held in self._sockets.values():
            held.close()

    def __enter__(self) -> Ports:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def reserved() -> socket.socket:
    """A socket that holds a free port and does not listen."""
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    held.bind((HOST, 0))
    return held
