"""The search of Wing and Gong (JPDC 1993), with the cache of Lowe (CCPE 2017), for one independent part of a history.

It takes operations one by one, each time one that was called before any operation not yet taken returned, as long as
the object gives the answers that were got; and it goes back where it cannot go on. What has been taken together with
the state of the object is met only once. Four shortcuts leave out nothing that matters:
- an operation that only observes, and gives its answer now, may as well be taken now;
- what never returned is taken only where nothing else helps,
- and the earliest first of those that are equal;
- to have taken less of what never returned, all else being equal, leaves all the more to do.
This module refuses to know what the operations are: that is the model's matter.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from consensus_lab.check.freeze import freeze
from consensus_lab.check.linearizability.history import UNKNOWN, Operation
from consensus_lab.check.linearizability.models import Model

LOOK = 1024
"""Steps between two looks at the clock."""


class OutOfPatience(Exception):
    """The budget is spent: on what, as the end of a sentence."""


@dataclass
class Meter:
    """How many steps may still be made, and until when on whose clock: this module has no clock of its own."""

    steps: int | None = None
    seconds: float | None = None
    clock: Callable[[], float] | None = None
    spent: int = 0
    until: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        if self.seconds is not None:
            if self.clock is None:
                raise ValueError("a limit in seconds needs a clock to read them from")
            self.until = self.clock() + self.seconds

    def tick(self) -> None:
        """One step more. Raises OutOfPatience."""
        self.spent += 1
        if self.steps is not None and self.spent > self.steps:
            raise OutOfPatience(f"{self.steps:,} steps")
        if self.spent % LOOK == 0 and self.is_late:
            raise OutOfPatience(f"{self.seconds:g} seconds")

    @property
    def is_late(self) -> bool:
        """Whether its time is up."""
        return self.clock is not None and self.seconds is not None and self.clock() >= self.until

    @property
    def is_spent(self) -> bool:
        """Whether nothing of it is left."""
        return self.is_late or (self.steps is not None and self.spent >= self.steps)

    @contextmanager
    def part(self, steps: int | None) -> Iterator[Meter]:
        """A meter for so many steps at most, which are this one's too, and end no later."""
        left = None if self.steps is None else max(0, self.steps - self.spent)
        allowed = min((limit for limit in (steps, left) if limit is not None), default=None)
        meter = Meter(allowed, self.seconds, self.clock)
        meter.until = self.until
        try:
            yield meter
        finally:
            self.spent += meter.spent


class Timeline:
    """The calls and returns that must be explained, in order, as a list from which pairs are lifted and put back.

    Position 0 is the list's head. At one moment calls come before returns: what touches is concurrent.
    """

    def __init__(self, operations: Sequence[Operation], required: Sequence[int]) -> None:
        events = [(operations[i].called, 0, i) for i in required]
        events += [(operations[i].returned or 0, 1, i) for i in required]
        ordered = sorted(events)
        self.operation = [-1, *(index for _, _, index in ordered)]
        self.is_return = [False, *(bool(kind) for _, kind, _ in ordered)]
        self.moment = [0, *(moment for moment, _, _ in ordered)]
        self.next = [*range(1, len(ordered) + 1), 0]
        self.previous = [len(ordered), *range(len(ordered))]
        self.places: dict[int, list[int]] = {index: [] for index in required}
        for place, index in enumerate(self.operation[1:], 1):
            self.places[index].append(place)

    def lift(self, index: int) -> None:
        """Take an operation's call and return out."""
        for place in self.places[index]:
            before, after = self.previous[place], self.next[place]
            self.next[before], self.previous[after] = after, before

    def put_back(self, index: int) -> None:
        """Undo the last lift, which was of this operation."""
        for place in reversed(self.places[index]):
            self.next[self.previous[place]] = self.previous[self.next[place]] = place


class Linearization:
    """A search for one order of all operations that returned, and of as many others as that takes.

    `order` are the indices of the operations found, `stuck_at` is the last return that no order gets past.
    """

    def __init__(self, operations: Sequence[Operation], model: Model, meter: Meter) -> None:
        self.operations = operations
        self.model = model
        self.meter = meter
        self.order: list[int] = []
        self.stuck_at = 0  # place in the timeline
        required = [i for i, operation in enumerate(operations) if operation.returned is not None]
        self.timeline = Timeline(operations, required)
        self.optional = sorted(set(range(len(operations))) - set(required), key=lambda i: operations[i].called)
        self.twins = _twins(operations, self.optional)
        self._required = len(required)
        self._answers = [UNKNOWN if op.answer is UNKNOWN else freeze(op.answer) for op in operations]
        self._calls = _alike([(op.verb, op.client, freeze(op.arguments)) for op in operations])
        self._observing = {index for index in required if model.observes(operations[index])}
        self._effects: dict[tuple[int, int], tuple[int, Hashable] | None] = {}
        self._states: list[Hashable] = [model.initial]
        self._numbers: dict[Hashable, int] = {freeze(model.initial): 0}
        self._taken = 0  # a bit for each operation
        self._must = sum(1 << index for index in required)
        self._trail: list[tuple[int, int]] = []  # what was taken, and the state before
        self._seen: dict[tuple[int, int], list[int]] = {(0, 0): [0]}  # by what must be taken and the state: what else
        self._state = 0

    def run(self) -> bool:
        """Whether there is an order. Raises OutOfPatience when the meter's budget is spent."""
        return any(True for _ in self.ends())

    def ends(self) -> Iterator[Hashable]:
        """The state after each `order` that there is, up to what makes no difference. Raises OutOfPatience."""
        frames = [self._candidates()]
        left = self._required
        while frames:
            if not left:
                self.order = [index for index, _ in self._trail]
                yield self._states[self._state]
            index = next((i for i in frames[-1] if self._take(i)), None) if left else None
            if index is not None:
                if index in self._observing:  # nothing is gained by taking something else first
                    frames[-1] = iter(())
                frames.append(self._candidates())
                left -= index in self.timeline.places
            else:
                frames.pop()
                left += self._take_back() if frames else 0

    @property
    def last_explained(self) -> int:
        """The moment of the return that no order gets past."""
        return self.timeline.moment[self.stuck_at]

    def _candidates(self) -> Iterator[int]:
        """What may be taken next: called before anything not yet taken returned. First what must be taken some time."""
        timeline = self.timeline
        place = timeline.next[0]
        while not timeline.is_return[place]:
            yield timeline.operation[place]
            place = timeline.next[place]
        self.stuck_at = max(self.stuck_at, place)
        for index in self.optional:
            if self.operations[index].called > timeline.moment[place]:
                return
            twin = self.twins[index]
            if not self._taken >> index & 1 and (twin is None or self._taken >> twin & 1):
                yield index

    def _take(self, index: int) -> bool:
        """Take this operation next, if it fits and leads to where the search has not been."""
        self.meter.tick()
        effect = self._effect(index, self._state)
        if effect is None:
            return False
        state, answer = effect
        if self._answers[index] is not UNKNOWN and self._answers[index] != answer:
            return False
        taken = self._taken | 1 << index
        if self._has_seen(taken, state):
            return False
        self._trail.append((index, self._state))
        self._taken, self._state = taken, state
        if index in self.timeline.places:
            self.timeline.lift(index)
        return True

    def _has_seen(self, taken: int, state: int) -> bool:
        """Whether the search has been here, having taken no more than now of what never returned; else it has now."""
        key = (taken & self._must, state)
        others = taken & ~self._must
        known = self._seen.setdefault(key, [])
        if any(fewer & others == fewer for fewer in known):
            return True
        known.append(others)
        return False

    def _take_back(self) -> bool:
        """Undo the last take; whether it was of an operation that must be taken."""
        index, self._state = self._trail.pop()
        self._taken ^= 1 << index
        required = index in self.timeline.places
        if required:
            self.timeline.put_back(index)
        return required

    @property
    def last_change(self) -> int:
        """Where in `order` the object changed for the last time; 0 if it never did."""
        states = [*(before for _, before in self._trail), self._state]
        return max((place for place in range(len(self._trail)) if states[place] != states[place + 1]), default=0)

    def _effect(self, index: int, state: int) -> tuple[int, Hashable] | None:
        """The number of the state after, and the answer as a value."""
        key = (state, self._calls[index])
        if key not in self._effects:
            effect = self.model.apply(self._states[state], self.operations[index])
            self._effects[key] = effect and (self._number(effect[0]), freeze(effect[1]))
        return self._effects[key]

    def _number(self, state: Hashable) -> int:
        number = self._numbers.setdefault(freeze(state), len(self._states))
        if number == len(self._states):
            self._states.append(state)
        return number


def _alike(values: Sequence[Hashable]) -> list[int]:
    """A number for each value, the same for equal ones."""
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(value, len(numbers)) for value in values]


def _twins(operations: Sequence[Operation], optional: Sequence[int]) -> dict[int, int | None]:
    """For each operation that never returned, an equal one called before it: there is no use in taking it first."""
    latest: dict[Hashable, int] = {}
    twins: dict[int, int | None] = {}
    for index in optional:
        call = (operations[index].verb, operations[index].client, freeze(operations[index].arguments))
        twins[index], latest[call] = latest.get(call), index
    return twins
