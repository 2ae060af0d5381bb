"""Predictions: exercises in which nothing is programmed. A story breaks off, and whoever learns says how it ends.

The reference answers by playing the story to its end and looking; so what is right is never typed by hand.
"""

from __future__ import annotations

from dataclasses import dataclass

from consensus_lab.kernel import Cast
from consensus_lab.lab.claims import read_claim
from consensus_lab.lab.stage import Stage
from consensus_lab.lab.trials import Finding, begin, not_written, perform
from consensus_lab.sim import World
from consensus_lab.sim.pickers import Seeded


@dataclass(frozen=True)
class Story:
    """`beginning` is shown; after `ending`, exactly one of `claims` holds. Both are beats, one a line."""

    name: str
    cast: Cast
    beginning: str
    ending: str
    claims: tuple[str, ...]

    def outcome(self) -> str:
        """The claim that holds in the end."""
        end = self.play().world
        holding = [claim for claim in self.claims if read_claim(claim).holds(end)]
        assert len(holding) == 1, f"the story '{self.name}' must end in one of its claims, not in {holding}"
        return holding[0]

    def play(self, *, until_it_breaks_off: bool = False) -> Stage:
        """The story on a stage; violations are part of it."""
        stage = begin(self.cast, Seeded(1))
        perform(stage, self.beginning if until_it_breaks_off else f"{self.beginning}\n{self.ending}")
        return stage


class Prediction:
    """How will it end? An exercise overrides `foretell`."""

    def foretell(self, story: Story) -> str:
        """Play the story, and look."""
        return story.outcome()


def foretold(prediction: Prediction, story: Story) -> World:
    """Have the end of a story foretold, play it, and compare; returns the last world.

    Raises Refuted, with the trace of the whole story, for a claim that does not hold in the end; with the trace up to
    where it breaks off for an answer that is no claim of the story, and NotWritten when there is none yet.
    """
    __tracebackhide__ = True
    broken_off = story.play(until_it_breaks_off=True)
    how = f"In the script of this test, '{story.name}', where it breaks off:"
    question = Finding("", how, story.cast, broken_off.picker, tuple(broken_off.steps))
    try:
        answer = prediction.foretell(story)
    except NotImplementedError as error:
        not_written(error, question).refute()
    if answer not in story.claims:
        claim = f"{answer!r} is no answer here; one is {', '.join(map(repr, story.claims))}"
        Finding(claim, how, story.cast, broken_off.picker, tuple(broken_off.steps)).refute()
    whole = story.play()
    foretelling = read_claim(answer)
    if not foretelling.holds(whole.world):
        claim = f"foretold '{answer}', but in the end {foretelling.found(whole.world)}"
        how = f"In the script of this test, '{story.name}', played to its end:"
        Finding(claim, how, story.cast, whole.picker, tuple(whole.steps)).refute()
    return whole.world
