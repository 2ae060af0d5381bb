"""The players of a contrast: in each protocol three nodes, who leads them, what it is asked, and what a decision is.

The participants of a commit protocol, the servers of Paxos and those of a replicated log all end up with the same
knowledge: that this request was decided, and how.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from consensus_lab.kernel import CLIENT, Address, Cast, Cost, Process
from consensus_lab.kernel.trace import MICROSECOND
from consensus_lab.protocols import multi_paxos, paxos, three_phase_commit, two_phase_commit, zab
from consensus_lab.protocols.commitment import Abort, Begin, Commit
from consensus_lab.protocols.multi_paxos.costs import PHASE_2_DELAYS, command_cost
from consensus_lab.protocols.multi_paxos.key_value import Add
from consensus_lab.protocols.multi_paxos.messages import Chosen, Request
from consensus_lab.protocols.paxos.costs import server_cost
from consensus_lab.protocols.paxos.messages import Propose
from consensus_lab.protocols.zab.application import Increment
from consensus_lab.protocols.zab.costs import write_cost
from consensus_lab.protocols.zab.messages import Txn, WriteRequest, ZabState
from consensus_lab.sim import World
from consensus_lab.sim.pickers import Seeded, play

WARMING_UP = 3 * MICROSECOND
"""In which those who elect have elected."""
SERVERS = 3
COMMAND = Request(CLIENT, 1, Add("x", 1))


@dataclass(frozen=True)
class Player:
    """One protocol as a contrast plays it. `formula`: what the textbook says a decision costs when nothing fails."""

    name: str
    cast: Cast
    request: Any
    is_decision: Callable[[Any], bool]  # whether this value, announced by a node, is the decision about the request
    formula: Cost
    source: str
    leader: Address | None = None  # None: whoever is LEADING
    holds: Callable[[Any], bool] = lambda process: False  # whether it was given the outcome without the decision

    def start(self) -> World:
        """The world in which somebody leads, nobody was asked anything, and nothing is on its way."""
        world = replace(World.of(self.cast), requests=())
        if self.leader is None:
            steps = play(world, Seeded(1), until=lambda world: world.now > WARMING_UP and world.at_rest)
            world = steps[-1].world
        machines = {me: replace(machine, depth=0) for me, machine in world.machines.items()}
        return replace(world, machines=machines, decisions=type(world.decisions)())

    def leader_in(self, world: World) -> Address:
        """Who leads in this world."""
        if self.leader is not None:
            return self.leader
        return next(me for me, process in world.processes.items() if leads(process))


def leads(process: Process) -> bool:
    """Whether it says of itself that it leads."""
    return getattr(process.state, "name", "") == "LEADING"


PLAYERS = (
    Player(
        "two-phase-commit",
        two_phase_commit.cast(SERVERS - 1),
        Begin("T1"),
        lambda value: isinstance(value, Commit | Abort),
        two_phase_commit.commit_cost("presumed-nothing", SERVERS - 1),
        "Mohan, Lindsay and Obermarck (1986), table 1",
        "coordinator",
    ),
    Player(
        "three-phase-commit",
        three_phase_commit.cast(SERVERS - 1, variant="termination"),
        Begin("T1"),
        lambda value: isinstance(value, Commit | Abort),
        three_phase_commit.commit_cost("termination", SERVERS - 1),
        "Skeen (1981); Bernstein, Hadzilacos and Goodman (1987), section 7.5",
        "coordinator",
    ),
    Player(
        "paxos",
        paxos.cast(servers=SERVERS, learning="all"),
        Propose("red"),
        lambda value: value == "red",
        server_cost(SERVERS, SERVERS),
        "Lamport (2001), sections 2.2 and 2.3",
        "s1",
    ),
    Player(
        "multi-paxos",
        multi_paxos.cast(SERVERS, clients=0),
        COMMAND,
        lambda value: isinstance(value, Chosen) and value.command == COMMAND,
        command_cost(SERVERS)._replace(delays=PHASE_2_DELAYS + 1),  # and the news is one message more
        "Lamport (2001), section 3",
    ),
    Player(
        "zab",
        zab.cast(SERVERS),
        WriteRequest(1, 1, Increment()),
        lambda value: isinstance(value, Txn),
        write_cost(SERVERS),
        "Junqueira, Reed and Serafini (2011), section 4",
        holds=lambda peer: peer.zab_state is ZabState.BROADCAST and bool(peer.replica),
    ),
)
