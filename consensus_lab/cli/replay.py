"""``consensus-lab replay``: a recorded trace, with the code as it is now."""

from __future__ import annotations

from pathlib import Path

import click

from consensus_lab.cli import example, fail
from consensus_lab.cli.report import conclude, tell
from consensus_lab.lab.replaying import load_trace, replay
from consensus_lab.lab.stage import CannotStart


@click.command(
    epilog=example("consensus-lab run two-phase-commit/ack-lost --trace a.trace", "consensus-lab replay a.trace")
)
@click.argument("trace", type=click.Path(path_type=Path))
@click.option("--quiet", "-q", is_flag=True, help="Only what came of it.")
def command(trace: Path, quiet: bool) -> None:
    """Follow TRACE step by step, and stop at the first line that no longer fits.

    Exit code 0: it fits and every invariant holds at its end; 1: it does not; 2: it cannot be read.
    """
    record, cast = load_trace(trace)
    try:
        replayed = replay(record, cast)
    except CannotStart as error:
        fail(f"{trace}: {error}")
    if not quiet:
        tell(replayed.trace, record.captions)
    end = replayed.trace[-1].world if replayed.trace else replayed.start
    conclude(end, replayed.trace)
    if replayed.change:
        click.echo(f"\n  {replayed.change[:1].upper()}{replayed.change[1:]}.")
    if replayed.diverged:
        fail(f"{trace}, {replayed.diverged}")
    if end.violations():
        fail(f"an invariant is refuted at the end: {'; '.join(map(str, end.violations()))}")
