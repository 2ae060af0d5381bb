"""How many steps a second worlds take, calm and stormy, and what a kept world costs in memory."""

import time
import tracemalloc
from collections.abc import Callable

from consensus_lab.protocols.two_phase_commit import VARIANTS, cast
from consensus_lab.sim import World
from consensus_lab.sim.conditions import NAMES
from consensus_lab.sim.pickers import Picker, Rounds, Seeded, play

SEEDS = range(100)
MOST = 300


def steps_taken(make: Callable[[int], Picker]) -> tuple[int, float]:
    """Steps and CPU seconds of all seeds, over every variant in turn."""
    begun, steps = time.process_time(), 0
    for seed in SEEDS:
        variant = list(VARIANTS)[seed % len(VARIANTS)]
        steps += len(play(World.of(cast(3, variant=variant)), make(seed), steps=MOST))
    return steps, time.process_time() - begun


def main() -> None:
    """Print the figures."""
    pickers: dict[str, Callable[[int], Picker]] = {"rounds": lambda seed: Rounds()}
    for name, conditions in NAMES.items():
        pickers[f"seeded, {name}"] = lambda seed, conditions=conditions: Seeded(seed, conditions)
    for name, make in pickers.items():
        steps, seconds = steps_taken(make)
        print(f"{name:<16} {steps:>6} steps in {len(SEEDS)} runs, {steps / seconds:>8,.0f} steps per CPU second")
    tracemalloc.start()
    kept = [play(World.of(cast(3)), Seeded(seed)) for seed in SEEDS]
    size = tracemalloc.get_traced_memory()[0]
    print(f"a kept step      {size / sum(map(len, kept)):,.0f} bytes, its world included")
