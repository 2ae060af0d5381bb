"""How many distinct states a CPU second the checker searches, and what a state costs in memory."""

import time
import tracemalloc
from typing import Any

from consensus_lab.check import explore
from consensus_lab.check.explore import Exploration
from consensus_lab.protocols.two_phase_commit import cast
from tests.check.models import paxos, paxos_node, two_phase
from tests.check.models.registers import commute
from tests.check.toys import fine

SPACES = {
    "TwoPhase of TLA+, N=6, set": lambda e: explore(two_phase.cast(6), network="set", engine=e),
    "TwoPhase of TLA+, N=7, set": lambda e: explore(two_phase.cast(7), network="set", sees=state, engine=e),
    "Paxos of Stateright, 3 clients, bag": lambda e: explore(
        paxos.cast(3).claiming(fine), skip_ignored=True, commute=commute, sees=nothing, engine=e
    ),
    "Paxos, a crash of every server, set": lambda e: explore(
        paxos_node.cast(1), network="set", sees=paxos_node.learned, engine=e
    ),
    "two-phase commit, 1 crash, bag": lambda e: explore(cast(2), crashes=1, engine=e),
    "two-phase commit, 1 crash, 1 duplicate, bag": lambda e: explore(cast(2), crashes=1, duplicates=1, engine=e),
    "two-phase commit, 1 crash, 1 reset, fifo": lambda e: explore(
        cast(2), crashes=1, resets=1, network="fifo", engine=e
    ),
}


def state(process: Any) -> Any:
    """its state"""
    return process.state


def nothing(process: Any) -> None:
    """nothing"""


def searched(exploration: Exploration) -> str:
    """The figures of one search that holds what its cast claims."""
    begun = time.process_time()
    progress = exploration.always().progress
    seconds = time.process_time() - begun
    figures = f"{progress.distinct:>9,} states {progress.distinct / seconds:>8,.0f} per CPU second"
    return f"{figures} {progress.generated / seconds:>10,.0f} steps {progress.steps:>6,} of processes {seconds:.2f} s"


def main() -> None:
    """Print the figures, of either engine."""
    for name, make in SPACES.items():
        for engine in ("python", "numpy"):
            print(f"{name:<44}{engine:<8}{searched(make(engine))}", flush=True)
    tracemalloc.start()
    progress = explore(two_phase.cast(6), network="set", engine="python").always().progress
    print(f"a state costs {tracemalloc.get_traced_memory()[1] / progress.distinct:,.0f} bytes at most, in that of N=6")
    tracemalloc.stop()
