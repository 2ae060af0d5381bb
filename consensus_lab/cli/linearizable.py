"""``consensus-lab linearizable``: whether the answers that clients got can be explained, and if not, which cannot."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from consensus_lab.check.linearizability import MODELS, Model, Ruling, Verdict, Window, judge, minimise
from consensus_lab.check.linearizability.drawing import svg_of
from consensus_lab.check.linearizability.judge import STEPS
from consensus_lab.check.linearizability.notation import HistoryFile
from consensus_lab.check.linearizability.search import Meter
from consensus_lab.check.linearizability.timeline import told
from consensus_lab.cli import BROKEN, example
from consensus_lab.cli.arguments import OutputFile, ScenarioName, Seconds, write
from consensus_lab.lab.histories import history_named
from consensus_lab.lab.loading import BadInput

UNKNOWN = 3
EXIT_CODES = {Ruling.LINEARIZABLE: 0, Ruling.VIOLATED: BROKEN, Ruling.UNKNOWN: UNKNOWN}
COLOURS = {Ruling.LINEARIZABLE: "green", Ruling.VIOLATED: "red", Ruling.UNKNOWN: "yellow"}
SHOWN = 20
"""Of how many operations an order that explains them is printed."""


@click.command(
    epilog=example(
        "consensus-lab linearizable history.txt",
        "consensus-lab linearizable calls.txt --model kv --seconds 10",
        "consensus-lab linearizable multi-paxos/two-leaders",
        "consensus-lab linearizable history.txt --svg window.svg",
    )
)
@click.argument("target", type=ScenarioName())
@click.option("--model", type=click.Choice(list(MODELS)), help="What was called; needed when the file does not say.")
@click.option(
    "--steps", type=click.IntRange(min=1), default=STEPS, help=f"Give up on a part after so many ({STEPS:,})."
)
@click.option("--seconds", type=Seconds(min=0, min_open=True), default=60, help="Give up after so long (60).")
@click.option("--svg", "picture", type=OutputFile(), metavar="FILE", help="Draw what cannot be explained.")
def command(target: str, model: str | None, steps: int, seconds: float, picture: Path | None) -> None:
    """Judge whether a history of clients' calls is linearizable.

    TARGET: a file with a line for each operation, as 'c2  25..75  read() -> 100': client, called..returned, call ->
    answer; or a trace or a scenario of a protocol that serves clients.

    Exit code 0: linearizable, and an order that explains a short one is shown; 1: not linearizable, and the shortest
    window that has no order is drawn; 3: unknown, for the budget was spent; 2: it cannot be judged.
    """
    history = history_named(target)
    judged = object_of(target, history, model)
    try:
        verdict = judge(history.history, judged, steps=steps, seconds=seconds, clock=time.monotonic)
        meter = Meter(seconds=seconds, clock=time.monotonic)
        window = minimise(verdict.offending, judged, meter) if verdict.offending else None
    except ValueError as error:
        raise BadInput(f"{target}: {error}") from None
    click.secho(str(verdict), fg=COLOURS[verdict.ruling], bold=True)
    if window:
        show(window, picture)
    elif verdict.ruling is Ruling.LINEARIZABLE:
        for line in orders(verdict):
            click.echo(f"  {line}")
    sys.exit(EXIT_CODES[verdict.ruling])


def object_of(target: str, found: HistoryFile, model: str | None) -> Model:
    """The object that a history is of. Raises BadInput when that cannot be told."""
    name = model or found.model
    if name not in MODELS:
        asked = f"knows no model {name!r}" if name else "does not say what was called"
        raise BadInput(f"{target} {asked}: give --model with one of {', '.join(MODELS)}")
    return MODELS[name](*found.initial)


def orders(verdict: Verdict) -> list[str]:
    """An order that explains each part, unless nobody would read that much."""
    if verdict.operations > SHOWN:
        return []
    return [f"{verdict.model.name_of(part.key)}: {', '.join(map(str, part.order))}" for part in verdict.parts]


def show(window: Window, picture: Path | None) -> None:
    """Draw the window here, and as SVG where that was asked for."""
    click.echo()
    click.echo(told(window))
    if picture is not None:
        write(picture, svg_of(window))
        click.echo(f"\nDrawn in {picture}")
