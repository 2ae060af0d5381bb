"""How many items make a batch: so many that handing them out costs little beside doing them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count, islice

from consensus_lab.lab.sweep.tally import Tally
from consensus_lab.lab.sweep.work import Batch, Item

LEAST = 0.05
"""Seconds of work below which a batch is too small: a cluster needs some 2 ms for each."""
AIM = 2 * LEAST
MOST = 10_000
"""Items in a batch, however short they are."""


class Sizer:
    """Cuts items into batches: the first of one, then by what the latest took."""

    def __init__(self, items: Iterable[Item], fixed: int | None = None) -> None:
        self._items = iter(items)
        self._fixed = fixed
        self.size = fixed or 1

    def batches(self) -> Iterator[Batch]:
        """Until no item is left. Each is cut when it is asked for, as large as is then known to be right."""
        for number in count(1):
            items = tuple(islice(self._items, self.size))
            if not items:
                return
            yield Batch(number, items)

    def learn(self, tally: Tally) -> None:
        """A batch took so long."""
        if self._fixed is None and tally.done:
            each = tally.seconds / tally.done
            self.size = max(1, min(MOST, round(AIM / each) if each else MOST))
