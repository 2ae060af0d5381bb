"""The conditions of a seeded run: how long things take, and how often they go wrong.

All of it is a value, so a seed and its conditions are the whole cause of a run. Probabilities are per message (loss,
duplication, delay) or per step (the rest).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from consensus_lab.kernel import Address
from consensus_lab.sim.chance import Distribution, Exponential, Uniform

DATAGRAM = Uniform(0.010, 0.020)  # seconds
FSYNC = Uniform(0.002, 0.005)


@dataclass(frozen=True)
class Conditions:
    """A calm world by default: messages of 10 to 20 ms, disks of 2 to 5 ms, true clocks, no faults."""

    latency: Distribution = DATAGRAM
    disk: Distribution = FSYNC
    outage: Distribution | None = None  # how long a node stays down or paused, and a link cut; None: until told
    slow: Mapping[Address, float] = field(default_factory=dict)  # a node's disk and inbox are this many times slower
    clocks: Mapping[Address, float] = field(default_factory=dict)  # a clock of 2.0 fires timers in half their time
    loss: float = 0.0
    duplication: float = 0.0
    delay: float = 0.0
    crash: float = 0.0
    pause: float = 0.0
    cut: float = 0.0
    partition: float = 0.0
    reset: float = 0.0
    most_faults: int | None = None  # no more than this many faults; mending goes on

    @property
    def per_step(self) -> tuple[tuple[str, float], ...]:
        """The faults that strike a world rather than a message, by the verb of their choice."""
        return tuple((verb, getattr(self, verb)) for verb in ("crash", "pause", "cut", "partition", "reset"))


CALM = Conditions()
STORMY = Conditions(
    latency=Exponential(0.030, low=0.005),
    outage=Uniform(0.5, 5.0),
    loss=0.08,
    duplication=0.08,
    delay=0.05,
    crash=0.02,
    pause=0.01,
    cut=0.01,
    partition=0.01,
    reset=0.02,
    most_faults=12,
)
NAMES: dict[str, Conditions] = {"calm": CALM, "stormy": STORMY}
PROBABILITIES = frozenset(f.name for f in fields(Conditions)) & {
    "loss", "duplication", "delay", "crash", "pause", "cut", "partition", "reset",
}  # fmt: skip
