"""Does it come to this in the end? A search for a run on which it never does: one that gets stuck, or one that loops.

Both are looked for among the states in which the goal is not reached yet. Whoever gets stuck has a story that ends; who
loops has one that goes on for ever, told in `lasso`. How a state is found and kept is the affair of `graph`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from consensus_lab.check.bounds import Bound, Budget
from consensus_lab.check.fairness import FAIRNESS, HOW_FAIR, Fairness
from consensus_lab.check.flight import Full
from consensus_lab.check.graph import Graph, Taken
from consensus_lab.check.lasso import Loops
from consensus_lab.check.local import Broken
from consensus_lab.check.memory import held
from consensus_lab.check.quotient import Freezer, Quotient
from consensus_lab.check.search import CHUNK, Progress
from consensus_lab.check.space import Space
from consensus_lab.check.views import Aspect, Viewer
from consensus_lab.kernel import Cast, Invariant, View

SMALLEST = 2_000
"""States after which loops are looked for first; and then whenever there are twice as many."""


@dataclass(frozen=True)
class Eventually:
    """Every run comes to this: whatever happens, if it happens fairly.

    `apart`: how far the numbers that a protocol counts (see `kernel.Recurrence`) may be from each other.
    Raises ValueError for a fairness that there is none of.
    """

    goal: Invariant
    fairness: Fairness = "message"
    apart: int = 2
    wanted: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.fairness not in FAIRNESS:
            raise ValueError(f"fairness must be one of {', '.join(FAIRNESS)}, not {self.fairness!r}")
        if self.apart < 1:
            raise ValueError(f"apart must be at least 1, not {self.apart!r}")

    def missed_by(self, view: View) -> str | None:
        """Why it has not come to this yet, as a sentence; None when it has."""
        violation = self.goal.refute(view)
        return violation.witness if violation else None

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is claimed, and of which runs."""
        return (f"eventually {self.goal}, {HOW_FAIR[self.fairness]}",)


@dataclass(frozen=True)
class Never:
    """A run on which the goal is never reached: a way, and the loop that follows on it; none if all is still then.

    Or a way after which a rule raises.
    """

    way: tuple[Taken, ...]
    loop: tuple[Taken, ...] = ()
    broken: Broken | None = None


class Pursuit:
    """One search for a run that never comes to the goal. `run` goes on until one is found, or the space exhausted."""

    def __init__(
        self,
        cast: Cast,
        bound: Bound,
        claim: Eventually,
        aspects: frozenset[Aspect],
        budget: Budget,
        tell: Callable[[Progress], None] | None = None,
    ) -> None:
        """Raises RuleFailed or Full when there is not even a first state."""
        freeze = Freezer(cast, cast.recurrence)
        self.space = Space(cast, bound, counts_timeouts="timeouts" in aspects, freeze=freeze)
        self.claim = claim
        self.budget = budget
        self.tell = tell
        self.found: Never | None = None
        self.stopped: str | None = None
        self._begun = time.monotonic()
        viewer = Viewer(self.space, aspects)
        reached = cache(lambda sight: claim.missed_by(viewer.look(sight)) is None)
        quotient = Quotient(self.space, cast.recurrence, claim.apart)
        self.graph = Graph(self.space, quotient, lambda state: reached(viewer.sight(state)))

    @property
    def progress(self) -> Progress:
        """How far it has come; only states in which the goal is not reached are counted."""
        return Progress(
            distinct=len(self.graph.states),
            generated=self.graph.generated,
            depth=self.graph.depth,
            frontier=self.graph.frontier,
            seconds=time.monotonic() - self._begun,
            steps=self.space.locals.steps,
            met_copies=bool(self.graph.left_out) or self.space.crowded,
            memory=held(),
        )

    def run(self) -> None:
        """Search. What it came to is in `found` and `stopped`; a limit, too, is followed by a last look for loops."""
        try:
            self._explore()
        except Full as full:
            self.stopped = str(full)
        if self.found is None and (self.stopped or not self.graph.frontier):
            self._look_for_loops()

    def _explore(self) -> None:
        look_at = SMALLEST
        while self.graph.frontier and self.found is None:
            self._expand()
            if len(self.graph.successors) % CHUNK == 0 and self._spent():
                return
            if len(self.graph.successors) == look_at:
                look_at *= 2
                self._look_for_loops()

    def _expand(self) -> None:
        number = len(self.graph.successors)
        try:
            if self.graph.stuck(number):
                self.found = Never(self._way_to(number))
            else:
                self.graph.expand()
        except Broken as broken:
            self.found = Never(self._way_to(number), broken=broken)

    def _way_to(self, number: int) -> tuple[Taken, ...]:
        return tuple(map(self.graph.taken, self.graph.way_to(number)))

    def _look_for_loops(self) -> None:
        loop = Loops(self.graph, self.claim.fairness).find()
        if loop is not None:
            self.found = Never(self._way_to(loop[0].before), tuple(map(self.graph.taken, loop)))
            self.stopped = None

    def _spent(self) -> bool:
        progress = self.progress
        if self.tell:
            self.tell(progress)
        self.stopped = self.budget.spent(progress.distinct, progress.seconds, progress.memory)
        return self.stopped is not None


def besides(cast: Cast, claim: Eventually) -> str:
    """What bounds such a search besides its bound, as a clause."""
    words = cast.recurrence
    if not words:
        return ""
    kinds = " or ".join(f"{kind.__name__}s" for kind in words.counted)
    near = f"; {kinds} no more than {claim.apart} apart" if kinds else ""
    return f"{near}; states that differ only in {words} are one"
