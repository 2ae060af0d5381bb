"""The conditions of a seeded run: how long things take, and how often they go wrong.

All of it is a value, so a seed and its conditions are the whole cause of a run. Probabilities are per message (loss,
duplication, delay) or per step (the rest). What a fault does is not known here: see `faults`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from consensus_lab.kernel import Address
from consensus_lab.sim.chance import Distribution, Exponential, HeavyTail, Uniform

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
    most_faults: int | None = None  # strike no more after this many; what cannot arrive is lost all the same

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
ROUGH = Conditions(
    latency=Uniform(0.01, 1.0), outage=Uniform(0.05, 0.5), crash=0.06, loss=0.03, delay=0.02, duplication=0.15
)
NAMES: dict[str, Conditions] = {"calm": CALM, "stormy": STORMY}
PROBABILITIES = frozenset({"loss", "duplication", "delay", "crash", "pause", "cut", "partition", "reset"})
DURATIONS = frozenset({"latency", "disk", "outage"})
DISTRIBUTIONS: Mapping[str, Callable[..., Distribution]] = {
    "uniform": Uniform,
    "exponential": Exponential,
    "heavytail": HeavyTail,
}
WHOLE = re.compile(r"[0-9]+")
NUMBER = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
MOST_SECONDS = 1e6  # longer than eleven days is no duration of a story
MOST_FACTOR = 1e6  # and nothing is slower or faster than others by more
MOST_FAULTS = 1_000_000


class BadConditions(ValueError):
    """These words describe no conditions: says which words do."""


def read_conditions(text: str) -> Conditions:
    """``stormy``; ``loss=0.1, latency=exponential:0.05, slow=p3*200``: a named set, then changes to it.

    Raises BadConditions.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    conditions = NAMES[words.pop(0)] if words and words[0] in NAMES else CALM
    return replace(conditions, **dict(map(_change, words)))


def _change(word: str) -> tuple[str, Any]:
    name, _, value = word.partition("=")
    try:
        return name, _value(name, value)
    except (ValueError, TypeError, KeyError):
        raise BadConditions(f"conditions are {', '.join(FORMS)}; not {word!r}") from None


def _value(name: str, value: str) -> Any:
    if name in ("slow", "clocks"):
        return {node: _number(factor, 1 / MOST_FACTOR, MOST_FACTOR) for node, factor in _pairs(value)}
    if name in DURATIONS:
        return _distribution(value)
    if name == "most_faults":
        return int(_number(value, 0, MOST_FAULTS, WHOLE))
    if name in PROBABILITIES:
        return _number(value, 0, 1)
    raise ValueError(name)


def _pairs(text: str) -> Iterator[tuple[Address, str]]:
    for pair in text.split("+"):
        node, factor = pair.split("*")
        yield node, factor


def _number(text: str, least: float, most: float, form: re.Pattern[str] = NUMBER) -> float:
    """A number as people write it, within bounds: none that overflows, and none in other digits than 0 to 9."""
    if form.fullmatch(text) and least <= float(text) <= most:
        return float(text)
    raise ValueError(text)


def _distribution(text: str) -> Distribution:
    kind, *words = text.split(":")
    seconds = [_number(word, 0, MOST_SECONDS) for word in words]
    if kind != "exponential" and seconds != sorted(seconds):
        raise ValueError(text)
    return DISTRIBUTIONS[kind](*seconds)


FORMS = (
    *NAMES,
    *(f"{name}=PROBABILITY" for name in sorted(PROBABILITIES)),
    *(f"{name}=DISTRIBUTION" for name in sorted(DURATIONS)),
    "slow=NODE*FACTOR",
    "clocks=NODE*FACTOR",
    "most_faults=COUNT",
    "where a DISTRIBUTION of seconds is uniform:LOW:HIGH, exponential:MEAN[:LOW] or heavytail:LOW:HIGH",
    f"where no number is above {MOST_SECONDS:,.0f}",
)
