"""``consensus-lab sweep``: the same question of many seeds, bounds, wrong answers or submissions, on every core."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

import click

from consensus_lab.cli import BROKEN, example
from consensus_lab.cli.arguments import OutputFile, Seconds, Target, write
from consensus_lab.kernel.trace import BadText
from consensus_lab.lab.catalogue import protocol
from consensus_lab.lab.grade import PATIENCE
from consensus_lab.lab.loading import BadInput, whole_number
from consensus_lab.lab.mutants import bank
from consensus_lab.lab.sweep import Engine, Pool, Serial, Sweep, Work
from consensus_lab.lab.sweep.kinds import BOUNDS, played
from consensus_lab.lab.sweep.report import as_csv, as_json, told
from consensus_lab.lab.sweep.submissions import submissions as handed_in

INCOMPLETE = 3
MOST_SEEDS = 10_000_000

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group(
    epilog=example(
        "consensus-lab sweep seeds paxos --seeds 10000",
        "consensus-lab sweep bounds two-phase-commit --crashes 0-2 --losses 0-1",
        "consensus-lab sweep mutants paxos",
        "consensus-lab sweep submissions class/ --csv grades.csv",
        "consensus-lab sweep seeds paxos --scheduler tcp://127.0.0.1:8786",
    )
)
def command() -> None:
    """Ask the same of many seeds, bounds or submissions.

    The work is spread over the cores of this machine, or over a cluster of dask.distributed: --cluster starts one here,
    --scheduler uses another. A worker that dies loses nothing.

    Exit code 0: nothing failed; 1: something did; 3: not everything could be done; 2: it makes no sense.
    """


def shared(command: Command) -> Command:
    """The options of every sweep: who does it, and where the report goes."""
    for option in reversed(
        (
            click.option("--workers", type=click.IntRange(1, 1000), help="Processes; as many as cores if not said."),
            click.option("--cluster", is_flag=True, help="Use dask.distributed, on this machine."),
            click.option(
                "--scheduler", default="", metavar="ADDRESS", help="Use dask's scheduler at tcp:// or tls://."
            ),
            click.option("--tls-ca", type=PemFile(), help="For tls://: who signs the certificates."),
            click.option("--tls-cert", type=PemFile(), help="For tls://: our certificate."),
            click.option("--tls-key", type=PemFile(), help="For tls://: the key of our certificate."),
            click.option(
                "--batch", type=click.IntRange(min=1), help="Items in a batch; by what they take if not said."
            ),
            click.option("--json", "json_file", type=OutputFile(), metavar="FILE", help="Write the report as JSON."),
            click.option("--csv", "csv_file", type=OutputFile(), metavar="FILE", help="Write it as CSV."),
        )
    ):
        command = option(command)
    return command


class PemFile(click.Path):
    """A certificate or a key."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False)


target = click.argument("target", type=Target())
cast = click.option("--cast", "words", default="", metavar="WORDS", help="Who plays, such as participants=3.")
states = click.option("--states", type=click.IntRange(min=1), default=200_000, help="Give up one after (200,000).")
seconds = click.option("--seconds", type=Seconds(min=0, min_open=True), default=60, help="Give up one after (60).")


@command.command(epilog=example("consensus-lab sweep seeds paxos --seeds 10000"))
@target
@cast
@click.option("--seeds", type=click.IntRange(1, MOST_SEEDS), default=1_000, help="How many, from 1 on (1,000).")
@shared
def seeds(target: str, words: str, seeds: int, **options: Any) -> None:
    """Play many seeds, as "consensus-lab fuzz" does, and name those in which a claim falls."""
    carry_out(Work("seeds", common_to(target, words)), range(1, seeds + 1), options)


@command.command(epilog=example("consensus-lab sweep bounds two-phase-commit --crashes 0-2 --losses 0-1"))
@target
@cast
@click.option("--crashes", default="0", metavar="FROM-TO", help="How many nodes may crash (0).")
@click.option("--losses", default="0", metavar="FROM-TO", help="How many messages may be lost (0).")
@click.option("--duplicates", default="0", metavar="FROM-TO", help="How many messages may arrive twice (0).")
@click.option("--timeouts", default="", metavar="FROM-TO", help="How many timers may fire; any number if not said.")
@states
@seconds
@shared
def bounds(target: str, words: str, states: int, seconds: float, **options: Any) -> None:
    """Search every schedule within each of many bounds."""
    ranges = {name: numbers(name, options.pop(name)) for name in BOUNDS}
    grid = {name: chosen for name, chosen in ranges.items() if chosen}
    items = [dict(zip(grid, each, strict=True)) for each in product(*grid.values())]
    carry_out(Work("bounds", common_to(target, words) | {"states": states, "seconds": seconds}), items, options)


@command.command(epilog=example("consensus-lab sweep mutants paxos", "consensus-lab sweep mutants paxos --search"))
@click.argument("protocol_name", metavar="PROTOCOL")
@click.option("--search", is_flag=True, help="Kill them by a search, and not by their stories.")
@click.option("--crashes", type=click.IntRange(min=0), default=1, help="With --search: how many may crash (1).")
@click.option("--losses", type=click.IntRange(min=0), default=0, help="With --search: how many messages are lost (0).")
@states
@seconds
@shared
def mutants(
    protocol_name: str, search: bool, crashes: int, losses: int, states: int, seconds: float, **options: Any
) -> None:
    """Try every known wrong answer of a protocol, and name those that survive."""
    protocol(protocol_name)
    try:
        names = [mutant.name for mutant in bank(protocol_name)]
    except ModuleNotFoundError:
        raise BadInput(f"nobody has gathered wrong answers to {protocol_name} yet") from None
    bound = {"crashes": crashes, "losses": losses, "states": states, "seconds": seconds}
    carry_out(Work("mutants", {"protocol": protocol_name, "search": search} | bound), names, options)


@command.command(epilog=example("consensus-lab sweep submissions class/ --csv grades.csv"))
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--timeout", default=PATIENCE, show_default=True, type=Seconds(min=1), help="Seconds for each.")
@click.option("--strict/--lenient", default=True, help="No point for what the library answered (strict).")
@shared
def submissions(paths: tuple[Path, ...], timeout: float, strict: bool, **options: Any) -> None:
    """Grade a class: PATHS are files STUDENT.py, or folders of them, or of folders called after students.

    Each is graded in a process of its own, with a limit of time. The CSV has the columns of nbgrader's export.
    """
    carry_out(Work("submissions", {"patience": timeout, "strict": strict}), handed_in(paths), options, batch=1)


def common_to(target: str, words: str) -> dict[str, Any]:
    """What all items share. Raises BadInput for a target that cannot be cast."""
    try:
        return played(target, words)
    except BadText as error:
        raise BadInput(str(error)) from None


def numbers(name: str, text: str) -> list[int]:
    """``0-2`` as 0, 1, 2; nothing for no text. Raises BadInput."""
    low, dash, high = text.partition("-")
    if not text:
        return []
    first = whole_number(name, low)
    last = whole_number(name, high) if dash else first
    if last < first:
        raise BadInput(f"{name} must be FROM-TO, the smaller number first, not {text}")
    return list(range(first, last + 1))


def engine_of(options: dict[str, Any]) -> Engine:
    """Who does the work. Raises BadInput for words that do not go together."""
    workers, scheduler = options["workers"], options["scheduler"]
    pem = [options["tls_ca"], options["tls_cert"], options["tls_key"]]
    if any(pem) and not all(pem):
        raise BadInput("TLS needs all three of --tls-ca, --tls-cert and --tls-key")
    if scheduler or options["cluster"]:
        from consensus_lab.lab.sweep.cluster import Certificates, Cluster

        return Cluster(scheduler, workers, Certificates(*pem) if all(pem) else None)
    if any(pem):
        raise BadInput("--tls-ca, --tls-cert and --tls-key are for --scheduler tls://HOST:PORT")
    return Serial() if workers == 1 else Pool(workers) if workers else Pool()


def carry_out(work: Work, items: Iterable[Any], options: dict[str, Any], batch: int | None = None) -> None:
    """Sweep, report, and leave with the exit code that says how it went."""
    sweep = Sweep(work, engine_of(options)).run(items, batch=options["batch"] or batch, tell=live_line())
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)
    for line in told(sweep):
        click.echo(line)
    for path, form in ((options["json_file"], as_json), (options["csv_file"], as_csv)):
        if path is not None:
            write(path, form(sweep))
    sys.exit(INCOMPLETE if not sweep.complete else BROKEN if sweep.tally.failures else 0)


def live_line() -> Callable[[Sweep], None] | None:
    """How far it has come, on a line that is written over and over, where somebody sees it."""
    if not sys.stderr.isatty():
        return None
    return lambda sweep: click.echo(
        f"\r\033[K{sweep.tally.done:,} done, {len(sweep.tally.failures):,} failed, {sweep.seconds:.0f} s",
        nl=False,
        err=True,
    )
