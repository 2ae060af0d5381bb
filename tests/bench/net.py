"""How fast the network floor is: a leader and two followers replicate a log over loopback, fsyncs included.

All three hosts share one process and one event loop, so the figure is for one core. Run: ``python -m tests.bench.net``.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from consensus_lab.kernel import Address, Context, Links, Process, message, upon
from consensus_lab.kernel.notation import vocabulary
from consensus_lab.net.codec import Codec
from consensus_lab.net.host import Host
from consensus_lab.net.journal import Journal
from consensus_lab.net.ports import Ports
from consensus_lab.net.tcp_bus import Network, TcpBus

ENTRIES = 20_000
WINDOW = 1_000  # entries under way at once
FOLLOWERS = frozenset({"p1", "p2"})


@message
class Go:
    """Begin."""


@message
class Entry:
    """Leader to followers, and on everyone's disk."""

    number: int
    content: str


@message
class Ack:
    number: int


@dataclass
class Leader(Process):
    """Keeps WINDOW entries under way; an entry is committed when a follower and the leader itself hold it."""

    done: asyncio.Event
    next: int = 0
    acks: dict[int, int] = field(default_factory=dict)
    committed: int = 0

    @upon(Go)
    def begin(self, go: Go, ctx: Context) -> None:
        for _ in range(WINDOW):
            self.propose(ctx)

    def propose(self, ctx: Context) -> None:
        entry = Entry(self.next, "x" * 100)
        self.next += 1
        ctx.broadcast(FOLLOWERS, entry, eager=True)
        ctx.force(entry)
        ctx.send(ctx.me, Ack(entry.number))

    @upon(Ack)
    def count(self, ack: Ack, ctx: Context) -> None:
        self.acks[ack.number] = self.acks.get(ack.number, 0) + 1
        if self.acks[ack.number] == 2:
            self.committed += 1
            if self.next < ENTRIES:
                self.propose(ctx)
        if self.committed == ENTRIES:
            self.done.set()


@dataclass
class Follower(Process):
    leader: Address

    @upon(Entry)
    def accept(self, entry: Entry, ctx: Context) -> None:
        ctx.force(entry)
        ctx.send(self.leader, Ack(entry.number))


async def replicate(folder: Path, ports: Ports) -> tuple[float, list[Journal]]:
    """Seconds for ENTRIES commits, and the journals that hold them."""
    done = asyncio.Event()
    network = Network("bench", Links.FIFO, Codec(vocabulary(sys.modules[__name__])), ports.numbers)
    processes: dict[Address, Process] = {"leader": Leader(done), **{peer: Follower("leader") for peer in FOLLOWERS}}
    journals = {address: Journal(folder / address, network.codec) for address in processes}
    hosts = {a: Host(a, p, TcpBus(a, network, share_port=True), journals[a]) for a, p in processes.items()}
    tasks = [asyncio.create_task(host.run()) for host in hosts.values()]
    began = time.perf_counter()
    hosts["leader"].deliver("client", Go())
    await done.wait()
    took = time.perf_counter() - began
    for host in hosts.values():
        host.stop()
    await asyncio.gather(*tasks)
    return took, list(journals.values())


def main() -> None:
    """Print one line for each figure."""
    with tempfile.TemporaryDirectory() as folder, Ports(["leader", *FOLLOWERS]) as ports:
        took, journals = asyncio.run(replicate(Path(folder), ports))
    syncs = sum(journal.syncs for journal in journals)
    print(f"net: {ENTRIES / took:,.0f} commits/s on three journals, {4 * ENTRIES / took:,.0f} messages/s (one core)")
    print(f"net: {syncs / (3 * ENTRIES):.4f} fsyncs per record ({3 * ENTRIES:,} records, {syncs:,} fsyncs)")


if __name__ == "__main__":
    main()
