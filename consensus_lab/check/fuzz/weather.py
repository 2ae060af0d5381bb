"""The weather of a seed: which kinds of fault strike in it, and how hard. Swarm testing (Groce et al., 2012).

Each kind of fault is on in a seed with probability 1/2, and how often and how long it strikes is drawn too, as
TigerBeetle's simulator does: a bug that needs losses but no crashes is not hidden by crashes. It refuses to know how a
fault works (see `strikes` and `network`, and `sim.faults` for what each of them means).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from consensus_lab.kernel import Address, Cast, Links
from consensus_lab.sim.chance import Distribution, Exponential, HeavyTail, Stream, Uniform
from consensus_lab.sim.conditions import DATAGRAM, FSYNC
from consensus_lab.sim.machine import microseconds

MENU = {
    "loss": "a message is lost",
    "duplication": "a message arrives twice",
    "delay": "a message comes a second late",
    "slow-links": "messages take long, some of them very long",
    "crash": "a node crashes, keeping any number of its unwritten records, and comes back",
    "power": "all nodes crash at once",
    "late": "a node is switched on late",
    "pause": "a node stops for a while and keeps its memory",
    "cut": "nothing arrives on one direction of a link, or from one node, for a while",
    "partition": "the network splits: halves, one alone, a bridge, a ring of majorities",
    "reset": "a connection is lost with all that is in flight on it",
    "slow-disk": "a disk takes up to a second",
    "slow-node": "a node's disk and inbox are many times slower",
    "clock": "a node's timers fire in half to twice their time",
}
OF_DATAGRAMS = frozenset({"loss", "duplication", "delay"})
OF_CONNECTIONS = frozenset({"reset"})
STRIKING = ("crash", "power", "pause", "cut", "partition", "reset")
"""Those that strike at a moment, rather than a message or a whole run."""
STRUCK = ("loss", "duplication", "delay", "late", *STRIKING)
"""Those that can be counted when they strike; the others only make a seed slow."""
EVEN = 1 << 32
"""A probability of 1, as it is compared with 32 random bits."""
STEPS = 256
"""A duration is one of so many quantiles of its distribution: to draw one is to look it up."""

Table = tuple[int, ...]
"""Quantiles of a duration, in microseconds."""


class Storm(NamedTuple):
    """How a kind of fault strikes: so many times, with so many microseconds between two of them on average."""

    gap: int
    times: int


@dataclass(frozen=True)
class Weather:
    """What the seed of a run has drawn. Probabilities as parts of EVEN, times in microseconds."""

    kinds: tuple[str, ...]
    latency: Table
    disk: Table
    outage: Table
    loss: int = 0
    duplication: int = 0
    delay: int = 0
    storms: Mapping[str, Storm] = field(default_factory=dict)  # by kind that strikes
    slow: Mapping[Address, float] = field(default_factory=dict)  # so many times slower
    clocks: Mapping[Address, float] = field(default_factory=dict)  # so many times faster
    late: tuple[Address, ...] = ()
    patience: int = 0  # within which the requests come


def menu_of(cast: Cast, wanted: Sequence[str] | None = None) -> tuple[str, ...]:
    """The kinds that can strike this cast, of those wanted; by default of those that its protocol claims to withstand.

    Raises ValueError, with a sentence, for a kind that there is not or that its links cannot suffer.
    """
    strange = [kind for kind in wanted or () if kind not in MENU]
    if strange:
        raise ValueError(f"there is no fault {strange[0]!r}; there are {', '.join(MENU)}")
    foreign = OF_CONNECTIONS if cast.links is Links.BAG else OF_DATAGRAMS
    unfit = [kind for kind in wanted or () if kind in foreign]
    if unfit:
        raise ValueError(f"{cast.protocol} runs on {cast.links.name} links, which do not suffer {unfit[0]}")
    offered = wanted if wanted is not None else cast.withstands if cast.withstands is not None else MENU
    return tuple(kind for kind in MENU if kind in offered and kind not in foreign)


def table(distribution: Distribution) -> Table:
    """Quantiles of a distribution."""
    return tuple(microseconds(distribution.seconds((step + 0.5) / STEPS)) for step in range(STEPS))


def tables(*distributions: Distribution) -> tuple[Table, ...]:
    """Of several."""
    return tuple(map(table, distributions))


CALM = Weather((), table(DATAGRAM), table(FSYNC), outage=table(Uniform(0.0, 0.0)))
LATENCIES = tables(Uniform(0.005, 0.4), Exponential(0.03, 0.005), Exponential(0.2, 0.005), HeavyTail(0.01, 5))
SLOW_DISKS = tables(Uniform(0.01, 0.1), Exponential(0.1, 0.002), Uniform(0.1, 1.0))
OUTAGES = tables(Uniform(0.005, 0.1), Uniform(0.05, 0.5), Uniform(0.5, 8.0), Exponential(1.0, 0.1))
GAPS = (20_000, 100_000, 500_000, 2_000_000)
TIMES = (1, 2, 4, 10)
PATIENCES = (1, 200_000, 2_000_000)


def weather_of(seed: int, cast: Cast, menu: Sequence[str]) -> Weather:
    """The weather that this seed draws from a menu. What it draws of one kind does not depend on the others."""
    streams = {kind: Stream((seed << 8) + number + 1) for number, kind in enumerate(MENU)}
    kinds = tuple(kind for kind in menu if streams[kind].below(2))

    def one_of(tables: Sequence[Table], kind: str, usual: Table) -> Table:
        return tables[streams[kind].below(len(tables))] if kind in kinds else usual

    def odds(kind: str, most: float) -> int:
        return round(streams[kind].bits() * most) if kind in kinds else 0

    def some(kind: str) -> list[tuple[Address, float]]:
        stream = streams[kind]
        return [(me, stream.bits() / EVEN) for me in cast.addresses if stream.below(5) < 2] if kind in kinds else []

    other = Stream(seed << 8)
    return Weather(
        kinds,
        one_of(LATENCIES, "slow-links", CALM.latency),
        one_of(SLOW_DISKS, "slow-disk", CALM.disk),
        OUTAGES[other.below(len(OUTAGES))],
        loss=odds("loss", 0.3),
        duplication=odds("duplication", 0.3),
        delay=odds("delay", 0.2),
        storms={kind: _storm(streams[kind]) for kind in STRIKING if kind in kinds},
        slow={me: 2.0 ** (1 + 5 * share) for me, share in some("slow-node")},
        clocks={me: 0.5 * 4.0**share for me, share in some("clock")},
        late=tuple(me for me, _ in some("late")),
        patience=PATIENCES[other.below(len(PATIENCES))],
    )


def _storm(stream: Stream) -> Storm:
    return Storm(GAPS[stream.below(len(GAPS))], TIMES[stream.below(len(TIMES))])
