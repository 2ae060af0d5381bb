"""What a worker is given: the name of a kind of work, what all items have in common, and a batch of items.

A worker imports the installed package and is sent nothing but names and JSON, never code.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from consensus_lab.lab.sweep.tally import Row, Tally

Item = Any
"""Plain JSON: a seed, a bound, a name, a submission."""


@dataclass(frozen=True)
class Work:
    """`kind` is one of `kinds.KINDS`; `common` is the same for every item."""

    kind: str
    common: Row = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """Items that are done by one worker, one after the other."""

    number: int
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Done:
    """A batch and what it came to."""

    batch: Batch
    tally: Tally


@dataclass(frozen=True)
class Lost:
    """A batch that no worker survived."""

    batch: Batch
    why: str


Outcome = Done | Lost


def perform(kind: str, common: Row, items: list[Item]) -> Row:
    """Do a batch, here and now; its tally as JSON. What one item raises is its failure, and ends no other."""
    from consensus_lab.lab.sweep.kinds import KINDS

    one: Callable[[Row, Item], Tally] = KINDS[kind].one
    whole = Tally()
    began = time.perf_counter()
    for item in items:
        try:
            whole.add(one(common, item))
        except Exception as error:
            whole.failures.append({"item": KINDS[kind].name_of(item), "what": f"{type(error).__name__}: {error}"})
    whole.done, whole.seconds = len(items), time.perf_counter() - began
    return whole.as_json()
