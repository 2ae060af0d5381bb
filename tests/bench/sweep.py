"""What spreading work costs: the same seeds by one process, by a pool and by a cluster on loopback, on the clock.

Run: ``python -m tests.bench.sweep``.
"""

from __future__ import annotations

import time

from consensus_lab.lab.sweep import Engine, Pool, Serial, Sweep, Work
from consensus_lab.lab.sweep.cluster import Cluster
from consensus_lab.lab.sweep.kinds import played

SEEDS = 4_000


def main() -> None:
    work = Work("seeds", played("two-phase-commit", "participants=3"))
    alone = report(work, Serial())
    for engine in (Pool(2), Cluster(workers=2)):
        print(f"  {alone / report(work, engine):.2f} times as fast as one process, its start included")


def report(work: Work, engine: Engine) -> float:
    """Sweep once; seconds."""
    begun = time.monotonic()
    sweep = Sweep(work, engine).run(range(1, SEEDS + 1))
    seconds = time.monotonic() - begun
    each = 1_000 * sweep.tally.seconds / sweep.batches
    print(f"{engine!s:<28} {SEEDS:,} seeds in {seconds:.1f} s, {sweep.batches} batches of {each:.0f} ms on average")
    return seconds


if __name__ == "__main__":
    main()
