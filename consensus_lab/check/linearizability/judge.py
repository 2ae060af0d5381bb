"""The judgement of a history: part by part, within a budget, with the grounds for it.

Three rulings, and no fourth: linearizable, with an order that shows it; not linearizable; unknown, because the budget
was spent (the problem is NP-complete: Gibbons and Korach, 1997). A budget refuses to pass for an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import Enum

from consensus_lab.check.linearizability.history import History, Operation
from consensus_lab.check.linearizability.models import EVERYTHING, Model, refuse_changing
from consensus_lab.check.linearizability.search import Linearization, Meter, OutOfPatience

STEPS = 5_000_000
"""Steps of the object that a judgement may take when nothing else is said."""


class Ruling(Enum):
    """What a judgement came to."""

    LINEARIZABLE = "linearizable"
    VIOLATED = "not linearizable"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class PartVerdict:
    """One independent part. `order` explains it when it is linearizable; `until`: by when it had become impossible."""

    key: Hashable
    operations: History
    ruling: Ruling
    order: History = ()
    until: int | None = None
    spent: str = ""  # which budget was


@dataclass(frozen=True)
class Verdict:
    """The ruling on a whole history. `parts` are those that were judged, the offending one last."""

    model: Model
    parts: tuple[PartVerdict, ...]
    operations: int
    steps: int

    @property
    def ruling(self) -> Ruling:
        rulings = {part.ruling for part in self.parts}
        worst = (Ruling.VIOLATED, Ruling.UNKNOWN, Ruling.LINEARIZABLE)
        return next((ruling for ruling in worst if ruling in rulings), Ruling.LINEARIZABLE)

    @property
    def offending(self) -> PartVerdict | None:
        """The part that is not linearizable."""
        return next((part for part in self.parts if part.ruling is Ruling.VIOLATED), None)

    def __str__(self) -> str:
        """One sentence."""
        judged = f"{self.operations:,} operations on a {self.model.name}, {self.steps:,} steps"
        unsettled = [part for part in self.parts if part.ruling is Ruling.UNKNOWN]
        if self.ruling is Ruling.UNKNOWN:
            names = ", ".join(self.model.name_of(part.key) for part in unsettled)
            return f"unknown: {names} not settled within {unsettled[0].spent} ({judged})"
        where = f": {self.model.name_of(self.offending.key)}" if self.offending else ""
        return f"{self.ruling.value}{where} ({judged})"


def judge(
    history: Sequence[Operation],
    model: Model,
    *,
    steps: int | None = STEPS,
    seconds: float | None = None,
    clock: Callable[[], float] | None = None,
) -> Verdict:
    """Whether this history is linearizable; each part may take `steps`, and all together `seconds` on `clock`.

    Raises ValueError for an operation that the model does not have, and for seconds without a clock.
    """
    refuse_changing(model.initial, "the initial state")
    for operation in history:
        model.refuse_unknown(operation)
    whole = Meter(None, seconds, clock)
    judged: list[PartVerdict] = []
    for key, operations in sorted(parts_of(history, model).items(), key=lambda part: len(part[1])):
        with whole.part(steps) as meter:
            judged.append(judge_part(key, operations, model, meter))
        if judged[-1].ruling is Ruling.VIOLATED:
            break
    return Verdict(model, tuple(judged), len(history), whole.spent)


def parts_of(history: Sequence[Operation], model: Model) -> dict[Hashable, History]:
    """The independent parts, the operations of each in the order called; one part when an operation touches all."""
    parts: dict[Hashable, list[Operation]] = {}
    for operation in sorted(history, key=lambda operation: operation.called):
        parts.setdefault(model.part(operation), []).append(operation)
    if EVERYTHING in parts:
        return {EVERYTHING: tuple(sorted(history, key=lambda operation: operation.called))}
    return {key: tuple(operations) for key, operations in parts.items()}


def judge_part(key: Hashable, operations: History, model: Model, meter: Meter) -> PartVerdict:
    """One part alone."""
    search = Linearization(operations, model, meter)
    try:
        found = search.run()
    except OutOfPatience as error:
        return PartVerdict(key, operations, Ruling.UNKNOWN, spent=str(error))
    if not found:
        return PartVerdict(key, operations, Ruling.VIOLATED, until=search.last_explained)
    return PartVerdict(key, operations, Ruling.LINEARIZABLE, tuple(operations[index] for index in search.order))
