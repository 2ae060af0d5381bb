"""The simulated world: nodes, network, disks, clocks and faults, as values. It refuses to know any protocol.

`World` says what could happen; a picker says what does; a `Trace` keeps what did.
"""

from consensus_lab.sim.choice import Choice, Impossible, RuleFailed
from consensus_lab.sim.faults import (
    Crash,
    Cut,
    Delay,
    Drop,
    Duplicate,
    Heal,
    HealAll,
    Partition,
    Pause,
    Recover,
    Reset,
    Resume,
    Wipe,
)
from consensus_lab.sim.moves import Deliver, Fire, Submit, Sync
from consensus_lab.sim.world import Pick, World, WorldStep, WorldTrace

__all__ = [
    "Choice",
    "Crash",
    "Cut",
    "Delay",
    "Deliver",
    "Drop",
    "Duplicate",
    "Fire",
    "Heal",
    "HealAll",
    "Impossible",
    "Partition",
    "Pause",
    "Pick",
    "Recover",
    "Reset",
    "Resume",
    "RuleFailed",
    "Submit",
    "Sync",
    "Wipe",
    "World",
    "WorldStep",
    "WorldTrace",
]
