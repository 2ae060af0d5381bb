"""The graph of a search for what never happens: the states in which the goal is not reached, and the steps between.

It is explored breadth first, so that the way to a state is one of the shortest. Loops are looked for by strongly
connected components (Tarjan, 1972), whenever the graph has doubled: one that is found early is as good as any. It
refuses to know what is fair.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from consensus_lab.check.components import tarjan
from consensus_lab.check.fairness import possible
from consensus_lab.check.quotient import Quotient
from consensus_lab.check.space import Move, Space
from consensus_lab.sim import Choice


class Taken(NamedTuple):
    """A step as it is to be told: the choice, and how much higher all numbers are after it than is shown."""

    choice: Choice
    raised: int


OUT = -1
"""Where a step leads that leaves the graph: to the goal, or out of the bound."""


class Edge(NamedTuple):
    """One step of the graph: from and to which state (their numbers), by which move."""

    before: int
    move: Move
    to: int


class Graph:
    """States by number, in the order found. The first is the initial one."""

    def __init__(self, space: Space, quotient: Quotient, reached: Callable[[int], bool]) -> None:
        self.space = space
        self.quotient = quotient
        self.reached = reached
        self.states: list[int] = []
        self.successors: list[array[int]] = []  # of the states expanded so far: numbers, or OUT
        self.generated = 1
        self.left_out = 0
        self._number: dict[int, int] = {}
        self._parent: list[int] = []
        self._depth: list[int] = []
        self._moves: dict[tuple[int, int], tuple[Move, ...]] = {}
        self._find(space.initial, 0)

    # -- exploring ----------------------------------------------------------------------------------------------------

    @property
    def frontier(self) -> int:
        """States not expanded yet."""
        return len(self.states) - len(self.successors)

    @property
    def depth(self) -> int:
        """Of the deepest state, the first being 1."""
        return self._depth[-1] if self._depth else 0

    def expand(self) -> int:
        """Find the successors of the next state, whose number is returned."""
        number = len(self.successors)
        state = self.states[number]
        moves = self.moves(state)
        self.generated += len(moves)
        self.successors.append(array("q", [self._find(self.space.after(state, move), number) for move in moves]))
        return number

    def _find(self, state: int, parent: int) -> int:
        """The number of a state, which is new or known; OUT when it is not of this graph."""
        if state in self._number:  # it stands for itself
            return self._number[state]
        if (state + self.space.flight.bias) & self.space.flight.guard:
            self.left_out += 1
            return OUT
        low = self.quotient.lowest(state)
        if low is None:
            return OUT
        known = self._number.get(low[0])
        if known is None:
            known = self._number[low[0]] = OUT if self.reached(low[0]) else len(self.states)
            if known != OUT:
                self.states.append(low[0])
                self._parent.append(parent)
                self._depth.append(self._depth[parent] + 1 if self._depth else 1)
        return known

    def moves(self, state: int) -> list[Move]:
        """What may come next in this state."""
        found: list[Move] = []
        for node, mask in enumerate(self.space.masks):
            key = (node, state & mask)
            if key not in self._moves:
                self._moves[key] = tuple(self.space.moves(node, state & mask))
            found += self._moves[key]
        return possible(found, self.space.bound)

    def stuck(self, number: int) -> bool:
        """Whether nothing can happen any more that gets anywhere."""
        return self.space.quiescent(self.states[number])

    # -- reading ------------------------------------------------------------------------------------------------------

    def edges(self, number: int) -> Iterator[Edge]:
        """The steps out of an expanded state that stay in the graph."""
        state = self.states[number]
        for move, to in zip(self.moves(state), self.successors[number], strict=True):
            if to != OUT:
                yield Edge(number, move, to)

    def taken(self, edge: Edge) -> Taken:
        """This step, and how much higher the state is that it leads to than the one that stands for it."""
        low = self.quotient.lowest(self.space.after(self.states[edge.before], edge.move))
        assert low is not None
        return Taken(edge.move.choice, low[1])

    def way_to(self, number: int) -> list[Edge]:
        """The steps from the first state to this one."""
        way: list[Edge] = []
        while number:
            before = self._parent[number]
            way.append(next(edge for edge in self.edges(before) if edge.to == number))
            number = before
        return way[::-1]

    def way(self, start: int, within: frozenset[int], wanted: Callable[[Edge], bool]) -> list[Edge]:
        """A shortest way inside these states that ends with a wanted step; empty when there is none."""
        queue = deque([start])
        came: dict[int, Edge] = {}
        while queue:
            number = queue.popleft()
            for edge in self.edges(number):
                if edge.to in within and wanted(edge):
                    return [*_back(came, start, number), edge]
                if edge.to in within and edge.to != start and edge.to not in came:
                    came[edge.to] = edge
                    queue.append(edge.to)
        return []

    # -- loops --------------------------------------------------------------------------------------------------------

    def components(self, within: Iterable[int] | None = None) -> Iterator[frozenset[int]]:
        """Every set of these states between any two of which there is a way there and back, of at least one step."""
        numbers = range(len(self.successors)) if within is None else sorted(within)
        place = {number: at for at, number in enumerate(numbers)} if within is not None else None
        inside = self.successors if place is None else [self._inside(number, place) for number in numbers]
        for component in tarjan(inside):
            if len(component) > 1 or component[0] in inside[component[0]]:
                yield frozenset(numbers[at] for at in component)

    def _inside(self, number: int, place: Mapping[int, int]) -> array[int]:
        return array("q", [place[to] for to in self.successors[number] if to in place])


def _back(came: dict[int, Edge], start: int, number: int) -> list[Edge]:
    way: list[Edge] = []
    while number != start:
        way.append(came[number])
        number = came[number].before
    return way[::-1]
