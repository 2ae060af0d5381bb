"""Who plays in Multi-Paxos: servers s1, s2 ... that replicate a key-value machine, and clients c1, c2 ... of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle

from consensus_lab.kernel import CLIENT, Address, Cast, Cost, Process
from consensus_lab.kernel.cast import numbered, refuse_unless, told
from consensus_lab.kernel.quorum import Majority
from consensus_lab.protocols.multi_paxos.client import Client
from consensus_lab.protocols.multi_paxos.costs import command_cost, lease_read_cost, read_cost
from consensus_lab.protocols.multi_paxos.invariants import EVENTUALLY, INVARIANTS
from consensus_lab.protocols.multi_paxos.key_value import Add, Get, Operation, Put
from consensus_lab.protocols.multi_paxos.lease import LeaseServer
from consensus_lab.protocols.multi_paxos.messages import Call, Request
from consensus_lab.protocols.multi_paxos.primary_order import order_of_each_primary
from consensus_lab.protocols.multi_paxos.read_index import ReadIndexServer
from consensus_lab.protocols.multi_paxos.server import Server

NAME = "multi-paxos"
READS: dict[str, type[Server]] = {"log": Server, "index": ReadIndexServer, "lease": LeaseServer}
"""What a read costs: a slot of the log; a round of messages; nothing, while nobody else may lead."""
WISHES: dict[str, Operation] = {"add": Add("x", 1), "get": Get("x"), "red": Put("x", "red"), "blue": Put("x", "blue")}
"""What a client may ask for by one word."""


def cast(
    servers: int = 3,
    clients: int = 2,
    *,
    reads: str = "log",
    snapshot_every: int = 1000,
    wishes: tuple[str, ...] = ("add", "get"),
    primary_order: bool = False,
    server: type[Server] | None = None,
    client: type[Client] | None = None,
) -> Cast:
    """Servers s1 ..., of which s1 leads at first, and clients c1 ..., who ask for the first of `wishes`, and so on.

    `snapshot_every` counts slots; 0 is never. With `primary_order` it is held to what ZAB promises, too. Classes of
    your own play in their roles' stead.
    Raises ValueError, with a sentence, for numbers that make no cast and for words that are none.
    """
    parameters = told(cast, locals())
    refuse_unless(reads in READS, f"reads must be one of {', '.join(READS)}, not {reads}")
    refuse_unless(snapshot_every >= 0, f"snapshot_every must be 0 (never) or more slots, not {snapshot_every}")
    unknown = [wish for wish in wishes if wish not in WISHES]
    refuse_unless(not unknown, f"wishes are of {', '.join(WISHES)}; not {', '.join(unknown)}")
    names = numbered("servers", "s", servers)
    users = numbered("clients", "c", clients, least=0)
    kind, quorum = server or READS[reads], Majority(frozenset(names))
    processes: dict[Address, Process] = {
        name: kind(quorum=quorum, first=names[0], snapshot_every=snapshot_every) for name in names
    }
    processes |= {user: (client or Client)(servers=names) for user in users}
    calls = (Call(WISHES[wish]) for wish in cycle(wishes))
    invariants = (*INVARIANTS, order_of_each_primary) if primary_order else INVARIANTS
    asked = tuple(zip(users, calls, strict=False))
    return Cast(NAME, processes, asked, invariants, parameters=parameters, eventually=EVENTUALLY)


def some_commands(servers: int, commands: int, *, wish: str = "add", reads: str = "log") -> Cast:
    """No clients but the outside, which asks s1, one thing after the other: to be measured."""
    alone = cast(servers, clients=0, reads=reads)
    asked = (("s1", Request(CLIENT, number, WISHES[wish])) for number in range(1, commands + 1))
    return replace(alone, requests=tuple(asked))


STEADY = {
    "a write": ("add", "log"),
    "a read in the log": ("get", "log"),
    "a read by read index": ("get", "index"),
    "a read by lease": ("get", "lease"),
}
"""What a leader may be asked for, once it leads: the wish, and the way to read."""


def one_more(variant: str, servers: int) -> tuple[Cast, Cast]:
    """Two runs that differ by one such request: the difference of their costs is to be `one_more_cost`."""
    wish, reads = STEADY[variant]
    return some_commands(servers, 1, wish=wish, reads=reads), some_commands(servers, 2, wish=wish, reads=reads)


def one_more_cost(variant: str, servers: int) -> Cost:
    """What it should cost."""
    costs = {"log": command_cost, "index": read_cost, "lease": lease_read_cost}
    return costs[STEADY[variant][1]](servers)
