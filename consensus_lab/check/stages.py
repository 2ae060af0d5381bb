"""A search in stages: first to wherever something holds for the first time, and only from there on.

What a stage ends in is handed to the next as worlds, for each stage has a bound, and so a space, of its own. How often
each fault has struck is handed on, too: a bound speaks of the whole run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from consensus_lab.check.bounds import FAULTS, Bound, Budget
from consensus_lab.check.claims import Judge, Predicate, Sometimes, in_words
from consensus_lab.check.engines import Tell, run_to_its_end
from consensus_lab.check.search import Found, Search
from consensus_lab.check.space import Space
from consensus_lab.check.views import Aspect
from consensus_lab.kernel import Decision
from consensus_lab.sim import Choice, World
from consensus_lab.sim.growing import Growing
from consensus_lab.sim.network import Envelope, Network


@dataclass(frozen=True)
class Stage:
    """Go on only from where `goal` holds; up to there this bound counts."""

    goal: Predicate
    bound: Bound

    def __str__(self) -> str:
        return f"from where first {in_words(self.goal)}, and until then: {self.bound}"


def extended(bound: Bound, **changes: int | None) -> Bound:
    """A bound for what comes after. Raises ValueError unless it allows what was allowed before."""
    after = Bound(**{**vars(bound), **changes})
    for name in FAULTS:
        if getattr(after, name) < getattr(bound, name):
            raise ValueError(f"{name} must be at least {getattr(bound, name)}, as before: it counts for the whole run")
    return after


class Missed(Exception):
    """A stage that did not end in where it should: a limit, a rule that raised, or a goal that nothing reaches."""

    def __init__(self, stage: Stage, search: Search) -> None:
        super().__init__(str(stage))
        self.stage = stage
        self.search = search


class Gathering:
    """The judge of a stage: no state settles anything; those in which the goal holds are gathered, and not passed."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.gathered: dict[int, None] = {}

    def offending(self, states: Sequence[int]) -> None:
        """None of them is."""
        self.gathered |= dict.fromkeys(filter(self._judge.decides, states))

    def expandable(self, states: list[int]) -> list[int]:
        """Those in which the goal does not hold."""
        return [state for state in states if state not in self.gathered]


class Approach:
    """The stages before the last: what they lead to, and on which ways. Each may spend the whole budget."""

    def __init__(self, make: Callable[[Bound], Space], budget: Budget, aspects: frozenset[Aspect], tell: Tell) -> None:
        self._make = make
        self._budget = budget
        self._aspects = aspects
        self._tell = tell
        self._passed: list[tuple[Search, dict[int, int]]] = []  # each stage, and of which state each next root came

    def roots(self, stages: Sequence[Stage], bound: Bound) -> tuple[Space, list[int]]:
        """The space of the last stage, and the states in which it begins. Raises Missed when there are none."""
        first, *afters = [*(stage.bound for stage in stages), bound]
        space = self._make(first)
        roots = [space.initial]
        for stage, after in zip(stages, afters, strict=True):
            gathering = Gathering(Judge(space, Sometimes(stage.goal), self._aspects))
            search = run_to_its_end(Search(space, gathering, self._budget, self._tell, roots))
            if search.found or search.stopped or not gathering.gathered:
                raise Missed(stage, search)
            following = self._make(after)
            gathered = ((world_of(space, state), used(space, state), state) for state in gathering.gathered)
            origins = {following.encode(world, spent): state for world, spent, state in gathered}
            self._passed.append((search, origins))
            space, roots = following, list(origins)
        return space, roots

    def whole(self, found: Found) -> Found:
        """What was found, with the trail from the very beginning."""
        before = self.trail(found.root) if found.root is not None else ()
        return replace(found, trail=(*before, *found.trail))

    def trail(self, root: int) -> tuple[Choice, ...]:
        """The choices that lead to where the last stage begins."""
        choices: tuple[Choice, ...] = ()
        for search, origins in reversed(self._passed):
            root, before = search.way_to(origins[root])
            choices = (*before, *choices)
        return choices


def used(space: Space, state: int) -> dict[str, int]:
    """How much of the bound was used to come to this state."""
    counters = {**space.used, "timeouts": space.timeouts}
    return {name: field.read(state) for name, field in counters.items() if field}


def world_of(space: Space, state: int) -> World:
    """A world that is in this state."""
    locals_ = [space.local(address, state) for address in space.cast.addresses]
    parcels = space.flight.parcels(state)
    flight = (Envelope(n, p.sender, p.to, p.message, 0, 0, 0) for n, p in enumerate(parcels) if not p.is_request)
    cuts = tuple((link, 0) for link, field in space.cuts.items() if field.read(state))
    decisions = [Decision(local.me, value) for local in locals_ for value in local.announced]
    return World(
        space.cast,
        {local.me: local.machine for local in locals_},
        Network(space.cast.links, tuple(flight), cuts),
        tuple((p.to, p.message) for p in parcels if p.is_request),
        Growing(space.history.decisions(state) if space.history else decisions),
    )
