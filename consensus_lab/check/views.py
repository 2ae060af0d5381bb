"""What an invariant sees of a state of the search: a kernel `View`, made from local states.

Of a million states most look alike to an invariant, which sees neither timers, nor what is in flight or waits for a
disk: it is asked once for each sight. Whether anything is in flight at all, and how many faults and timeouts there
were, is part of a sight only once some invariant has asked; a search that finds out too late begins again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Literal, TypeVar

from consensus_lab.check.freeze import freeze, freeze_message, freeze_process
from consensus_lab.check.layout import RESTING
from consensus_lab.check.local import Local
from consensus_lab.check.space import LOCAL_BITS, Space, union
from consensus_lab.kernel import Address, Cast, Decision, Process, View

T = TypeVar("T")
Sees = Callable[[Process], object]
"""What of a process the claims look at, as a value: see `explore`."""
LOCAL_MASK = (1 << LOCAL_BITS) - 1
Aspect = Literal["at_rest", "faults", "timeouts"]


class Asked(BaseException):
    """An invariant looks at something that the search did not keep for it. No error: nobody but the search sees it."""

    def __init__(self, aspect: Aspect) -> None:
        self.aspect = aspect


class Sight:
    """One sight (see `kernel.View`). The decisions of one node are in its own order, node by node in the cast's order,
    and one that a node repeats at once counts once; unless the search keeps a history. `timeouts` is 1 for any number
    of them, unless they are bounded.
    """

    def __init__(self, viewer: Viewer, sight: int, locals_: Sequence[Local]) -> None:
        self._viewer = viewer
        self._sight = sight
        self._locals = locals_
        self._derived: dict[Callable[[View], Any], Any] = {}

    @property
    def cast(self) -> Cast:
        return self._viewer.space.cast

    @property
    def processes(self) -> Mapping[Address, Process]:
        return {local.me: local.process for local in self._locals if local.process is not None}

    @property
    def decisions(self) -> Sequence[Decision]:
        history = self._viewer.space.history
        if history:
            return history.decisions(self._sight)
        return [Decision(local.me, value) for local in self._locals for value in local.announced]

    @property
    def chronicle(self) -> Sequence[Decision]:
        history = self._viewer.space.history
        return history.decisions(self._sight) if history else ()

    def journal(self, address: Address) -> Sequence[Any]:
        return next(local.machine.disk.records for local in self._locals if local.me == address)

    @property
    def at_rest(self) -> bool:
        self._viewer.ask("at_rest")
        return bool(self._sight & RESTING) and not any(local.machine.unwritten for local in self._locals)

    @property
    def faults(self) -> int:
        self._viewer.ask("faults")
        return sum(field.read(self._sight) for field in self._viewer.space.used.values() if field)

    @property
    def timeouts(self) -> int:
        self._viewer.ask("timeouts")
        timeouts = self._viewer.space.timeouts
        return timeouts.read(self._sight) if timeouts else 0

    def derive(self, summary: Callable[[View], T]) -> T:
        if summary not in self._derived:
            self._derived[summary] = summary(self)
        derived: T = self._derived[summary]
        return derived


class Viewer:
    """Makes sights of states, with the aspects that are known to be asked for."""

    def __init__(self, space: Space, aspects: frozenset[Aspect], sees: Sees | None = None) -> None:
        self.space = space
        self.aspects = aspects
        self.sees = sees
        shown = [*space.at.values(), *([space.history.field] if space.history else [])]
        if "faults" in aspects:
            shown += filter(None, space.used.values())
        if "timeouts" in aspects and space.timeouts:
            shown.append(space.timeouts)
        self.mask = union(shown)
        self._known = [(space.locals.known[address], field.offset) for address, field in space.at.items()]
        self._first_alike: list[list[int]] = [[] for _ in space.at]  # by node and local state
        self._looks: list[dict[Hashable, int]] = [{} for _ in space.at]

    def ask(self, aspect: Aspect) -> None:
        """Note that an invariant reads this. Raises Asked when it is not kept."""
        if aspect not in self.aspects:
            raise Asked(aspect)

    def sight(self, state: int) -> int:
        """What of this state an invariant can see, as a number."""
        resting = "at_rest" in self.aspects and not state & self.space.flight.mask
        return state & self.mask | (RESTING if resting else 0)

    def sights(self, states: Sequence[int]) -> set[int]:
        """The distinct sights of these states: `sight` of each, but quickly."""
        if "at_rest" in self.aspects:
            return set(map(self.sight, states))
        mask = self.mask
        return {state & mask for state in states}

    def plain(self, sight: int, *nodes: int) -> int:
        """The one sight that shows the same, of local states that look alike: the first of them that was met.

        If `nodes` are given, the sight is of these alone.
        """
        for node in nodes or range(len(self._known)):
            index = (sight >> self._known[node][1]) & LOCAL_MASK
            first = self._first_alike[node]
            alike = first[index] if index < len(first) else self._alike(node, index)
            if alike != index:
                sight += (alike - index) << self._known[node][1]
        return sight

    def _alike(self, node: int, index: int) -> int:
        """The first local state of this node that looks like this one."""
        known, _ = self._known[node]
        first, looks = self._first_alike[node], self._looks[node]
        for local in known[len(first) : index + 1]:
            first.append(looks.setdefault(self._look(local), local.index))
        return first[index]

    def _look(self, local: Local) -> Hashable:
        """All that an invariant can see of it, or of its process what it says that it sees."""
        process = local.process
        seen = process and (freeze(self.sees(process)) if self.sees else freeze_process(process))
        records = tuple(map(freeze_message, local.machine.disk.records))
        announced = tuple(map(freeze_message, local.announced))
        waits = "at_rest" in self.aspects and bool(local.machine.unwritten)
        return process is None, seen, records, announced, waits

    def look(self, sight: int) -> Sight:
        """The sight of this number."""
        return Sight(self, sight, [known[(sight >> offset) & LOCAL_MASK] for known, offset in self._known])
