"""``consensus-lab check``: search every schedule, and say why."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

import click

from consensus_lab.check import Exploration, Ruling, Unfreezable, explore
from consensus_lab.check.bounds import NETWORKS, TIMERS
from consensus_lab.check.claims import Always, Claim
from consensus_lab.check.coverage import watching
from consensus_lab.check.engines import ENGINES
from consensus_lab.check.fairness import FAIRNESS, Fairness
from consensus_lab.check.liveness import Eventually
from consensus_lab.check.memory import MEGABYTE
from consensus_lab.check.search import Progress
from consensus_lab.check.story import Story
from consensus_lab.cli import BROKEN, example
from consensus_lab.cli.arguments import Target
from consensus_lab.cli.lint import show
from consensus_lab.cli.report import tell_coverage
from consensus_lab.kernel import Cast
from consensus_lab.kernel.trace import BadText, read_parameters
from consensus_lab.lab import goals
from consensus_lab.lab.checking import cast_of
from consensus_lab.lab.comparing import first_difference
from consensus_lab.lab.linting import read_only
from consensus_lab.lab.loading import BadInput

UNDECIDED = 3
EXIT_CODES = {Ruling.PROVED: 0, Ruling.FALSIFIED: BROKEN, Ruling.UNDECIDED: UNDECIDED}
COLOURS = {Ruling.PROVED: "green", Ruling.FALSIFIED: "red", Ruling.UNDECIDED: "yellow"}
EVERY = 0.1  # seconds between two live lines


@click.command(
    epilog=example(
        "consensus-lab check two-phase-commit --crashes 1",
        "consensus-lab check exercise.py:CountingCoordinator --cast participants=3 --duplicates 1",
        "consensus-lab check two-phase-commit/ack-lost --losses 1 --seconds 20",
        "consensus-lab check three-phase-commit --crashes 1 --eventually decided --timers late --fail-stop",
    )
)
@click.argument("target", type=Target())
@click.option("--cast", "parameters", default="", metavar="WORDS", help="Who plays, such as participants=3.")
@click.option("--crashes", type=click.IntRange(min=0), default=0, help="How many nodes may crash, in all.")
@click.option("--losses", type=click.IntRange(min=0), default=0, help="How many messages may be lost.")
@click.option("--duplicates", type=click.IntRange(min=0), default=0, help="How many messages may arrive twice.")
@click.option("--cuts", type=click.IntRange(min=0), default=0, help="How many links may be cut.")
@click.option("--resets", type=click.IntRange(min=0), default=0, help="How many connections may be lost.")
@click.option("--wipes", type=click.IntRange(min=0), default=0, help="How many disks of crashed nodes may be lost.")
@click.option("--timeouts", type=click.IntRange(min=0), help="How many timers may fire; any number if not said.")
@click.option("--steps", type=click.IntRange(min=0), help="How long a run may be; as long as it likes if not said.")
@click.option("--network", type=click.Choice(NETWORKS), help="The cast's own if not said.")
@click.option("--copies", type=click.IntRange(min=1), default=1, help="Equal messages in flight at once.")
@click.option(
    "--eventually", metavar="GOAL", help="Not the invariants, but that it comes to this: 'decided', 'l1 decided'."
)
@click.option("--fairness", type=click.Choice(FAIRNESS), default="message", help="What --eventually takes for granted.")
@click.option("--timers", type=click.Choice(TIMERS), default="any", help="Late: only when nothing else can happen.")
@click.option("--fail-stop", is_flag=True, help="Whoever crashes does not come back.")
@click.option(
    "--blocked", is_flag=True, help="Not the invariants, but that nobody is left undecided when all is still."
)
@click.option("--engine", type=click.Choice(ENGINES), default="auto", help="Numpy for large spaces, where it is there.")
@click.option("--coverage", is_flag=True, help="Also which rules ran, in which states, with which outcomes.")
@click.option("--states", type=click.IntRange(min=1), default=2_000_000, help="Give up after so many (2,000,000).")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), default=60, help="Give up after so long (60).")
@click.option("--memory", type=click.FloatRange(min=0, min_open=True), help="Give up at so many megabytes.")
def command(target: str, parameters: str, coverage: bool, **options: Any) -> None:
    """Search every schedule of a protocol or of a class of yours.

    TARGET: a protocol, a scenario's cast, or a class of yours as FILE.py:CLASS.

    Exit code 0: what is claimed (its invariants, if nothing else is said) is proved within this bound; 1: it is
    falsified, or a rule raised, and a way there is told and saved as a trace; 3: not falsified within the budget or
    before Ctrl-C, which proves nothing; 2: it cannot be searched.
    """
    exploration, claim = prepared(target, parameters, options)
    if ".py:" in target:
        show(read_only(target), err=True)
    line = LiveLine() if is_watched() else None
    try:
        with watching() as reached:
            verdict = exploration.judge(claim, line.show if line else None)
    except Unfreezable as error:
        raise BadInput(str(error)) from None
    finally:
        if line:
            line.clear()
    heading, _, rest = str(verdict).partition("\n")
    click.secho(heading, fg=COLOURS[verdict.ruling], bold=True)
    click.echo(rest)
    if verdict.story:
        click.echo(verdict.story.told())
        for told in compared(verdict.story):
            click.echo(told)
    if coverage:
        tell_coverage(reached)
    sys.exit(EXIT_CODES[verdict.ruling])


def compared(story: Story) -> Iterator[str]:
    """Where a class of somebody's own first did otherwise than the library's on the way; nothing without one."""
    found = first_difference(story.cast, story.trace) if story.native else None
    return found.lines() if found else iter(())


def prepared(target: str, parameters: str, options: dict[str, Any]) -> tuple[Exploration, Claim | Eventually]:
    """What to search, and what is claimed of it. Raises BadInput for what makes no sense."""
    try:
        asked = {name: options.pop(name) for name in ("eventually", "fairness", "blocked")}
        recover = not options.pop("fail_stop")
        exploration = explore(cast_of(target, read_parameters(parameters)), recover=recover, **options)
        if asked["eventually"] and exploration.bound.steps is not None:
            raise BadInput("--eventually is about runs that may go on for ever: leave out --steps")
        return exploration, claimed(exploration.cast, **asked)
    except BadText as error:
        raise BadInput(str(error)) from None
    except ValueError as error:
        raise error if isinstance(error, BadInput) else BadInput(str(error)) from None


def claimed(cast: Cast, eventually: str | None, fairness: Fairness, blocked: bool) -> Claim | Eventually:
    """The question that these options put. Raises BadInput for options that do not go together."""
    if eventually and blocked:
        raise BadInput("--eventually and --blocked are two questions: ask one at a time")
    if eventually:
        return goals.eventually(eventually, fairness, cast)
    if fairness != "message":
        raise BadInput("--fairness is for --eventually")
    return goals.never_blocked(cast) if blocked else Always(cast.invariants)


def is_watched() -> bool:
    """Whether somebody sees the live line."""
    return sys.stderr.isatty()


class LiveLine:
    """One line on standard error that is written over and over."""

    def __init__(self) -> None:
        self._last = 0.0

    def show(self, progress: Progress) -> None:
        """How far the search has come, ten times a second."""
        now = time.monotonic()
        if now - self._last >= EVERY:
            self._last = now
            click.echo(f"\r\033[K{live(progress)}", nl=False, err=True)

    def clear(self) -> None:
        """Leave no trace of it."""
        click.echo("\r\033[K", nl=False, err=True)


def live(progress: Progress) -> str:
    """``123,456 states  98,765 states/s  depth 12  frontier 4,321  87 MB``."""
    figures = f"{progress.distinct:,} states  {progress.speed:,.0f} states/s  depth {progress.depth}"
    return f"{figures}  frontier {progress.frontier:,}  {progress.memory / MEGABYTE:,.0f} MB"
