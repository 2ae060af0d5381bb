"""Who plays in Multi-Paxos: servers s1, s2 ... that replicate a key-value machine, and clients c1, c2 ... of it."""

from __future__ import annotations

from itertools import cycle

from consensus_lab.kernel import CLIENT, Address, Cast, Process
from consensus_lab.kernel.cast import numbered, refuse_unless, told
from consensus_lab.kernel.quorum import Majority
from consensus_lab.protocols.multi_paxos.client import Client
from consensus_lab.protocols.multi_paxos.invariants import INVARIANTS
from consensus_lab.protocols.multi_paxos.key_value import Add, Get, Operation, Put
from consensus_lab.protocols.multi_paxos.lease import LeaseServer
from consensus_lab.protocols.multi_paxos.messages import Call, Request
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
    server: type[Server] | None = None,
    client: type[Client] | None = None,
) -> Cast:
    """Servers s1 ..., of which s1 leads at first, and clients c1 ..., who ask for the first of `wishes`, and so on.

    `snapshot_every` counts slots; 0 is never. Classes of your own play in their roles' stead.
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
    return Cast(NAME, processes, tuple(zip(users, calls, strict=False)), INVARIANTS, parameters=parameters)


def some_commands(servers: int, commands: int) -> Cast:
    """No clients but the outside, which asks s1: to be measured against `command_cost`."""
    alone = cast(servers, clients=0)
    asked = (("s1", Request(CLIENT, number, Add("x", 1))) for number in range(1, commands + 1))
    return Cast(NAME, alone.processes, tuple(asked), INVARIANTS, parameters=alone.parameters)
