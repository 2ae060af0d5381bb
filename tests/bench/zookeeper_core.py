"""How fast the ZooKeeper server is without its sockets and disk: requests a second through `Server.receive`, one core.

Each packet holds as many requests as a client keeps in flight; the packets of all clients are one batch, which is then
durable at once. Run: ``python -m tests.bench.zookeeper_core``; with ``--profile OP`` cProfile says where time goes.
"""

from __future__ import annotations

import cProfile
import sys
import time
from collections.abc import Callable

from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE
from consensus_lab.zookeeper.connection import Connection
from consensus_lab.zookeeper.database import Database
from consensus_lab.zookeeper.framing import framed
from consensus_lab.zookeeper.jute import encode
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import (
    ConnectRequest,
    CreateRequest,
    ExistsRequest,
    GetChildrenRequest,
    GetDataRequest,
    RequestHeader,
    SetDataRequest,
)
from consensus_lab.zookeeper.server import Server
from consensus_lab.zookeeper.settings import Now, Settings

CONNECTIONS = 8
IN_FLIGHT = 32
ROUNDS = 40
REPEATS = 10  # of which the best counts: on a shared machine the others tell of the others
NODES = 1000
DATA = b"x" * 100

Ask = Callable[[int], bytes]
"""The n-th request, framed."""


def request(type: int, record: object = None) -> bytes:
    """One frame."""
    return framed(encode(RequestHeader(1, type)) + (b"" if record is None else encode(record)))


def create(path: str) -> bytes:
    return request(OpCode.create, CreateRequest(path, DATA, OPEN_ACL_UNSAFE, 0))


def get_data(number: int) -> bytes:
    return request(OpCode.get_data, GetDataRequest(f"/bench/{number % NODES}", False))


def set_data(number: int) -> bytes:
    return request(OpCode.set_data, SetDataRequest(f"/bench/{number % NODES}", DATA, -1))


def mixed(number: int) -> bytes:
    return set_data(number) if number % 10 == 0 else get_data(number)


OPERATIONS: dict[str, Ask] = {
    "getData": get_data,
    "exists": lambda number: request(OpCode.exists, ExistsRequest(f"/bench/{number % NODES}", False)),
    "getChildren": lambda number: request(OpCode.get_children, GetChildrenRequest(f"/bench/{number % NODES}", False)),
    "ping": lambda number: request(OpCode.ping),
    "setData": set_data,
    "create": lambda number: create(f"/bench/{number % NODES}/{number}"),
    "mixed 90/10": mixed,
}


class Bench:
    """A server with some nodes, and clients connected to it."""

    def __init__(self) -> None:
        self.now = Now(1_700_000_000_000, 0)
        self.server = Server(Database(), Settings(), self.now)
        self.connections = [self.server.connect("127.0.0.1", self.now) for _ in range(CONNECTIONS)]
        greeting = framed(encode(ConnectRequest(0, 0, 30_000, 0, bytes(16), False)))
        self.batch([greeting] * CONNECTIONS)
        self.batch([b"".join([create("/bench")] + [create(f"/bench/{number}") for number in range(NODES)])])

    def batch(self, packets: list[bytes]) -> int:
        """Everything that arrived together, and all that it makes the server say. Returns the bytes said."""
        for connection, packet in zip(self.connections, packets, strict=False):
            self.server.receive(connection, packet, self.now)
        self.server.durable(len(self.server.take_records()), self.now)
        return sum(map(self.carry, self.server.take_spoken()))

    @staticmethod
    def carry(connection: Connection) -> int:
        said = b"".join(connection.out)
        connection.out.clear()
        return len(said)

    def rate(self, ask: Ask, profile: cProfile.Profile | None = None) -> float:
        """Requests a second of processor time."""
        count = ROUNDS * CONNECTIONS * IN_FLIGHT
        return max(self.run(ask, range(at, at + count), profile) for at in range(0, REPEATS * count, count))

    def run(self, ask: Ask, requests: range, profile: cProfile.Profile | None) -> float:
        numbers = iter(requests)
        batches = [
            [b"".join(ask(next(numbers)) for _ in range(IN_FLIGHT)) for _ in range(CONNECTIONS)] for _ in range(ROUNDS)
        ]
        began = time.process_time()
        if profile:
            profile.enable()
        for packets in batches:
            self.batch(packets)
        if profile:
            profile.disable()
        return len(requests) / (time.process_time() - began)


def main() -> None:
    """Print one line for each operation."""
    if "--profile" in sys.argv:
        profile = cProfile.Profile()
        Bench().rate(OPERATIONS[sys.argv[-1]], profile)
        profile.print_stats("tottime")
        return
    for name, ask in OPERATIONS.items():
        print(f"zookeeper_core: {Bench().rate(ask):>9,.0f} {name} a second (one core, no sockets, no disk)")


if __name__ == "__main__":
    main()
