"""Fairness: what a run that goes on for ever may not neglect. Without it nothing in particular ever has to happen.

A duty is something that can be done all the time and therefore must be done some time (weak fairness); it is urgent if
it must be done although it can be done only now and then (strong fairness). It is one of a message: that it arrives; or
one of a node: that it acts. A timer is a message of a node to its later self, and a disk owes its node an answer. This
module refuses to know how loops are found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, get_args

from consensus_lab.check.bounds import Bound
from consensus_lab.check.space import Move
from consensus_lab.sim import Choice, Deliver, Fire, Submit, Sync

Fairness = Literal["none", "message", "node", "both"]
FAIRNESS: tuple[str, ...] = get_args(Fairness)

HOW_FAIR = {
    "none": "however unfair the schedule, as long as something happens",
    "message": "if whatever stays on its way arrives: messages, timers, writes to a disk",
    "node": "if every node that has something to do acts some time",
    "both": "if whatever stays on its way arrives, and every node that has something to do acts some time",
}

Duty = str


def happens_by_itself(choice: Choice) -> bool:
    """Whether it is neither a fault nor its mending."""
    return isinstance(choice, Deliver | Submit | Sync | Fire)


def possible(moves: Iterable[Move], bound: Bound) -> list[Move]:
    """Those of these moves, all that one state has, that may come next within the bound."""
    allowed = [move for move in moves if move.allowed]
    if bound.timers == "any" or all(_waits(move.choice) for move in allowed):
        return allowed
    return [move for move in allowed if not isinstance(move.choice, Fire)]


def _waits(choice: Choice) -> bool:
    """Whether a timer that fires late need not wait for this."""
    return isinstance(choice, Fire) or not happens_by_itself(choice)


def duties(moves: Iterable[Move], fairness: Fairness) -> set[Duty]:
    """What could be done where these moves are possible."""
    return {duty for move in moves for duty in done_by(move, fairness)}


def done_by(move: Move, fairness: Fairness) -> Iterator[Duty]:
    """Which duties this move does."""
    if happens_by_itself(move.choice):
        if fairness in ("message", "both"):
            yield str(move.choice)
        if fairness in ("node", "both"):
            yield f"{move.choice.actor} acts"


def urgent(moves: Iterable[Move], fairness: Fairness, bound: Bound) -> set[Duty]:
    """What must be done some time though it can be done only now and then: to fire, for a timer that fires late."""
    late = [move for move in moves if isinstance(move.choice, Fire)] if bound.timers == "late" else []
    return duties(late, fairness) if fairness in ("message", "both") else set()
