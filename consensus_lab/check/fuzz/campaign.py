"""A campaign: many seeds of one cast, until one refutes a claim; and what happened in them all.

A set of seeds in which nothing was decided, or some fault never struck, has shown little: the statistics say so.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from consensus_lab.check.fuzz.inplace import InPlace
from consensus_lab.check.fuzz.reflexes import Nodes, Reflexes
from consensus_lab.check.fuzz.run import Ending, Fallen, Run
from consensus_lab.check.fuzz.watching import Grown, Lookout
from consensus_lab.check.fuzz.weather import Weather, weather_of
from consensus_lab.check.local import Broken
from consensus_lab.kernel import Cast
from consensus_lab.sim import Pick

STEPS = 400
"""So many events a seed may have before everything is mended."""
MOST_REACTIONS = 400_000
FIRST, NEW = 8_000, 0.25
"""After so many reactions, if so large a share of events was new, nothing is remembered any more."""
MOST_SIGHTS = 2_000_000
"""Beyond these the memory is emptied, at some 2 KB and 150 bytes for each of them."""


@dataclass
class Statistics:
    """What happened so far."""

    runs: int = 0
    events: int = 0
    decisions: int = 0
    deciding: int = 0  # runs in which anything was decided
    timeouts: int = 0
    drawn: Counter[str] = field(default_factory=Counter)  # in how many runs a kind of fault was on
    struck: Counter[str] = field(default_factory=Counter)  # how often it struck
    seconds: float = 0.0

    def add(self, weather: Weather, ending: Ending) -> None:
        """One run more."""
        self.runs += 1
        self.events += ending.events
        self.decisions += ending.decisions
        self.deciding += ending.decisions > 0
        self.timeouts += ending.timeouts
        self.drawn.update(weather.kinds)
        self.struck.update(ending.struck)


@dataclass(frozen=True)
class Failure:
    """The seed that refuted something: what fell, and every choice up to there."""

    seed: int
    weather: Weather
    fallen: Fallen | Broken
    trail: tuple[Pick, ...]


class Campaign:
    """Seeds of one cast. `run` goes on until one fails; what was found out meanwhile is in `statistics`."""

    def __init__(self, cast: Cast, menu: Sequence[str], *, steps: int = STEPS) -> None:
        self.cast = cast
        self.menu = menu
        self.steps = steps
        self.statistics = Statistics()
        self._lookout = Lookout(cast)
        self._kind: Callable[[Cast, Lookout], Nodes] = Reflexes
        self._nodes: Nodes = self._kind(cast, self._lookout)

    def run(self, seeds: Iterable[int], tell: Callable[[Statistics], None] | None = None) -> Failure | None:
        """Play these seeds until one fails."""
        begun = time.monotonic() - self.statistics.seconds
        for seed in seeds:
            weather = weather_of(seed, self.cast, self.menu)
            try:
                self.statistics.add(weather, self._play(seed, weather))
            except (Fallen, Broken):
                self.statistics.seconds = time.monotonic() - begun
                return self.failure(seed)
            self.statistics.seconds = time.monotonic() - begun
            if tell:
                tell(self.statistics)
        return None

    def failure(self, seed: int) -> Failure | None:
        """Play one seed and take down what happens, up to the claim that falls."""
        weather = weather_of(seed, self.cast, self.menu)
        trail: list[Pick] = []
        try:
            self._play(seed, weather, trail)
        except (Fallen, Broken) as fallen:
            return Failure(seed, weather, fallen, tuple(trail))
        return None

    def _play(self, seed: int, weather: Weather, trail: list[Pick] | None = None) -> Ending:
        if self._nodes.known > MOST_REACTIONS or self._lookout.size > MOST_SIGHTS:
            self._lookout.forget()
            self._nodes = self._kind(self.cast, self._lookout)
        elif self._nodes.known > max(FIRST, NEW * self.statistics.events):
            self._kind = InPlace
            self._nodes = self._kind(self.cast, self._lookout)
        while True:
            try:
                return Run(seed, self._nodes, weather, steps=self.steps, trail=trail).play()
            except Grown:
                self._lookout.forget()
                self._nodes.look_again()
                if trail is not None:
                    trail.clear()
