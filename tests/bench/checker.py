"""How many distinct states a CPU second the checker searches, and what a state costs in memory."""

import time
import tracemalloc

from consensus_lab.check import explore
from consensus_lab.check.explore import Exploration
from consensus_lab.protocols.two_phase_commit import cast
from tests.check.models import paxos, two_phase
from tests.check.models.registers import commute
from tests.check.toys import fine

SPACES = {
    "TwoPhase of TLA+, N=6, set": lambda: explore(two_phase.cast(6), network="set"),
    "TwoPhase of TLA+, N=7, set": lambda: explore(two_phase.cast(7), network="set"),
    "Paxos of Stateright, 3 clients, bag": lambda: explore(
        paxos.cast(3).claiming(fine), skip_ignored=True, copies=3, commute=commute
    ),
    "two-phase commit, 1 crash, bag": lambda: explore(cast(2), crashes=1),
    "two-phase commit, 1 crash, 1 duplicate, bag": lambda: explore(cast(2), crashes=1, duplicates=1),
    "two-phase commit, 1 crash, 1 reset, fifo": lambda: explore(cast(2), crashes=1, resets=1, network="fifo"),
}


def searched(exploration: Exploration) -> str:
    """The figures of one search that holds what its cast claims."""
    begun = time.process_time()
    progress = exploration.always().progress
    seconds = time.process_time() - begun
    figures = f"{progress.distinct:>9,} states {progress.distinct / seconds:>8,.0f} per CPU second"
    return f"{figures} {progress.generated / seconds:>10,.0f} steps {progress.steps:>6,} of processes"


def main() -> None:
    """Print the figures."""
    for name, make in SPACES.items():
        print(f"{name:<44}{searched(make())}")
    tracemalloc.start()
    progress = explore(two_phase.cast(6), network="set").always().progress
    print(f"a state costs {tracemalloc.get_traced_memory()[1] / progress.distinct:,.0f} bytes at most, in that of N=6")
