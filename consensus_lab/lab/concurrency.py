"""Skeen's structural conditions: may a commit protocol block? Read off the states that it can be in together.

Skeen, Nonblocking Commit Protocols (1981), the fundamental nonblocking theorem; Skeen and Stonebraker, A Formal Model
of Crash Recovery in a Distributed System (1983). All is computed from every world that a failure-free run can reach,
over every choice of who refuses: which local states occur together, which imply that all have voted yes, and which
follow which. Timeouts and recovery are left out, for it is these sets that say where a timeout may lead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import chain, combinations
from typing import Any, NamedTuple

from consensus_lab.check import Explored, reachable
from consensus_lab.kernel import Address, Cast
from consensus_lab.lab.catalogue import protocol
from consensus_lab.protocols.commitment import Voter
from consensus_lab.sim import World


class Local(NamedTuple):
    """The state of one process. A coordinator that has forgotten its verdict (DONE) counts as in its verdict."""

    role: str
    state: str

    def __str__(self) -> str:
        return f"{self.role} {self.state}"


@dataclass(frozen=True)
class Structure:
    """What is known of one local state."""

    local: Local
    beside: frozenset[Local]  # its concurrency set: the states in which others may be while one is in this
    follows: frozenset[str]  # the states next to it
    committable: bool  # whoever is in it may conclude that all have voted yes

    @property
    def sees_both(self) -> bool:
        """Others may have committed, and others may have aborted: a survivor in this state cannot tell."""
        return {"COMMIT", "ABORT"} <= {other.state for other in self.beside}

    @property
    def commits_in_doubt(self) -> bool:
        """It is not committable, and yet next to commit."""
        return not self.committable and "COMMIT" in self.follows

    @property
    def blocks(self) -> bool:
        """Skeen's theorem: a protocol is nonblocking exactly if no state does either."""
        return self.sees_both or self.commits_in_doubt


def structure(name: str, participants: int = 2) -> tuple[Structure, ...]:
    """Every local state of a commit protocol, coordinator first, each in the order of its states."""
    explored = [reachable(World.of(cast)) for cast in casts(name, participants)]
    beside, yes, follows = _beside(explored), _all_voted_yes(explored), _follows(explored)
    order = {local: index for index, local in enumerate(_in_order(explored))}
    return tuple(
        Structure(local, frozenset(beside[local]), frozenset(follows[local]), yes[local])
        for local in sorted(beside, key=order.__getitem__)
    )


def casts(name: str, participants: int) -> Iterator[Cast]:
    """The protocol with every set of participants refusing."""
    addresses = [f"p{number}" for number in range(1, participants + 1)]
    for unwilling in chain.from_iterable(combinations(addresses, size) for size in range(participants + 1)):
        cast: Cast = protocol(name).cast(participants, unwilling=unwilling)
        yield cast


def local_state(process: Any) -> Local:
    """Where a process stands, for Skeen's purposes."""
    forgotten = process.state.name == "DONE"
    return Local(process.role, type(process.verdict).__name__.upper() if forgotten else process.state.name)


def _locals(world: World) -> dict[Address, Local]:
    return {address: local_state(process) for address, process in world.processes.items()}


def _beside(explored: Iterable[Explored]) -> dict[Local, set[Local]]:
    found: dict[Local, set[Local]] = defaultdict(set)
    for world in chain.from_iterable(each.worlds for each in explored):
        states = _locals(world)
        for address, local in states.items():
            found[local] |= {other for peer, other in states.items() if peer != address}
    return found


def _all_voted_yes(explored: Iterable[Explored]) -> dict[Local, bool]:
    """For each local state, whether in every world that has it all promises are on disk."""
    implies: dict[Local, bool] = defaultdict(lambda: True)
    for world in chain.from_iterable(each.worlds for each in explored):
        voters = {address: process for address, process in world.processes.items() if isinstance(process, Voter)}
        promised = all(any(isinstance(r, v.promise) for r in world.journal(a)) for a, v in voters.items())
        for local in _locals(world).values():
            implies[local] &= promised
    return implies


def _follows(explored: Iterable[Explored]) -> dict[Local, set[str]]:
    found: dict[Local, set[str]] = defaultdict(set)
    for each in explored:
        for before, _, after in each.edges:
            then = _locals(each.worlds[after])
            for address, local in _locals(each.worlds[before]).items():
                if then[address] != local:
                    found[local].add(then[address].state)
    return found


def _in_order(explored: Iterable[Explored]) -> Iterator[Local]:
    for process in next(iter(explored)).worlds[0].processes.values():
        states: type[Enum] = type(process.state)
        yield from (Local(process.role, state.name) for state in states)
