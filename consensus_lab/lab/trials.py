"""Trials: what a lesson's tests put a student's class through, and how they say that a claim was refuted.

A script plays one story; a storm plays many seeds in bad weather; `crash_at_every_point` is as thorough as its name.
Each holds the cast's invariants after every step. A refutation names its witness, leaves the shortest trace that was
found as a file, and says which command opens it. This module knows no protocol and no test framework.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from consensus_lab.check.coverage import watched
from consensus_lab.check.keeping import command, keep
from consensus_lab.kernel import Cast, Invariant, Violation
from consensus_lab.kernel.trace import MICROSECOND
from consensus_lab.lab.catalogue import refuse_unrepeatable, words_of
from consensus_lab.lab.comparing import first_difference
from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.script import Beat, ScriptError, TextScript, read_beats
from consensus_lab.lab.stage import CannotStart, Stage, Unmet
from consensus_lab.sim import Choice, RuleFailed, World, WorldStep, WorldTrace
from consensus_lab.sim.conditions import CALM, STORMY, Conditions
from consensus_lab.sim.faults import every_crash
from consensus_lab.sim.pickers import Picker, Seeded, steps_of

PATIENCE = 120 * MICROSECOND
"""Virtual time after which whoever has not decided is said never to: ten times what the slowest seed needs."""
MOST_STEPS = 2_000
MENDING = replace(CALM, outage=STORMY.outage)
"""Calm weather in which a node that was crashed is switched on again."""
SHOWN, WIDTH = 12, 110
"""How many of a trail's last steps a message shows, and how many columns of each: the trace has all."""


class Refuted(AssertionError):
    """A claim that did not hold: the claim with its witness, then when, the trail, and the command that shows it."""


class NotWritten(Refuted):
    """The rule of an exercise is still the question that it was shipped with."""


@dataclass(frozen=True)
class Finding:
    """What went wrong in one run: the claim refuted, how it was come by, and the steps that lead there."""

    claim: str
    how: str
    cast: Cast
    picker: Picker
    steps: tuple[WorldStep, ...]
    kind: type[Refuted] = Refuted

    def refute(self) -> NoReturn:
        """Keep the trace and raise, saying everything."""
        __tracebackhide__ = True
        raise self.kind("\n".join([self.claim, *(f"  {line}" for line in self._details())])) from None

    def _details(self) -> Iterator[str]:
        yield self.how
        if self._has_begun():
            yield from trail(self.steps)
            yield from self._compared()
            yield self._look()

    def _compared(self) -> Iterator[str]:
        """Where the library's own class would first have done otherwise: a hint that nobody has written."""
        found = None if self.kind is NotWritten else first_difference(self.cast, self.steps)
        return map(shortened, found.lines()) if found else iter(())

    def _has_begun(self) -> bool:
        """Whether there is a world to look at: not when a rule raised as the nodes were switched on."""
        try:
            return bool(self.steps or World.of(self.cast))
        except RuleFailed:
            return False

    def _look(self) -> str:
        try:
            return f"Look at it: {command(self.keep(), len(self.steps))}"
        except OSError as error:
            return f"(Its trace could not be kept: {error.filename}: {error.strerror})"
        except BadInput as error:
            return f"(Its trace could not be kept: {error})"

    def keep(self) -> Path:
        """Write the trace to its file, which the claim closes."""
        refuse_unrepeatable(self.cast)
        return keep(WorldTrace(self.steps), self.cast, self.picker, {len(self.steps): self.claim.splitlines()})


def trail(steps: tuple[WorldStep, ...]) -> Iterator[str]:
    """The last steps, numbered as the screen numbers them."""
    skipped = max(0, len(steps) - SHOWN)
    if skipped:
        yield f"     ... {skipped} steps before ..."
    for number, step in enumerate(steps[skipped:], skipped + 1):
        line = f"{number:>4}  {step.choice}" + (f"  | {step.outcome}" if step.outcome else "")
        yield shortened(line)


def shortened(line: str) -> str:
    """The beginning of a line, if it is too long: the trace has the rest."""
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


# -- one story -------------------------------------------------------------------------------------------------------


def script(cast: Cast, beats: str, *, seed: int = 1) -> World:
    """Perform a script's beats (see `lab.script`), one a line, and return the last world.

    Raises Refuted at the first invariant that falls, the first expectation unmet, or the first beat that cannot happen.
    """
    __tracebackhide__ = True
    picker = Seeded(seed)
    stage = begin(cast, picker)
    wrong = None
    try:
        perform(stage, beats)
    except ScriptError as error:
        wrong = error
    if stage.violations:
        index, violation = stage.violations[0]
        how = f"In the script of this test, after step {index + 1}:"
        Finding(str(violation), how, cast, picker, tuple(stage.steps[: index + 1])).refute()
    if wrong is not None:
        _unplayable(wrong, lines_of(beats), Finding("", "", cast, picker, tuple(stage.steps))).refute()
    return stage.world


def perform(stage: Stage, beats: str) -> None:
    """Play beats, one a line. Raises ScriptError at the first that cannot happen or does not hold."""
    TextScript("the script", "", stage.cast, beats=lines_of(beats)).perform(stage)


def lines_of(beats: str) -> tuple[Beat, ...]:
    """The beats of a script that stands, indented, in the text of a test."""
    return tuple(read_beats(textwrap.dedent(beats).strip()))


def begin(cast: Cast, picker: Picker) -> Stage:
    """A stage for this cast. Raises Refuted when a rule of its own fails before the first step."""
    __tracebackhide__ = True
    try:
        return Stage(cast, picker, words_of(cast.protocol))
    except CannotStart as error:
        finding = Finding(str(error), "Before the first step.", cast, picker, ())
        (raised(error.__cause__, finding) if isinstance(error.__cause__, RuleFailed) else finding).refute()


def _unplayable(error: ScriptError, beats: Iterable[Beat], finding: Finding) -> Finding:
    """The story went another way than the script tells: say at which line, and what is the case instead."""
    line = next(beat.text for beat in beats if beat.number == error.line)
    finding = replace(finding, how=f"In the script of this test, at line {error.line}, '{line}', after these steps:")
    cause = error.__cause__
    if isinstance(cause, RuleFailed):
        return raised(cause, finding)
    told = str(cause)
    return replace(finding, claim=told if isinstance(cause, Unmet) else f"the story went another way: {told}")


def raised(error: RuleFailed, finding: Finding) -> Finding:
    """The student's own code raised: a question not answered yet, or a mistake, with its place."""
    cause = error.__cause__
    assert cause is not None
    return not_written(cause, finding) if isinstance(cause, NotImplementedError) else replace(finding, claim=str(error))


def not_written(error: NotImplementedError, finding: Finding) -> Finding:
    """The exercise still asks its question."""
    return replace(finding, claim=f"not written yet: {_rule_of(error)} asks: {error}", kind=NotWritten)


def _rule_of(error: Exception) -> str:
    """``Class.method`` of the code that raised."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return place.tb_frame.f_code.co_qualname if place is not None else "a rule"


# -- many runs -------------------------------------------------------------------------------------------------------


def storm(
    cast: Cast,
    *,
    seeds: int = 200,
    conditions: Conditions = STORMY,
    eventually: Iterable[Invariant] = (),
    steps: int = MOST_STEPS,
) -> None:
    """Play that many seeds in bad weather, until each is quiet again; `eventually` is claimed of every last world.

    A run that is not quiet after so many `steps` is not followed any further, as where a leader's heart always beats.

    Raises Refuted with the shortest of all the runs that refute anything.
    """
    __tracebackhide__ = True
    claims = tuple(eventually)
    tried = ((f"Seed {seed} of 1 to {seeds}, stormy:", Seeded(seed, conditions)) for seed in range(1, seeds + 1))
    _report((Run(cast, picker, how) for how, picker in tried), claims, steps)


def crash_at_every_point(cast: Cast, *, seed: int = 1, eventually: Iterable[Invariant] = ()) -> None:
    """Crash each node after each step of a calm run, in every way its disk allows, and let it recover.

    Raises Refuted with the shortest of all the runs that refute anything.
    """
    __tracebackhide__ = True
    picker, claims = Seeded(seed, MENDING), tuple(eventually)
    calm = Run(cast, picker, f"Seed {seed}, with no fault at all:")
    _report([calm], claims)
    _report(calm.crashed(), claims)


@dataclass(frozen=True)
class Run:
    """One run: the steps it begins with, then perhaps a fault, then whatever the picker picks."""

    cast: Cast
    picker: Picker
    how: str
    first: tuple[WorldStep, ...] = ()
    fault: Choice | None = None

    def steps(self) -> Iterator[WorldStep]:
        """Every step, until the world is quiet or nobody need wait any longer."""
        yield from self.first
        world = self.first[-1].world if self.first else World.of(self.cast)
        if self.fault is not None:
            step = world.step(self.fault)
            world = step.world
            yield step
        end = world.now + PATIENCE
        yield from steps_of(world, self.picker, steps=MOST_STEPS, until=lambda world: world.now > end)

    def refuted_by(self, eventually: Sequence[Invariant], within: int = MOST_STEPS) -> Finding | None:
        """The first claim that falls: an invariant of the cast after any step, or one of `eventually` at the end.

        None also when it takes `within` steps or more, which nobody would want to read any more.
        """
        steps: list[WorldStep] = []
        try:
            for step in watched(World.of(self.cast), self.steps()):
                steps.append(step)
                if len(steps) >= within:
                    return None
                if step.world.violations():
                    return self._found(steps, step.world.violations())
        except RuleFailed as error:
            return raised(error, self._found(steps))
        end = steps[-1].world if steps else World.of(self.cast)
        missed = end.violations(tuple(eventually))
        return self._found(steps, missed) if missed else None

    def _found(self, steps: Sequence[WorldStep], fallen: Sequence[Violation] = ()) -> Finding:
        return Finding("".join(map(str, fallen[:1])), self.how, self.cast, self.picker, tuple(steps))

    def crashed(self) -> Iterator[Run]:
        """This run again, once for each crash after each of its steps."""
        steps = tuple(self.steps())
        for count, step in enumerate(steps, 1):
            for crash in every_crash(step.world):
                how = f"{self.picker}, and then '{crash}' as step {count + 1}:"
                yield replace(self, how=how[0].upper() + how[1:], first=steps[:count], fault=crash)


def _report(runs: Iterable[Run], eventually: Sequence[Invariant], steps: int = MOST_STEPS) -> None:
    """Refute with the shortest finding of all; a rule that is not written yet need be met only once."""
    __tracebackhide__ = True
    shortest: Finding | None = None
    for run in runs:
        found = run.refuted_by(eventually, len(shortest.steps) if shortest else steps)
        shortest = found or shortest
        if shortest is not None and shortest.kind is NotWritten:
            break
    if shortest is not None:
        shortest.refute()
