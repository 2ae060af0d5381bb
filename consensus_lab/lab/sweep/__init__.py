"""Sweeps: the same question asked of many seeds, bounds, wrong answers or submissions, on every core or every machine.

`kinds` says what can be asked; `engines` and `cluster` who does the work; `sweep` runs one sweep from end to end.
"""

from consensus_lab.lab.sweep.engines import Engine, Pool, Serial
from consensus_lab.lab.sweep.sweep import Sweep
from consensus_lab.lab.sweep.tally import Tally
from consensus_lab.lab.sweep.work import Batch, Done, Lost, Work

__all__ = ["Batch", "Done", "Engine", "Lost", "Pool", "Serial", "Sweep", "Tally", "Work"]
