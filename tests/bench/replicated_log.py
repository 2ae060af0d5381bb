"""How fast a log is replicated: three processes on loopback, values of 100 bytes, and every disk really synced.

A client of its own, in this process, keeps so many requests outstanding at the leader. Beside commits a second, which
on a shared machine are mostly the machine's, it prints what a commit costs each server in CPU time.
``python -m tests.bench.replicated_log zab`` measures one protocol alone.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, cast

from consensus_lab.kernel import CLIENT, Address, Cast
from consensus_lab.kernel.trace import read_parameters, write_parameters
from consensus_lab.lab.role_main import network_of
from consensus_lab.net.framing import Frames, framed
from consensus_lab.net.hello import Hello
from consensus_lab.net.host import Host
from consensus_lab.net.journal import Journal
from consensus_lab.net.ports import Ports
from consensus_lab.net.tcp_bus import HOST, Network, TcpBus
from consensus_lab.protocols import multi_paxos, zab
from consensus_lab.protocols.multi_paxos.messages import Put, Reply, Request
from consensus_lab.protocols.zab import application
from consensus_lab.protocols.zab.messages import Response, WriteRequest

VALUE = "x" * 100
COMMITS = {128: 20_000, 1: 1_000}  # by how many are outstanding
WARM_UP = 500
NUMBERS = count(1)  # of requests: never the same twice, also by the next client
RETRY = 0.5  # seconds until the first request is sent again, while nobody leads yet


@dataclass(frozen=True)
class Subject:
    """One protocol: who plays, who will lead, what a session asks for the n-th time, and whose answer a message is."""

    cast: Cast
    leader: Address
    request: Callable[[int, int], Any]
    session: Callable[[Any], int | None]  # None: it is no answer, but news of another leader


SUBJECTS = {
    "multi-paxos": Subject(
        multi_paxos.cast(3, 0),
        "s1",
        lambda session, number: Request(f"u{session}", number, Put(f"key{session}", VALUE)),
        lambda reply: int(reply.client[1:]) if isinstance(reply, Reply) else None,
    ),
    "zab": Subject(
        zab.cast(3, application="map"),
        "n3",
        lambda session, number: WriteRequest(session, number, application.Put(f"key{session}", VALUE)),
        lambda response: response.session if isinstance(response, Response) else None,
    ),
}

# -- the servers -------------------------------------------------------------------------------------------------------


def serve(protocol: str, me: Address, ports: str, data: str) -> None:
    """Be one server until SIGTERM, and then say how much CPU time it took."""
    players = SUBJECTS[protocol].cast
    numbers = {address: int(port) for address, port in read_parameters(ports)}
    begun = time.process_time()
    asyncio.run(_serve(players, me, network_of(players, numbers), Path(data)))
    print(time.process_time() - begun)


async def _serve(players: Cast, me: Address, network: Network, data: Path) -> None:
    journal = Journal(data / me, network.codec)
    host = Host(me, players.fresh(me), TcpBus(me, network, share_port=True), journal)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, host.stop)
    await host.run()


@contextmanager
def servers(protocol: str, ports: Ports, data: Path) -> Iterator[dict[Address, float]]:
    """Three servers; what is yielded holds, when all have stopped, the CPU seconds of each."""
    numbers = write_parameters((address, str(port)) for address, port in ports.numbers.items())
    command = [sys.executable, "-m", "tests.bench.replicated_log", "--serve", protocol]
    started = {
        address: subprocess.Popen([*command, address, numbers, str(data)], stdout=subprocess.PIPE, text=True)
        for address in ports.numbers
    }
    used: dict[Address, float] = {}
    try:
        yield used
    finally:
        for process in started.values():
            process.terminate()
        used |= {address: float(process.communicate()[0] or 0) for address, process in started.items()}


# -- the client --------------------------------------------------------------------------------------------------------


class LeaderLostError(Exception):
    """The leader does not lead any more: on a busy machine its heartbeats may come too late."""


class Client(asyncio.Protocol):
    """Keeps requests outstanding at one server. Every answer is followed by the next request of the same session."""

    transport: asyncio.Transport

    def __init__(self, network: Network, subject: Subject) -> None:
        self._network = network
        self._subject = subject
        self._frames = Frames()
        self._greeted = False
        self._sent: dict[int, float] = {}  # by session: when its request left
        self._finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._wanted = 0
        self.latencies: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        codec = self._network.codec
        hello = Hello(self._network.protocol, codec.fingerprint, CLIENT, self._subject.leader, os.urandom(8).hex())
        self.transport.write(framed(hello.encode()))

    def data_received(self, data: bytes) -> None:
        frames = list(self._frames.feed(data))
        if not self._greeted:
            self._greeted = bool(frames)
            frames = frames[1:]
        for frame in frames:
            self.hear(self._network.codec.decode(frame))
        if len(self.latencies) >= self._wanted and not self._finished.done():
            self._finished.set_result(None)

    def hear(self, answer: Any) -> None:
        """One request is done: the next, if there are any left."""
        session = self._subject.session(answer)
        if session in self._sent:
            self.latencies.append(time.perf_counter() - self._sent.pop(session))
            if len(self.latencies) + len(self._sent) < self._wanted:
                self.ask(session)
        elif session is None and not self._finished.done():
            self._finished.set_exception(LeaderLostError())

    def ask(self, session: int) -> None:
        self._sent[session] = time.perf_counter()
        self.transport.write(framed(self._network.codec.encode(self._subject.request(session, next(NUMBERS)))))

    async def keep_asking(self, outstanding: int, commits: int) -> float:
        """Seconds until so many are answered. Raises LeaderLostError."""
        self._finished = asyncio.get_running_loop().create_future()
        self.latencies.clear()
        self._wanted = commits
        begun = time.perf_counter()
        for session in range(1, outstanding + 1):
            self.ask(session)
        await self._finished
        return time.perf_counter() - begun


async def connected(network: Network, subject: Subject) -> Client:
    """A client of the leader, once it leads and has answered for the first time."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            _, client = await loop.create_connection(
                lambda: Client(network, subject), HOST, network.ports[subject.leader]
            )
        except OSError:
            await asyncio.sleep(RETRY)
            continue
        try:
            async with asyncio.timeout(RETRY):
                await client.keep_asking(1, 1)
            await client.keep_asking(1, WARM_UP)
            return client
        except (TimeoutError, LeaderLostError):
            client.transport.abort()
            await asyncio.sleep(RETRY)


# -- figures -----------------------------------------------------------------------------------------------------------


async def replicate(network: Network, subject: Subject, outstanding: int) -> tuple[float, float]:
    """Commits a second, and the median of their latencies in seconds."""
    client = await connected(network, subject)
    took = await client.keep_asking(outstanding, COMMITS[outstanding])
    client.transport.abort()
    return COMMITS[outstanding] / took, statistics.median(client.latencies)


def measure(protocol: str, outstanding: int) -> None:
    """Print one line; begin again with other servers while the leader is lost."""
    while True:
        try:
            return _measure(protocol, outstanding)
        except LeaderLostError:
            print(f"{protocol:<12} {outstanding:>4} outstanding: the leader was lost, once more", flush=True)


def _measure(protocol: str, outstanding: int) -> None:
    subject = SUBJECTS[protocol]
    with tempfile.TemporaryDirectory() as folder, Ports(subject.cast.addresses) as ports:
        network = network_of(subject.cast, ports.numbers)
        with servers(protocol, ports, Path(folder)) as used:
            rate, latency = asyncio.run(replicate(network, subject, outstanding))
    cost = {address: seconds / (COMMITS[outstanding] + WARM_UP) * 1e6 for address, seconds in used.items()}
    cpu = ", ".join(f"{address} {microseconds:.0f}" for address, microseconds in cost.items())
    print(
        f"{protocol:<12} {outstanding:>4} outstanding: {rate:>8,.0f} commits/s, median {latency * 1000:6.2f} ms; "
        f"CPU µs a commit: {cpu}",
        flush=True,
    )


def main(protocols: tuple[str, ...] = tuple(SUBJECTS)) -> None:
    """Print a line for each protocol and each number of requests outstanding."""
    for protocol in protocols:
        for outstanding in COMMITS:
            measure(protocol, outstanding)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--serve", protocol, me, ports, data]:
            serve(protocol, me, ports, data)
        case wanted:
            main(tuple(wanted) or tuple(SUBJECTS))
