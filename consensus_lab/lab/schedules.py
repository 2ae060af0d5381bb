"""Adversary exercises: nothing is programmed, and whoever learns picks the schedule that blocks or breaks a protocol.

The reference finds a shortest schedule by searching them all; so what is right, and how well it can be done, is never
typed by hand. A longer schedule is right too, and earns less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, NoReturn

from consensus_lab.check import Exploration
from consensus_lab.check.claims import Always, Quiescent
from consensus_lab.check.space import Space
from consensus_lab.lab.catalogue import words_of
from consensus_lab.lab.stage import Stage
from consensus_lab.lab.trials import Finding, begin, not_written, raised
from consensus_lab.sim import Choice, Impossible, RuleFailed
from consensus_lab.sim.pickers import Human
from consensus_lab.sim.reading import BadChoice, read_choice

LEAST = 0.25
"""What part of the points a schedule earns at least that does what is asked, however long it is."""
BOUNDED = {
    "crash": "crashes",
    "drop": "losses",
    "duplicate": "duplicates",
    "cut": "cuts",
    "reset": "resets",
    "fire": "timeouts",
}
"""The bound's name for how often each verb may be taken; no other fault may be."""
NOBODY = Human(lambda world: None)


@dataclass(frozen=True)
class Game:
    """A cast within a bound, and the claim that a schedule must refute."""

    name: str
    exploration: Exploration
    claim: Always | Quiescent

    @cached_property
    def shortest(self) -> tuple[str, ...]:
        """A schedule that is as short as any, found by search."""
        story = self.exploration.judge(self.claim).story
        assert story is not None, f"no schedule does what is asked of '{self.name}'"
        return tuple(str(step.choice) for step in story.trace)

    def begin(self) -> Stage:
        """A stage on which nobody picks anything."""
        return begin(self.exploration.cast, NOBODY)

    @cached_property
    def _space(self) -> Space:
        return Space(self.exploration.cast, self.exploration.bound)

    def is_won(self, stage: Stage) -> bool:
        """Whether the claim is refuted here."""
        if self.claim.settled_by(stage.world) is None:
            return False
        return not self.claim.when_quiescent or self._space.quiescent(self._space.encode(stage.world))

    def refusal(self, choice: Choice, taken: Counter[str]) -> str | None:
        """Why this choice, after those taken before, goes beyond the bound; None when it does not."""
        most = getattr(self.exploration.bound, BOUNDED.get(choice.verb, ""), 0 if choice.fault else None)
        if most is None or taken[choice.verb] < most:
            return None
        allowed = f"no more than {most} of them {'is' if most == 1 else 'are'}" if most else "it is not"
        return f"cannot {choice}: {allowed} allowed here ({self.exploration.bound})"


class Adversary:
    """In which order must things happen? An exercise overrides `schedule`."""

    def schedule(self, game: Game) -> str:
        """The choices, one a line. Here: search all schedules, and take a shortest one."""
        return "\n".join(game.shortest)


class Played(NamedTuple):
    """How a schedule went that did what was asked."""

    steps: int
    shortest: int

    @property
    def share(self) -> float:
        """The part of the points that it earns."""
        return max(LEAST, min(1.0, self.shortest / self.steps))

    @property
    def remark(self) -> str:
        """What could be better, as a sentence; nothing when nothing could."""
        return f"It takes {self.steps} steps; {self.shortest} would do." if self.steps > self.shortest else ""

    def award(self, record: Callable[[str, object], None], points: float) -> None:
        """Tell the report how many of these points are earned, by pytest's `record_property`."""
        record("earned", round(points * self.share, 2))
        record("remark", self.remark)


def played(adversary: Adversary, game: Game) -> Played:
    """Have a schedule made, and play it until the claim falls.

    Raises Refuted, with the trace as far as it goes, for a line that cannot be played and for a schedule that ends
    with the claim unharmed; NotWritten when there is no schedule yet.
    """
    __tracebackhide__ = True
    stage = game.begin()
    try:
        written = adversary.schedule(game)
    except NotImplementedError as error:
        not_written(error, _finding(game, stage, "before the first step")).refute()
    taken: Counter[str] = Counter()
    for number, line in _lines(written):
        if not game.is_won(stage):
            _take(game, stage, line, f"at line {number}, '{line}', after these steps", taken)
    if not game.is_won(stage):
        _fail(game, stage, f"after all its {len(stage.steps)} steps", "; ".join(_unharmed(game, stage)))
    return Played(len(stage.steps), len(game.shortest))


def _lines(written: str) -> Iterator[tuple[int, str]]:
    """The choices and where they stand; what follows a # is for people."""
    stripped = ((number, line.partition("#")[0].strip()) for number, line in enumerate(written.splitlines(), 1))
    return ((number, line) for number, line in stripped if line)


def _take(game: Game, stage: Stage, line: str, where: str, taken: Counter[str]) -> None:
    """Take one choice. Raises Refuted when it cannot be read, cannot happen, or goes beyond the bound."""
    __tracebackhide__ = True
    try:
        choice = read_choice(line, stage.world, words_of(stage.cast.protocol))
    except (Impossible, BadChoice) as error:
        _fail(game, stage, where, str(error))
    refusal = game.refusal(choice, taken)
    if refusal:
        _fail(game, stage, where, refusal)
    taken[choice.verb] += 1
    try:
        stage.take(choice)
    except RuleFailed as error:
        raised(error, _finding(game, stage, where)).refute()


def _unharmed(game: Game, stage: Stage) -> Iterator[str]:
    """What still holds, or could still happen."""
    if game.claim.when_quiescent and game.claim.settled_by(stage.world):
        yield f"it is not over: {stage.world.moves()[0]} could still happen, and may help"
        return
    yield from (f"{claim} still holds" for claim in game.claim.invariants)


def _finding(game: Game, stage: Stage, where: str) -> Finding:
    how = f"In the schedule for '{game.name}', {where}:"
    return Finding("", how, stage.cast, stage.picker, tuple(stage.steps))


def _fail(game: Game, stage: Stage, where: str, claim: str) -> NoReturn:
    __tracebackhide__ = True
    finding = _finding(game, stage, where)
    Finding(claim, finding.how, finding.cast, finding.picker, finding.steps).refute()
