"""The shortest window of a history that cannot be explained, found by taking away what does not matter.

Nothing is taken away that could be the reason: leaving out a write would make every read of it look wrong. So
- the history ends where it became impossible: what returned later has not returned yet, what was called later is gone;
- it begins at a late moment at which the object can have been in few states only, whatever came before;
- an operation that only observes is left out, when without it there is still no order;
- any other is set free, when there is still no order: it may take effect at any moment, or never, with any answer.
What is left explains itself: these operations have no order, whatever the free ones did.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from consensus_lab.check.linearizability.history import History, Operation
from consensus_lab.check.linearizability.judge import PartVerdict
from consensus_lab.check.linearizability.models import Model
from consensus_lab.check.linearizability.search import Linearization, Meter, OutOfPatience

STEPS = 20_000
"""What one attempt may cost: what cannot be shown to be needless so cheaply stays."""
WHOLE = 2_000_000
"""What all attempts may cost together, when nothing else is said."""
FEW = 4
"""How many states a reader can keep in mind."""
SHOWN = 2
"""How many of the operations that came before are shown, besides the last that changed anything."""
STATE = 3
"""How many operations a state at the beginning is worth: what the reader must keep in mind is to be little."""


@dataclass(frozen=True)
class Window:
    """Operations that have no order; `free` are those of whom it does not matter when, or whether, they took effect.

    `states` are all that the object, or its part `key`, can have been in at the moment `since`; None is the beginning
    of the history. `before` is how an order of what came earlier ends, from the last change on. None of the operations
    can be spared, as far as the budget could tell.
    """

    model: Model
    key: Hashable
    operations: History
    states: tuple[Hashable, ...]
    free: History = ()
    since: int | None = None
    before: History = ()

    @property
    def burden(self) -> int:
        """What a reader must keep in mind."""
        return len(self.operations) + STATE * len(self.states)

    def has_no_order(self, meter: Meter) -> bool:
        """Whether there is none from any of the states; False when that cannot be told cheaply."""
        return all(self._has_no_order_from(state, meter) for state in self.states)

    def _has_no_order_from(self, state: Hashable, meter: Meter) -> bool:
        if meter.is_spent:
            return False
        try:
            with meter.part(STEPS) as attempt:
                return not self.search(state, attempt).run()
        except OutOfPatience:
            return False

    def search(self, state: Hashable, meter: Meter) -> Linearization:
        """The search for an order from one of the states."""
        return Linearization((*self.operations, *self.free), replace(self.model, initial=state), meter)


def minimise(part: PartVerdict, model: Model, meter: Meter | None = None) -> Window:
    """The window of a part that is not linearizable. `meter` limits the work; what it does not reach stays as it is."""
    assert part.until is not None, "only what is not linearizable has a window"
    meter = meter or Meter(WHOLE)
    whole = Window(model, part.key, cut_off(part.operations, part.until), (model.initial,))
    sparing = Sparing(begun_late(whole, meter), meter)
    size = len(sparing.window.operations)
    while size > 1:
        sparing.spare_runs(size)
        size //= 2
    while sparing.spare_runs(1):  # what is spared now may make others needless
        pass
    return sparing.window


def cut_off(operations: Sequence[Operation], moment: int) -> History:
    """The history up to this moment: what was called later is not in it, what returned later has not yet."""
    begun = (operation for operation in operations if operation.called <= moment)
    return tuple(o if o.returned is not None and o.returned <= moment else o.unanswered() for o in begun)


def begun_late(whole: Window, meter: Meter) -> Window:
    """The same window from a later moment on, from which there is still no order: the least to keep in mind."""
    moments = sorted({o.returned for o in whole.operations if o.returned is not None}, reverse=True)
    best = whole
    for moment in moments[1:]:
        states, before = states_at(moment, whole, meter)
        later = replace(
            whole,
            operations=since_moment(whole.operations, moment),
            states=states,
            since=moment,
            before=before,
        )
        if states and later.burden < best.burden and later.has_no_order(meter):
            best = later
    return best


def states_at(moment: int, whole: Window, meter: Meter) -> tuple[tuple[Hashable, ...], History]:
    """All states in which the object can have been, and how an order that leads to one of them ends.

    None are known when they are more than a few, or finding out costs too much.
    """
    earlier = cut_off(whole.operations, moment)
    states: dict[Hashable, None] = {}
    ending: list[int] = []
    try:
        with meter.part(STEPS) as attempt:
            search = Linearization(earlier, whole.model, attempt)
            for state in search.ends():
                ending = ending or search.order[search.last_change :]
                states[state] = None
                if len(states) > FEW:
                    return (), ()
    except OutOfPatience:
        return (), ()
    return tuple(states), tuple(earlier[index] for index in [*ending[:1], *ending[1:][-SHOWN:]])


def since_moment(operations: Sequence[Operation], moment: int) -> History:
    """What was called later, and what was on its way: that may have taken effect already, or not yet."""
    under_way = (o for o in operations if o.called <= moment and (o.returned is None or o.returned > moment))
    early = (replace(operation.unanswered(), called=moment) for operation in under_way)
    return (*early, *(operation for operation in operations if operation.called > moment))


class Sparing:
    """Spares operations of a window while those that are bound still have no order."""

    def __init__(self, window: Window, meter: Meter) -> None:
        self.meter = meter
        self.dawn = min(operation.called for operation in window.operations)
        free = (o for o in window.operations if o.returned is None and not window.model.observes(o))
        bound = tuple(o for o in window.operations if o.returned is not None)
        self.window = replace(window, operations=bound, free=tuple(free))

    def spare_runs(self, size: int) -> bool:
        """Try to spare each run of so many operations, the earliest first; whether that helped."""
        before = self.window.operations
        for run in [before[start : start + size] for start in range(0, len(before), size)]:
            bound = tuple(operation for operation in self.window.operations if operation not in run)
            freed = tuple(self.freed(operation) for operation in run if not self.window.model.observes(operation))
            smaller = replace(self.window, operations=bound, free=(*self.window.free, *freed))
            if bound and smaller.has_no_order(self.meter):
                self.window = smaller
        return len(self.window.operations) < len(before)

    def freed(self, operation: Operation) -> Operation:
        """It may take effect at any moment, or never, with any answer."""
        return replace(operation.unanswered(), called=self.dawn)
