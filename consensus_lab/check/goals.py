"""What one may hope for of any protocol: that everyone decides. It refuses to know which protocol it is.

Who is to decide is not declared but seen: those who do in a calm run.
"""

from __future__ import annotations

from consensus_lab.kernel import Address, Cast, Invariant, View
from consensus_lab.sim import RuleFailed, World
from consensus_lab.sim.pickers import Seeded, play

SEEDS = range(1, 4)
MOST_STEPS = 1_000


def deciders(cast: Cast) -> frozenset[Address]:
    """Whoever decides in one of some calm runs; everybody where a rule raises, for then there is none."""
    try:
        ends = [play(World.of(cast), Seeded(seed), steps=MOST_STEPS)[-1:] for seed in SEEDS]
    except RuleFailed:
        return frozenset(cast.addresses)
    return frozenset(decision.node for end in ends for step in end for decision in step.world.decisions)


def everyone_decides(cast: Cast) -> Invariant:
    """Whoever is up has decided. Raises ValueError when nobody of this cast decides in a calm run."""
    players = deciders(cast)
    if not players:
        raise ValueError(f"nobody of {cast.protocol} decides in a calm run: say what else is to come")

    def check(view: View) -> str | None:
        waiting = (players & view.processes.keys()) - {decision.node for decision in view.decisions}
        return f"{min(waiting)} is undecided" if waiting else None

    return Invariant("DECIDED", "whoever is up has decided", check)
