"""A finding: the story of a seed that failed, shrunk, in causal order and in sentences, with the claim at its end.

As everywhere in the checker it must prove itself in a World: a trail that refutes nothing there is an error of the
fuzzer, and is never shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from consensus_lab.check.claims import Always
from consensus_lab.check.explore import Exploration, explore
from consensus_lab.check.fuzz.campaign import Failure
from consensus_lab.check.fuzz.run import Fallen
from consensus_lab.check.fuzz.shrink import MOST_ATTEMPTS, Attempt, Picks, Replaying, mending, shrunk
from consensus_lab.check.fuzz.weather import MENU
from consensus_lab.check.local import Broken
from consensus_lab.check.story import Disagreement, Story, in_causal_order
from consensus_lab.kernel import Cast
from consensus_lab.sim import (
    Crash,
    Cut,
    Drop,
    Duplicate,
    Fire,
    Pick,
    Reset,
    World,
    WorldStep,
    WorldTrace,
)

FEWER_ATTEMPTS = 200
"""To shrink what leads to a claim of the end: each is played on for a while."""
MOST_TOLD = 80
"""A trail of more steps is not put into causal order: nobody would read it in one go."""


@dataclass(frozen=True)
class Finding:
    """What a seed refutes. `story` is told of the trail that is left."""

    seed: int
    weather: tuple[str, ...]  # the kinds of fault that were on
    claim: str  # what fell, with its witness
    original: int  # how many choices the seed took to it
    story: Story

    @property
    def name(self) -> str:
        return f"fuzz-{self.story.cast.protocol}-{self.seed}"

    def __str__(self) -> str:
        weather = "; ".join(f"{kind} ({MENU[kind]})" for kind in self.weather) or "calm"
        return f"{self.claim}\n  seed:     {self.seed}\n  weather:  {weather}\n  shrunk:   {self._shrunk}"

    @property
    def _shrunk(self) -> str:
        left = len(self.story.trace)
        return f"from {self.original:,} choices to {left:,}" if left < self.original else f"none of {left:,} choices"


def searched(cast: Cast, finding: Finding, seconds: float) -> Exploration:
    """A search with as many faults and timeouts as were needed here: it finds the shortest bad run there is."""
    taken = [type(step.choice) for step in finding.story.trace]
    return explore(
        cast,
        crashes=taken.count(Crash),
        losses=taken.count(Drop),
        duplicates=taken.count(Duplicate),
        cuts=taken.count(Cut),
        resets=taken.count(Reset),
        timeouts=taken.count(Fire),
        seconds=seconds,
    )


def investigate(cast: Cast, failure: Failure, *, shrinks: bool = True) -> Finding:
    """Play what a campaign found in a World, and leave out what it can do without.

    Raises story.Disagreement when the World comes to another end.
    """
    replaying = Replaying(cast, failure.weather.clocks)
    fallen = failure.fallen
    if isinstance(fallen, Broken):
        left = _left(failure.trail, replaying.until_raised(fallen.failure.rule), shrinks)
        steps, ending = as_steps(cast, left[:-1]), f"{fallen} (on '{left[-1].choice}', the next step)"
    elif fallen.mended is not None:
        steps, ending = _stuck(cast, failure, fallen, replaying, shrinks), str(fallen)
    else:
        claim = fallen.violation.invariant
        steps = as_steps(cast, _left(failure.trail, replaying.until_broken(claim), shrinks))
        steps = in_causal_order(cast, Always((claim,)), steps) if len(steps) <= MOST_TOLD else steps
        ending = str(claim.refute(steps[-1].world if steps else World.of(cast)))
    way = "A way there from which nothing can be left out" if shrinks else "The way there"
    story = Story(cast, WorldTrace(steps), ending, way=way, found_by=f"fuzz seed {failure.seed}")
    return Finding(failure.seed, failure.weather.kinds, ending, len(failure.trail), story)


def _left(picks: Picks, attempt: Attempt, shrinks: bool, most: int = MOST_ATTEMPTS) -> Picks:
    """These, as they refute in a World; shrunk, if they are to be."""
    bad = attempt(picks)
    if bad is None:
        raise Disagreement("played in a World, the trail of this seed refutes nothing")
    return shrunk(bad, attempt, most) if shrinks else bad


def _stuck(cast: Cast, failure: Failure, fallen: Fallen, replaying: Replaying, shrinks: bool) -> list[WorldStep]:
    """What leads to a world in which all is mended in vain; the whole trail, if that takes a certain calm weather."""
    picks = failure.trail[: fallen.mended]
    attempt = replaying.until_stuck(fallen.violation.invariant, failure.seed)
    if attempt(picks) is None:
        return as_steps(cast, failure.trail)
    steps = as_steps(cast, _left(picks, attempt, shrinks, FEWER_ATTEMPTS))
    world = steps[-1].world if steps else World.of(cast)
    for choice in mending(world):
        steps.append(world.step(choice))
        world = steps[-1].world
    return steps


def as_steps(cast: Cast, picks: Sequence[Pick]) -> list[WorldStep]:
    """A trail as steps of a World. Raises RuleFailed where a rule does."""
    world, steps = World.of(cast), []
    for pick in picks:
        steps.append(world.step(pick.choice, pick.at))
        world = steps[-1].world
    return steps
