"""The story of a trail: played in a World, put into causal order, and told in sentences with the claim at its end.

The search moves numbers; here its trail must prove itself where everything else runs. A trail that a `World` cannot
follow, or that ends in a world which does not settle the claim, is an error of the checker and is never shown as proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from consensus_lab.check.bounds import Bound
from consensus_lab.check.claims import Claim
from consensus_lab.check.keeping import command, keep
from consensus_lab.check.search import Found
from consensus_lab.check.sentences import sentence
from consensus_lab.kernel import Cast
from consensus_lab.sim import Choice, Deliver, Duplicate, Impossible, RuleFailed, World, WorldStep, WorldTrace
from consensus_lab.sim.moves import OfEnvelope


class Disagreement(AssertionError):
    """The search and the World differ about a trail: a check that depends on what a search does not keep, or a bug."""


@dataclass(frozen=True)
class Story:
    """A way to what settled a claim, as steps of a World: by a search, the shortest."""

    cast: Cast
    trace: WorldTrace
    ending: str  # what it shows, as a sentence
    native: bool = True  # whether the cast plays on the links of its protocol
    way: str = "The shortest way there"
    found_by: str = "search"

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """One for each step."""
        return tuple(map(sentence, self.trace))

    def keep(self) -> Path:
        """Save it as a trace, a sentence before each step and the ending after the last."""
        return keep(self.trace, self.cast, self.found_by, self.captions())

    def captions(self) -> dict[int, list[str]]:
        """What is said before each step, and after the last."""
        captions = {index: [told] for index, told in enumerate(self.sentences)}
        captions[len(self.trace)] = self.ending.splitlines()
        return captions

    def told(self) -> str:
        """All of it, saved, with the command that opens it."""
        lines = [self.length if self.trace else "It is so from the beginning.", str(self)]
        return "\n".join([*filter(None, lines), self._where(self.keep())])

    @property
    def length(self) -> str:
        """How far it is, as the heading of the steps."""
        return f"{self.way} takes {len(self.trace)} step{'' if len(self.trace) == 1 else 's'}:"

    def _where(self, path: Path) -> str:
        if self.native:
            return f"Look at it: {command(path, len(self.trace))}"
        return f"Kept as {path}, to be read: the protocol itself assumes other links, on which it need not replay."

    def __str__(self) -> str:
        return "\n".join(f"{number:>4}. {told}" for number, told in enumerate(self.sentences, 1))


def tell_story(cast: Cast, claim: Claim, found: Found, bound: Bound, *, native: bool = True) -> Story:
    """Play what was found. Raises Disagreement when the World comes to another end."""
    choices = repeating(found.trail) if bound.network == "set" else found.trail
    if found.failure is not None:
        return replace(_failing(cast, choices, found.failure), native=native)
    try:
        steps = play(cast, choices)
    except Impossible as error:
        raise Disagreement(f"the search found a trail that a World cannot follow: {error}") from None
    ending = claim.settled_by(steps[-1].world if steps else World.of(cast))
    if ending is None:
        raise Disagreement(
            f"a World does not show what the search found of: {'; '.join(claim.sentences)}. Does the check depend on "
            "the order in which different nodes decided, or on how many timers fired? A search keeps neither"
        )
    return Story(cast, WorldTrace(in_causal_order(cast, claim, steps)), ending, native)


def tell_failure(cast: Cast, failure: RuleFailed) -> Story:
    """A rule that raised before the first step."""
    return Story(cast, WorldTrace(), str(failure))


def _failing(cast: Cast, choices: Sequence[Choice], failure: RuleFailed) -> Story:
    """The steps up to the one that raised."""
    steps = play(cast, choices[:-1])
    return Story(cast, WorldTrace(steps), f"{failure} (on '{choices[-1]}', the next step)")


def repeating(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """A trail on a set network as one on a bag: what is delivered again later is duplicated first."""
    left = Counter(str(choice) for choice in choices if isinstance(choice, Deliver))
    whole: list[Choice] = []
    for choice in choices:
        left[str(choice)] -= 1
        if isinstance(choice, Deliver) and left[str(choice)]:
            whole.append(Duplicate(choice.sender, choice.to, choice.message))
        whole.append(choice)
    return tuple(whole)


def play(cast: Cast, choices: Sequence[Choice]) -> list[WorldStep]:
    """These choices in a World. Raises Impossible when one of them cannot be taken."""
    world, steps = World.of(cast), []
    for choice in choices:
        step = world.step(choice)
        steps.append(step)
        world = step.world
    return steps


# -- causal order ----------------------------------------------------------------------------------------------------


def in_causal_order(cast: Cast, claim: Claim, steps: list[WorldStep]) -> list[WorldStep]:
    """The same steps, each as soon as may be after what caused it; as they were, if that should change the outcome."""
    order = causal_order(cast, steps)
    try:
        moved = play(cast, [steps[index].choice for index in order])
    except (Impossible, RuleFailed):
        return steps
    return moved if moved and claim.settled_by(moved[-1].world) else steps


def causal_order(cast: Cast, steps: Sequence[WorldStep]) -> list[int]:
    """Their indices, so that a step follows at once on its cause where it can: no two threads of the story mix."""
    causes = _causes(cast, steps)
    order: list[int] = []
    while len(order) < len(steps):
        ready = [index for index in range(len(steps)) if index not in order and causes[index] <= set(order)]
        latest = order[::-1]
        order.append(min(ready, key=lambda index: (_distance(causes[index], latest), index)))
    return order


def _distance(causes: set[int], latest: list[int]) -> int:
    """How many steps ago the last of these causes was taken."""
    return next((ago for ago, index in enumerate(latest) if index in causes), len(latest))


def _causes(cast: Cast, steps: Sequence[WorldStep]) -> list[set[int]]:
    """For each step those before it on the same nodes, and the one that sent the message it is about."""
    causes: list[set[int]] = []
    before = World.of(cast)
    first = before.serial
    for index, step in enumerate(steps):
        mine = {earlier for earlier in range(index) if _touched(steps[earlier]) & _touched(step)}
        if isinstance(step.choice, OfEnvelope):
            envelope = step.choice.envelope(before)
            mine |= {envelope.step} if envelope.serial > first else set()
        causes.append(mine)
        before = step.world
    return causes


def _touched(step: WorldStep) -> set[str]:
    """The nodes whose order of steps matters to this one: the one that acts, or both ends of a link."""
    choice = step.choice
    if choice.actor is not None:
        return {choice.actor}
    return {getattr(choice, "sender", ""), getattr(choice, "to", "")}
