"""Every world that can be reached from one, by breadth-first search: short and plain, for casts of two or three.

`explore` searches millions of states and keeps none of them. This keeps every world and every step between two, for
those who read the whole graph, and can be told which choices are allowed; it judges nothing by itself.

Two worlds count as one when nothing that can still happen, and no claim about decisions, tells them apart: the time,
the number of steps and the serial numbers do not matter. The search is finite only if what repeats is budgeted: timers
that are set anew, crashes, losses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from consensus_lab.check.freeze import freeze_process
from consensus_lab.kernel import Links, Violation
from consensus_lab.sim import Choice, World
from consensus_lab.sim.faults import every_fault
from consensus_lab.sim.machine import Machine
from consensus_lab.sim.network import Network

UNLIMITED = ("deliver", "sync", "submit")
"""What happens by itself and cannot go on for ever. Everything else happens as often as its budget says."""

Budgets = Mapping[str, int]
"""How often a verb may be taken on the way to any world: ``{"crash": 1, "fire": 2}``."""


class Edge(NamedTuple):
    """From one world to another, by index."""

    before: int
    choice: Choice
    after: int


@dataclass(frozen=True)
class Explored:
    """What the search found. The first world is where it began; edges stand in the order in which they were taken."""

    worlds: tuple[World, ...]
    edges: tuple[Edge, ...]
    complete: bool  # False: the limit was reached first

    def trail(self, index: int) -> tuple[Choice, ...]:
        """A shortest way from the first world to this one."""
        came_by = {edge.after: edge for edge in reversed(self.edges)}
        choices: list[Choice] = []
        while index:
            choices.append(came_by[index].choice)
            index = came_by[index].before
        return tuple(reversed(choices))

    def violations(self) -> Iterator[tuple[int, Violation]]:
        """Every violation of the cast's invariants, nearest to the first world first."""
        for index, world in enumerate(self.worlds):
            yield from ((index, violation) for violation in world.violations())


def reachable(
    world: World,
    budgets: Budgets | None = None,
    *,
    limit: int = 100_000,
    allowed: Callable[[World, Choice], bool] = lambda world, choice: True,
) -> Explored:
    """Every world that can be reached within these budgets, as long as there are at most `limit` of them.

    A choice is taken only where it is `allowed`.
    """
    start = (world, Counter(budgets or {}))
    seen = {(identity(world), _spent(start[1])): 0}
    found = [start]
    edges: list[Edge] = []
    for index, (before, left) in enumerate(found):  # grows while it is walked
        for choice in _choices(before, left):
            if not allowed(before, choice):
                continue
            after = before.take(choice)
            rest = left - Counter([choice.verb])
            key = (identity(after), _spent(rest))
            if key not in seen:
                if len(found) == limit:
                    return Explored(tuple(w for w, _ in found), tuple(edges), complete=False)
                seen[key] = len(found)
                found.append((after, rest))
            edges.append(Edge(index, choice, seen[key]))
    return Explored(tuple(w for w, _ in found), tuple(edges), complete=True)


def _choices(world: World, left: Counter[str]) -> Iterator[Choice]:
    """What may happen next, and is still in the budget."""
    affordable = {verb for verb, times in left.items() if times > 0}
    yield from (move for move in world.moves() if move.verb in UNLIMITED or move.verb in affordable)
    if affordable - {"fire"}:
        yield from every_fault(world, affordable)


def _spent(left: Counter[str]) -> Hashable:
    return frozenset(left.items())


# -- when two worlds are one ------------------------------------------------------------------------------------------


def identity(world: World) -> Hashable:
    """Equal for worlds that nothing tells apart."""
    return (
        tuple(_machine(machine) for machine in world.machines.values()),
        _network(world.network),
        world.requests,
        frozenset(world.decisions),
    )


def _machine(machine: Machine) -> Hashable:
    node = machine.node
    disk = (tuple(machine.disk.records), machine.disk.torn)
    if node is None:
        return disk
    held = tuple((needed - node.synced, effect) for needed, effect in node.held)
    timers = frozenset(armed.timer for armed in machine.timers)
    return disk, freeze_process(node.process), node.unwritten, held, timers, machine.paused


def _network(network: Network) -> Hashable:
    flight = [(envelope.sender, envelope.to, envelope.message) for envelope in network.flight]
    cuts = frozenset(link for link, _ in network.cuts)
    return (frozenset(Counter(flight).items()) if network.links is Links.BAG else tuple(flight)), cuts
