"""``consensus-lab play``: the stepping screen."""

from __future__ import annotations

import sys

import click

from consensus_lab.cli import USAGE, example, fail
from consensus_lab.cli.arguments import ScenarioName


@click.command(
    epilog=example(
        "consensus-lab play",
        "consensus-lab play two-phase-commit/coordinator-crashes-undecided",
        "consensus-lab play .consensus-lab/vote.trace --step 7",
    )
)
@click.argument("scenario", type=ScenarioName(), required=False)
@click.option("--step", type=click.IntRange(min=0), help="Open at this step.")
def command(scenario: str | None, step: int | None) -> None:
    """Open the stepping screen on SCENARIO: a name, a scenario's file, or a recorded trace.

    With none it opens the first scenario; the catalogue is one key away.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        fail("the stepping screen needs a terminal; 'consensus-lab run SCENARIO' needs none", USAGE)
    from consensus_lab import tui

    tui.run(scenario, step=step)
