"""One sweep from end to end: items into batches, batches to an engine, tallies into one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from consensus_lab.lab.sweep.engines import Engine
from consensus_lab.lab.sweep.kinds import KINDS
from consensus_lab.lab.sweep.sizing import Sizer
from consensus_lab.lab.sweep.tally import Row, Tally
from consensus_lab.lab.sweep.work import Done, Item, Lost, Work

Tell = Callable[["Sweep"], None]


@dataclass
class Sweep:
    """What was asked, who did it, and what it came to so far."""

    work: Work
    engine: Engine
    tally: Tally = field(default_factory=Tally)
    lost: list[Row] = field(default_factory=list)  # batches that no worker survived
    batches: int = 0
    seconds: float = 0.0  # on the clock, where the tally's are the workers'
    interrupted: bool = False

    def run(self, items: Iterable[Item], *, batch: int | None = None, tell: Tell | None = None) -> Sweep:
        """Do every item; `batch` at a time, or as many as are worth handing out. Ctrl-C ends it with what there is."""
        began = time.monotonic()
        sizer = Sizer(items, batch)
        try:
            for outcome in self.engine.map_batches(self.work, sizer.batches()):
                self._take(outcome, sizer)
                self.seconds = time.monotonic() - began
                if tell:
                    tell(self)
        except KeyboardInterrupt:
            self.interrupted = True
        self.seconds = time.monotonic() - began
        return self

    def _take(self, outcome: Done | Lost, sizer: Sizer) -> None:
        self.batches += 1
        if isinstance(outcome, Lost):
            names = [KINDS[self.work.kind].name_of(item) for item in outcome.batch.items]
            self.lost.append({"batch": outcome.batch.number, "items": names, "why": outcome.why})
        else:
            self.tally.add(outcome.tally)
            sizer.learn(outcome.tally)

    @property
    def complete(self) -> bool:
        """Whether every item was done."""
        return not (self.lost or self.interrupted)
