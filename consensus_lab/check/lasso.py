"""Lassos: a way, and a loop that is fair to all whom it might neglect. Found in a graph, told as steps of a World.

A loop stands for a run without end. So that nobody need believe it, its story goes round more than once in a World, and
is refused if it does not come out as the search said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from consensus_lab.check.bounds import Bound
from consensus_lab.check.fairness import Duty, Fairness, done_by, duties, urgent
from consensus_lab.check.graph import Edge, Graph, Taken
from consensus_lab.check.story import Disagreement, Story
from consensus_lab.kernel import Cast
from consensus_lab.sim import Deliver, Duplicate, Impossible, World, WorldStep, WorldTrace

if TYPE_CHECKING:
    from consensus_lab.check.liveness import Eventually, Never

LAPS = 3
"""How often a loop is played before it is believed; two of them are told."""
STARTS = 50
"""From how many states of a component a loop is looked for: the shortest way in need not have the shortest loop."""


class Loops:
    """Looks for fair loops in what is explored of a graph."""

    def __init__(self, graph: Graph, fairness: Fairness) -> None:
        self.graph = graph
        self.fairness = fairness

    def find(self) -> tuple[Edge, ...] | None:
        """A fair loop; None when there is none so far. It is soon reached and short, but not surely the shortest."""
        fair = [part for component in self.graph.components() for part in self._fair_parts(component)]
        if not fair:
            return None
        component = min(fair, key=min)
        return min((self._round(component, start) for start in sorted(component)[:STARTS]), key=len)

    # -- which components are fair ------------------------------------------------------------------------------------

    def _fair_parts(self, component: frozenset[int]) -> Iterator[frozenset[int]]:
        """The component, if on a tour of it nothing is neglected; else those of its parts of which that is true."""
        if self._neglected(component):
            return
        urgent = self._urgent(component)
        undone = urgent - {duty for edge in self._inside(component) for duty in self._done(edge)} if urgent else set()
        if not undone:
            yield component
            return
        calm = [number for number in component if undone.isdisjoint(self._urgent([number]))]
        for part in self.graph.components(calm):
            yield from self._fair_parts(part)

    def _neglected(self, component: frozenset[int]) -> set[Duty]:
        """What can be done in every state of the component, and is never done in it."""
        pending = self._duties(min(component))
        for number in sorted(component):
            if not pending:
                break
            pending &= self._duties(number)
            for edge in self._inside(component, number) if pending else ():
                pending -= self._done(edge)
        return pending

    def _inside(self, component: frozenset[int], *of: int) -> Iterator[Edge]:
        """The steps of the component, or those out of one of its states."""
        return (edge for number in of or component for edge in self.graph.edges(number) if edge.to in component)

    def _duties(self, number: int) -> set[Duty]:
        return duties(self.graph.moves(self.graph.states[number]), self.fairness)

    def _urgent(self, numbers: Iterable[int]) -> set[Duty]:
        moves = (self.graph.moves(self.graph.states[number]) for number in numbers)
        return {duty for each in moves for duty in urgent(each, self.fairness, self.graph.space.bound)}

    def _done(self, edge: Edge) -> set[Duty]:
        return set(done_by(edge.move, self.fairness))

    # -- a way round --------------------------------------------------------------------------------------------------

    def _round(self, component: frozenset[int], start: int) -> tuple[Edge, ...]:
        """A loop from this state back to it, on which every duty is done, or could not be done for a moment."""
        urgent = self._urgent(component)
        pending = self._duties(start) | urgent
        steps: list[Edge] = []
        while pending:
            here = steps[-1].to if steps else start
            for edge in self.graph.way(here, component, partial(self._relieves, pending, urgent)):
                pending -= self._relieved(pending, urgent, edge)
                steps.append(edge)
        here = steps[-1].to if steps else start
        if not steps or here != start:
            steps += self.graph.way(here, component, lambda edge: edge.to == start)
        return tuple(steps)

    def _relieved(self, pending: set[Duty], urgent: set[Duty], edge: Edge) -> set[Duty]:
        """Those of the pending duties that this step does, or that are not urgent and cannot be done after it."""
        return self._done(edge) | (pending - urgent - self._duties(edge.to))

    def _relieves(self, pending: set[Duty], urgent: set[Duty], edge: Edge) -> bool:
        return not pending.isdisjoint(self._relieved(pending, urgent, edge))


# -- told ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Loop(Story):
    """A way, and a loop gone round twice: the steps of both, and where the loop begins."""

    before: int = 0  # steps before the loop
    around: int = 1  # steps of the loop
    higher: str = ""  # what is different each time round

    def captions(self) -> dict[int, list[str]]:
        """A sentence a step, and where the loop begins, and begins again."""
        captions = super().captions()
        again = f"Here it is as it was {self.around} steps ago{self.higher}, and all begins again."
        for number, told in ((0, "Here begins the loop."), (1, again)):
            captions.setdefault(self.before + number * self.around, []).insert(0, told)
        captions[len(self.trace)] = [again, *captions[len(self.trace)]]
        return captions

    @property
    def length(self) -> str:
        steps = f"{self.before} step{'' if self.before == 1 else 's'}"
        return f"A way of {steps} leads to a loop of {self.around}, which goes round for ever{self.higher}:"

    def __str__(self) -> str:
        lines = [f"{number:>4}. {told}" for number, told in enumerate(self.sentences, 1)]
        end = self.before + self.around
        return "\n".join([*lines[: self.before], "      again and again:", *lines[self.before : end]])


def tell_run(cast: Cast, claim: Eventually, never: Never, bound: Bound, *, native: bool) -> Story:
    """Play a run on which it never comes to the goal. Raises Disagreement when a World comes to another end."""
    if bound.network == "set":
        never = replace(never, way=_kept(never.way), loop=_kept(never.loop))
    try:
        way, high = _play(cast, World.of(cast), never.way, 0)
        laps = _go_round(cast, way[-1].world if way else World.of(cast), never.loop, high)
    except Impossible as error:
        raise Disagreement(f"the search found a run that a World cannot follow: {error}") from None
    shown = WorldTrace((*way, *laps[: 2 * len(never.loop)]))
    if never.broken:
        ending = f"{never.broken.failure} (on '{never.broken.choice}', the next step)"
        return Story(cast, shown, ending, native)
    missed = [claim.missed_by(world) for world in (World.of(cast), *(step.world for step in (*way, *laps)))]
    if None in missed:
        raise Disagreement(f"the search found a run on which it is never so, and a World comes to it: {claim.goal}")
    ending = f"never {claim.goal}: {missed[-1]}, and "
    if not never.loop:
        return Story(cast, shown, f"{ending}nothing gets anywhere any more", native)
    ending += f"{len(never.loop)} steps go round for ever"
    higher = _higher(cast, never)
    return Loop(cast, shown, ending, native, before=len(way), around=len(never.loop), higher=higher)


def _kept(run: Iterable[Taken]) -> tuple[Taken, ...]:
    """A run on a set network as one on a bag: what arrives is on its way still."""
    whole: list[Taken] = []
    for taken in run:
        if isinstance(taken.choice, Deliver):
            whole.append(Taken(Duplicate(taken.choice.sender, taken.choice.to, taken.choice.message), 0))
        whole.append(taken)
    return tuple(whole)


def _go_round(cast: Cast, world: World, loop: Sequence[Taken], high: int) -> list[WorldStep]:
    """The loop, several times."""
    laps: list[WorldStep] = []
    for _ in range(LAPS if loop else 0):
        taken, high = _play(cast, laps[-1].world if laps else world, loop, high)
        laps += taken
    return laps


def _play(cast: Cast, world: World, run: Iterable[Taken], high: int) -> tuple[list[WorldStep], int]:
    """These steps in a World whose numbers are so much higher; also by how much they are in the end."""
    steps: list[WorldStep] = []
    for choice, raised in run:
        steps.append(world.step(cast.recurrence.raised(choice, high)))
        world = steps[-1].world
        high += raised
    return steps, high


def _higher(cast: Cast, never: Never) -> str:
    """What is different each time round."""
    by = sum(taken.raised for taken in never.loop)
    kinds = " and ".join(f"every {kind.__name__}" for kind in cast.recurrence.counted)
    return f", with {kinds} {by} higher" if by else ""
