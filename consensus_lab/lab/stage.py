"""The stage: on which a scenario's script is performed, step by step, into a trace with its narration.

It refuses to know in which form the script was written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from consensus_lab.check.coverage import watched
from consensus_lab.kernel import Cast, Violation
from consensus_lab.kernel.notation import Vocabulary
from consensus_lab.kernel.trace import MICROSECOND
from consensus_lab.lab.claims import Claim, read_claim
from consensus_lab.lab.loading import BadInput
from consensus_lab.sim import Choice, RuleFailed, World, WorldStep, WorldTrace
from consensus_lab.sim.pickers import Picker, steps_of
from consensus_lab.sim.reading import read_choice

MOST_STEPS = 20_000
"""A `run` without a count that is still going after so many steps fails: some timers go on for ever."""


class Unmet(AssertionError):
    """An expectation of the script does not hold: which, after which step, and what is the case instead."""


class CannotStart(BadInput):
    """A rule raised when the cast was switched on (its cause): there is no first world."""


def switched_on(cast: Cast) -> World:
    """The first world of a cast. Raises CannotStart when a rule for Start does not end well."""
    try:
        return World.of(cast)
    except RuleFailed as error:
        raise CannotStart(f"before the first step, {error}") from error


@dataclass
class Stage:
    """A world being played. Its methods are the verbs of a script."""

    cast: Cast
    picker: Picker
    words: Vocabulary = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.start = self.world = switched_on(self.cast)
        self.steps: list[WorldStep] = []
        self.captions: dict[int, list[str]] = {}
        self.violations: list[tuple[int, Violation]] = []  # (index of the step after which it was first seen, what)
        self.announced: set[str] = set()  # invariants that the script expects to be violated

    @property
    def trace(self) -> WorldTrace:
        return WorldTrace(self.steps)

    def say(self, sentence: str) -> None:
        """Narration, shown before the step that comes next."""
        self.captions.setdefault(len(self.steps), []).append(sentence)

    def take(self, choice: Choice | str) -> None:
        """Make one thing happen. Raises Impossible or BadChoice when it cannot."""
        if not isinstance(choice, str | Choice):
            raise TypeError(f"a stage takes a choice or its text, such as 'crash p1', not {choice!r}")
        chosen = read_choice(choice, self.world, self.words) if isinstance(choice, str) else choice
        self._took(self.world.step(chosen))

    def run(self, *, steps: int | None = None, seconds: float | None = None, until: Claim | str | None = None) -> None:
        """Let the picker choose: for so many steps, so long in virtual time, until a claim holds, or until quiet.

        Raises Unmet when it ends before the claim holds, and when it does not end.
        """
        claim = read_claim(until) if isinstance(until, str) else until
        stop = self._stop(seconds, claim)
        for step in steps_of(self.world, self.picker, steps=MOST_STEPS if steps is None else steps, until=stop):
            self._took(step)
        if claim is not None and not claim.holds(self.world):
            raise Unmet(f"it never came to {claim.text}: {claim.found(self.world)}")
        if steps is None and not stop(self.world) and self.picker.pick(self.world) is not None:
            raise Unmet(f"it is still running after {MOST_STEPS} steps: say how many steps, or for how long")

    def _stop(self, seconds: float | None, claim: Claim | None) -> Callable[[World], bool]:
        end = None if seconds is None else self.world.now + round(seconds * MICROSECOND)

        def stop(world: World) -> bool:
            late = end is not None and self._next(world) > end
            return late or (claim is not None and claim.holds(world))

        return stop

    def _next(self, world: World) -> int:
        pick = self.picker.pick(world)
        return world.now if pick is None or pick.at is None else pick.at

    def expect(self, claim: Claim | str) -> None:
        """State what must be true now. Raises Unmet when it is not."""
        claim = read_claim(claim) if isinstance(claim, str) else claim
        if claim.text.startswith("violated "):
            self.announced.add(claim.text.removeprefix("violated ").strip())
        if not claim.holds(self.world):
            raise Unmet(f"expected {claim.text}, but {claim.found(self.world)}")

    def _took(self, step: WorldStep) -> None:
        for taken in watched(self.world, [step]):
            self.steps.append(taken)
        self.world = step.world
        known = {violation.invariant.name for _, violation in self.violations}
        fresh = (violation for violation in step.world.violations() if violation.invariant.name not in known)
        self.violations += [(len(self.steps) - 1, violation) for violation in fresh]
