"""Which engine searches: the plain one, or whole levels at a time with numpy where that is installed and worth while.

Both find the same, so that nobody need choose; it refuses to know how either of them goes about it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, Protocol, TypeVar, get_args

from consensus_lab.check.bounds import Budget
from consensus_lab.check.claims import Judge
from consensus_lab.check.search import INTERRUPT, Found, Progress, Search
from consensus_lab.check.space import Space

Engine = Literal["auto", "python", "numpy"]
ENGINES: tuple[str, ...] = get_args(Engine)
Tell = Callable[[Progress], None] | None
LARGE = 100_000
"""States from which the plain engine hands over: half a second's work, done again in a fraction of that."""


class Searching(Protocol):
    """A search, whichever engine it is."""

    found: Found | None
    stopped: str | None

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        ...

    def run(self) -> None:
        """Search."""
        ...


def refuse_unless_there(engine: str) -> None:
    """Raise ValueError for an engine that does not exist, or not here."""
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, not {engine!r}")
    if engine == "numpy" and not has_numpy():
        raise ValueError("engine numpy needs numpy, which is not installed: pip install 'consensus-lab[fast]'")


def has_numpy() -> bool:
    """Whether numpy is installed."""
    return importlib.util.find_spec("numpy") is not None


def run(
    engine: str, space: Space, judge: Judge, budget: Budget, tell: Tell = None, roots: Sequence[int] | None = None
) -> Searching:
    """Search from these states, or the initial one, and return the search that came to an end."""
    if engine == "numpy":
        return run_to_its_end(_levels(space, judge, budget, tell, roots))
    hands_over = engine == "auto" and has_numpy() and (budget.states or LARGE + 1) > LARGE
    search = run_to_its_end(Search(space, judge, replace(budget, states=LARGE) if hands_over else budget, tell, roots))
    if hands_over and search.found is None and search.stopped == replace(budget, states=LARGE).spent(LARGE, 0):
        return run_to_its_end(_levels(space, judge, budget, tell, roots))
    return search


def _levels(space: Space, judge: Judge, budget: Budget, tell: Tell, roots: Sequence[int] | None) -> Searching:
    from consensus_lab.check.levels import LevelSearch  # imports numpy, which the plain engine does without

    return LevelSearch(space, judge, budget, tell, roots)


Ran = TypeVar("Ran", bound=Searching)


def run_to_its_end(search: Ran) -> Ran:
    """Run it, until an interrupt at the latest."""
    try:
        search.run()
    except KeyboardInterrupt:
        search.stopped = INTERRUPT
    return search
