"""Breadth-first search over the states of a space: the first state found to offend is one that is soonest reached.

It moves only integers; what a state means is the space's affair, and what is offensive the claim's. Trails are found
backwards through the levels, so that no state need remember where it came from.

Neither symmetry nor partial order is made use of, because it was measured. Orbits would leave 920 of the 296,448
states of TwoPhase with seven managers, and TLC takes twice as long to find them (18.9 s, not 9.6 s); from Paxos on,
servers are told apart by their numbers and are not interchangeable at all. Sleep sets spare 17 % of the steps of Paxos
and half of TwoPhase's, and take five times as long (0.42 s, not 0.08 s): here a step is an addition, and cheaper than
the question whether it is needed.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from consensus_lab.check.bounds import Budget
from consensus_lab.check.fairness import possible
from consensus_lab.check.flight import Full
from consensus_lab.check.local import Broken
from consensus_lab.check.memory import held
from consensus_lab.check.space import Space
from consensus_lab.sim import Choice, RuleFailed

INTERRUPT = "an interrupt"
CHUNK = 2_000
"""States expanded between two looks at the clock."""


@dataclass(frozen=True)
class Progress:
    """How far a search has come, in TLC's convention: the initial state is generated too, and is depth 1."""

    distinct: int = 0
    generated: int = 0
    depth: int = 0
    frontier: int = 0  # states known but not expanded yet
    seconds: float = 0.0
    memory: int = 0  # bytes that this process holds
    steps: int = 0  # how often a process took a step: once for each distinct pair of local state and event
    met_copies: bool = False  # whether a step was not taken because it makes too many copies of one message
    by_fingerprint: bool = False  # whether states are told apart by 64 bits each

    @property
    def risk(self) -> float:
        """How likely it is, at most, that any two of the states were taken for one."""
        return self.distinct**2 / 2**65 if self.by_fingerprint else 0.0

    @property
    def speed(self) -> float:
        """Distinct states a second."""
        return self.distinct / self.seconds if self.seconds else 0.0


class Judge(Protocol):
    """Looks at states as they are found, and says which need not be looked behind."""

    def offending(self, states: Sequence[int]) -> int | None:
        """The first of these states that decides the matter."""
        ...

    def expandable(self, states: list[int]) -> list[int]:
        """Those of these states whose successors matter."""
        ...


@dataclass(frozen=True)
class Found:
    """A state that decided the matter, and the choices that lead there; or the rule that raised on the way."""

    state: int
    trail: tuple[Choice, ...]
    failure: RuleFailed | None = None
    root: int | None = None  # in which state the trail begins; not said: the initial one


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for cyclic garbage meanwhile: it would walk over millions of states, none of which is any."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def raises(space: Space, state: int) -> bool:
    """Whether a rule raises on some move out of this state."""
    try:
        for _ in space.choices(state):
            pass
    except Broken:
        return True
    return False


class Search:
    """One search. `run` goes on until a state offends, the space is exhausted or the budget spent."""

    def __init__(
        self,
        space: Space,
        judge: Judge,
        budget: Budget,
        tell: Callable[[Progress], None] | None = None,
        roots: Sequence[int] | None = None,
    ) -> None:
        self.space = space
        self.judge = judge
        self.budget = budget
        self.tell = tell
        self.found: Found | None = None
        self.stopped: str | None = None  # by which limit
        self._begun = time.monotonic()
        self._levels = [list(roots or [space.initial])]  # where it begins, and what follows step by step
        self._seen = set(self._levels[0])
        self._generated = len(self._seen)
        self._left_out = 0
        self._waiting = 0  # states of the level before the last that are not expanded yet

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        return Progress(
            distinct=len(self._seen) - self._left_out,
            generated=self._generated,
            depth=len(self._levels) - (not self._levels[-1]),
            frontier=self._waiting + len(self._levels[-1]),
            seconds=time.monotonic() - self._begun,
            memory=held(),
            steps=self.space.locals.steps,
            met_copies=bool(self._left_out) or self.space.crowded,
        )

    def run(self) -> None:
        """Search, level by level. What it came to is in `found` and `stopped`."""
        with uncollected():
            try:
                over = self._offends(self._levels[0])
                while not over and self._levels[-1] and self.space.bound.goes_on_after(len(self._levels) - 1):
                    self._levels.append([])
                    over = self._expand(self.judge.expandable(self._levels[-2]))
            except Full as full:
                self.stopped = str(full)

    def _expand(self, frontier: list[int]) -> bool:
        """Find the next level, in chunks. True when the search is over."""
        for start in range(0, len(frontier), CHUNK):
            chunk = frontier[start : start + CHUNK]
            try:
                fresh = self._successors(chunk)
            except Broken as broken:
                self._broke(broken, chunk)
                return True
            self._waiting = len(frontier) - start - len(chunk)
            if self.space.flight.guard:
                fresh = self._within_copies(fresh)
            self._levels[-1] += fresh
            if self._offends(fresh) or self._spent():
                return True
        return False

    def _successors(self, states: Iterable[int]) -> list[int]:
        """The states not seen before that these lead to, each once."""
        seen, add = self._seen, self._seen.add
        fresh: list[int] = []
        append = fresh.append
        generated = 0
        masks, memos, change = self.space.masks, self.space.memos, self.space.told
        tellings = [memo.telling for memo in memos]
        for state in states:
            for mask, memo, telling in zip(masks, memos, tellings, strict=True):
                view = state & mask
                deltas = memo[view]
                generated += len(deltas)
                for delta in deltas:
                    successor = state + delta
                    if successor not in seen:
                        add(successor)
                        append(successor)
                if telling and view in telling:
                    generated += len(telling[view])
                    for delta, told in telling[view]:
                        successor = state + delta + change(state, told)
                        if successor not in seen:
                            add(successor)
                            append(successor)
        self._generated += generated
        return fresh + self._late(states) if self.space.bound.timers == "late" else fresh

    def _late(self, states: Iterable[int]) -> list[int]:
        """The states not seen before that timers lead to where nothing else can happen."""
        masks, memos = self.space.masks, self.space.memos
        still = (state for state in states if self.space.is_still(state))
        fired = [
            state + delta
            for state in still
            for mask, memo in zip(masks, memos, strict=True)
            for delta in memo.firing[state & mask]
        ]
        self._generated += len(fired)
        fresh = [state for state in dict.fromkeys(fired) if state not in self._seen]
        self._seen.update(fresh)
        return fresh

    def _within_copies(self, states: list[int]) -> list[int]:
        """Leave out the states with too many copies of one message in flight."""
        bias, guard = self.space.flight.bias, self.space.flight.guard
        within = [state for state in states if not (state + bias) & guard]
        self._left_out += len(states) - len(within)
        return within

    def _offends(self, states: list[int]) -> bool:
        offending = self.judge.offending(states)
        if offending is not None:
            root, trail = self.way_to(offending)
            self.found = Found(offending, trail, root=root)
        return offending is not None

    def _spent(self) -> bool:
        progress = self.progress
        if self.tell:
            self.tell(progress)
        self.stopped = self.budget.spent(progress.distinct, progress.seconds, progress.memory)
        return self.stopped is not None

    def _broke(self, broken: Broken, states: Iterable[int]) -> None:
        """A rule raised: say on the way from which state."""
        state = next(state for state in states if raises(self.space, state))
        root, trail = self.way_to(state)
        self.found = Found(state, (*trail, broken.choice), broken.failure, root)

    # -- trails -------------------------------------------------------------------------------------------------------

    def way_to(self, state: int) -> tuple[int, tuple[Choice, ...]]:
        """Where the search began, and the choices from there to this state."""
        levels = iter(reversed(self._levels))
        for level in levels:
            if state in level:
                break
        choices: list[Choice] = []
        for level in levels:
            state, choice = self._predecessor(state, level)
            choices.append(choice)
        return state, tuple(reversed(choices))

    def _predecessor(self, state: int, level: Iterable[int]) -> tuple[int, Choice]:
        past = self.space.history.field.mask if self.space.history else 0
        for before in level:
            if self._may_lead(before, (state & ~past) - (before & ~past)):
                for move in possible(self.space.choices(before), self.space.bound):
                    if self.space.after(before, move) == state:
                        return before, move.choice
        raise AssertionError("every state but the first was reached from the level before")

    def _may_lead(self, state: int, delta: int) -> bool:
        """Whether some move out of this state adds this much, its history apart."""
        for mask, memo in zip(self.space.masks, self.space.memos, strict=True):
            seen = state & mask
            if delta in (*memo.get(seen, ()), *memo.firing.get(seen, ())):
                return True
            if any(delta == telling for telling, _ in memo.telling.get(seen, ())):
                return True
        return False
