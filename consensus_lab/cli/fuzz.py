"""``consensus-lab fuzz``: many short random runs in all kinds of weather."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click

from consensus_lab.check import Unfreezable
from consensus_lab.check.claims import Always
from consensus_lab.check.coverage import watching
from consensus_lab.check.fuzz import MENU, Campaign, Failure, Finding, Statistics, investigate, menu_of
from consensus_lab.check.fuzz.campaign import STEPS
from consensus_lab.check.fuzz.finding import searched
from consensus_lab.check.fuzz.weather import STRUCK
from consensus_lab.check.keeping import Filing, filing
from consensus_lab.check.story import Story
from consensus_lab.cli import BROKEN, example, fail
from consensus_lab.cli.arguments import Target
from consensus_lab.cli.report import tell_coverage
from consensus_lab.kernel import Cast
from consensus_lab.kernel.trace import BadText, read_parameters
from consensus_lab.lab.checking import cast_of
from consensus_lab.lab.loading import BadInput
from consensus_lab.sim import RuleFailed

UNDECIDED = 3
EVERY = 0.1  # seconds between two looks at the bar
QUIETLY = 10  # seconds between two lines where there is no terminal
SEARCH = 30  # seconds that a search for the shortest run may take


class Spent(Exception):
    """The time that was given is over."""


@click.command(
    epilog=example(
        "consensus-lab fuzz paxos",
        "consensus-lab fuzz exercise.py:MyAcceptor --seeds 20000 --faults crash,loss",
        "consensus-lab fuzz paxos --seed 42",
    )
)
@click.argument("target", type=Target())
@click.option("--cast", "parameters", default="", metavar="WORDS", help="Who plays, such as participants=3.")
@click.option("--seeds", type=click.IntRange(min=1), default=1_000, help="How many seeds to play, from 1 on (1,000).")
@click.option("--seed", type=int, help="Play this one seed only.")
@click.option("--faults", metavar="KINDS", help=f"What may strike, of {', '.join(MENU)}; or none.")
@click.option("--steps", type=click.IntRange(min=1), default=STEPS, help=f"Events of a seed with faults ({STEPS}).")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), default=60, help="Give up after so long (60).")
@click.option("--shrink/--no-shrink", default=True, help="Leave out of a bad run what it can do without (yes).")
@click.option("--shortest", is_flag=True, help="Then search for the shortest bad run with the same faults, too.")
@click.option("--coverage", is_flag=True, help="Also which rules ran, in which states, with which outcomes.")
def command(
    target: str,
    parameters: str,
    seeds: int,
    seed: int | None,
    faults: str | None,
    steps: int,
    seconds: float,
    shrink: bool,
    shortest: bool,
    coverage: bool,
) -> None:
    """Play random runs of a protocol or of a class of yours, in all kinds of weather, until one refutes a claim.

    TARGET: a protocol, a scenario's cast, or a class of yours as FILE.py:CLASS.

    In each seed every kind of fault is on or off by the toss of a coin. Its invariants are held after every event; at
    last everything is mended, and what is claimed of the end must come true.

    Exit code 0: every seed survived, which is no proof; 1: one refuted something, and is told, shrunk and saved as a
    trace; 3: not all seeds were played, or nothing was ever decided; 2: it cannot be fuzzed.
    """
    cast = cast_to_fuzz(target, parameters)
    numbers: Sequence[int] = [seed] if seed is not None else range(1, seeds + 1)
    with watching() as reached:
        campaign = prepared(cast, faults, steps)
        try:
            failure, stopped = played(campaign, numbers, seconds)
        except Unfreezable as error:
            raise BadInput(str(error)) from None
    if coverage:
        reached.struck.update(campaign.statistics.struck)
        tell_coverage(reached)
        click.echo()
    if failure is not None:
        finding = investigate(cast, failure, shrinks=shrink)
        tell(finding, campaign.statistics)
        click.echo(f"This seed again: {again(target, finding.seed, cast=parameters, faults=faults, steps=steps)}")
        if shortest:
            tell_shortest(cast, finding)
        sys.exit(BROKEN)
    sys.exit(conclude(campaign, len(numbers), stopped))


def prepared(cast: Cast, faults: str | None, steps: int) -> Campaign:
    """The campaign, not begun yet. Raises BadInput for faults that there are none of."""
    try:
        return Campaign(cast, menu_of(cast, kinds(faults)), steps=steps)
    except ValueError as error:
        raise BadInput(str(error)) from None
    except RuleFailed as error:
        fail(f"before the first step, {error}")


def cast_to_fuzz(target: str, parameters: str) -> Cast:
    """Who plays. Raises BadInput for what makes no sense."""
    try:
        return cast_of(target, read_parameters(parameters))
    except BadText as error:
        raise BadInput(str(error)) from None


def kinds(words: str | None) -> list[str] | None:
    """``crash,loss`` as a list; ``none`` as an empty one; nothing said as nothing wanted."""
    if words is None:
        return None
    return [] if words == "none" else [word.strip() for word in words.split(",")]


# -- playing ----------------------------------------------------------------------------------------------------------


def played(campaign: Campaign, seeds: Sequence[int], seconds: float) -> tuple[Failure | None, str | None]:
    """The seed that failed, and what ended it before its time, if anything did."""
    with progress(len(seeds)) as show:

        def tell(statistics: Statistics) -> None:
            show(statistics)
            if statistics.seconds > seconds:
                raise Spent

        try:
            return campaign.run(seeds, tell), None
        except Spent:
            return None, f"the limit of {seconds:g} seconds"
        except KeyboardInterrupt:
            return None, "an interrupt"


@contextmanager
def progress(total: int) -> Iterator[Callable[[Statistics], None]]:
    """Something that shows how far a campaign has come: a bar on a terminal, else a line now and then."""
    last = time.monotonic()
    if not sys.stderr.isatty():

        def line(statistics: Statistics) -> None:
            nonlocal last
            if time.monotonic() - last >= QUIETLY:
                last = time.monotonic()
                click.echo(f"{statistics.runs:,} of {total:,} seeds, {figures(statistics)}", err=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)

        def move(statistics: Statistics) -> None:
            nonlocal last
            if time.monotonic() - last >= EVERY:
                last = time.monotonic()
                bar.update(task, completed=statistics.runs, description=figures(statistics))

        yield move


def figures(statistics: Statistics) -> str:
    """``1,234 runs/s  123,456 events/s``."""
    seconds = statistics.seconds or 1e-9
    return f"{statistics.runs / seconds:,.0f} runs/s  {statistics.events / seconds:,.0f} events/s"


# -- telling ----------------------------------------------------------------------------------------------------------


def tell(finding: Finding, statistics: Statistics) -> None:
    """What fell, how, and how to see it."""
    heading, _, rest = str(finding).partition("\n")
    click.secho(heading, fg="red", bold=True)
    click.echo(rest)
    click.echo(f"  before:   {statistics.runs:,} seeds survived; {figures(statistics)}")
    click.echo(told(finding.story, finding.name))


def again(target: str, seed: int, **options: object) -> str:
    """The command that plays one seed as it was played: what may strike is part of what it draws."""
    words = ["consensus-lab", "fuzz", target, "--seed", str(seed)]
    for name, value in options.items():
        words += [f"--{name}", str(value)] if value and value != STEPS else []
    return shlex.join(words)


def told(story: Story, name: str) -> str:
    """A story, kept under a name of its own."""
    before = filing.set(Filing(name=name))
    try:
        return story.told()
    finally:
        filing.reset(before)


def tell_shortest(cast: Cast, finding: Finding) -> None:
    """What a search finds with the same faults at its disposal."""
    click.echo("\nThe explorer looks for the shortest bad run with no more faults and timeouts than this ...")
    verdict = searched(cast, finding, SEARCH).judge(Always(cast.invariants))
    click.secho(verdict.finding, bold=True)
    if verdict.story:
        click.echo(told(verdict.story, f"{finding.name}-shortest"))


def conclude(campaign: Campaign, wanted: int, stopped: str | None) -> int:
    """Say what the seeds have been through; the exit code."""
    statistics = campaign.statistics
    survived = f"{statistics.runs:,} of {wanted:,} seeds survived" if stopped else f"{wanted:,} seeds survived"
    weak = weaknesses(campaign)
    click.secho(survived, fg="yellow" if weak or stopped else "green", bold=True)
    for name, text in details(campaign, stopped):
        click.echo(f"  {name + ':':<10}{text}")
    for sentence in weak:
        click.secho(f"  weak:     {sentence}", fg="yellow")
    return UNDECIDED if stopped or not statistics.decisions else 0


def details(campaign: Campaign, stopped: str | None) -> Iterator[tuple[str, str]]:
    """What was claimed, and what happened."""
    statistics, cast = campaign.statistics, campaign.cast
    yield "always", ", ".join(claim.name for claim in cast.invariants)
    yield "at last", ", ".join(claim.name for claim in cast.eventually) or "nothing is claimed"
    yield "played", f"{statistics.events:,} events, {figures(statistics)}"
    yield (
        "struck",
        ", ".join(f"{kind} {statistics.struck[kind]:,}" for kind in STRUCK if statistics.struck[kind]) or "-",
    )
    yield "drawn", ", ".join(f"{kind} {statistics.drawn[kind]:,}" for kind in campaign.menu) or "-"
    yield (
        "decided",
        f"{statistics.decisions:,} times, in {statistics.deciding:,} seeds; {statistics.timeouts:,} timeouts",
    )
    if stopped:
        yield "ended by", stopped


def weaknesses(campaign: Campaign) -> list[str]:
    """Why surviving these seeds says little."""
    statistics = campaign.statistics
    missed = [kind for kind in campaign.menu if kind in STRUCK and not statistics.struck[kind]]
    never = [kind for kind in campaign.menu if not statistics.drawn[kind] and kind not in missed]
    sentences = [f"{', '.join(missed)} never struck"] if missed else []
    sentences += [f"{', '.join(never)} was never on"] if never else []
    if not statistics.decisions:
        return [*sentences, "nothing was ever decided, so nothing much was tried"]
    few = statistics.deciding < statistics.runs / 2
    return [*sentences, "most seeds decided nothing"] if few else sentences
