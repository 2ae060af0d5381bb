"""Prints the traces of one seed: every variant of two-phase commit, calm and stormy. Run by a bare Python too.

Usage: python seeded.py REPOSITORY; needs nothing but the standard library, and imports the floors below lab only.
"""

import sys


def traces(seed: int) -> dict[str, str]:
    """Text by name, such as "presumed-abort__stormy"."""
    from consensus_lab.kernel.trace import Header
    from consensus_lab.protocols.two_phase_commit import VARIANTS, cast
    from consensus_lab.sim import World
    from consensus_lab.sim.conditions import NAMES
    from consensus_lab.sim.pickers import Seeded, play

    told = {}
    for variant in VARIANTS:
        for weather, conditions in NAMES.items():
            picker = Seeded(seed, conditions)
            header = Header("two-phase-commit", (("participants", "3"), ("variant", variant)), picker=f"{picker}")
            trace = play(World.of(cast(3, variant=variant)), picker, steps=400)
            told[f"{variant}__{weather}"] = trace.text(header)
    return told


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    for name, text in traces(7).items():
        sys.stdout.write(f"== {name}\n{text}")
