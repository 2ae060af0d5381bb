"""``consensus-lab run``: a scenario without a screen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from consensus_lab.cli import USAGE, example, fail
from consensus_lab.cli.arguments import ScenarioName
from consensus_lab.cli.report import conclude, list_violations, tell
from consensus_lab.kernel import Address
from consensus_lab.kernel.notation import render
from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.scenario import Performance, Scenario, load_scenario
from consensus_lab.lab.stage import Unmet
from consensus_lab.sim import RuleFailed, Submit
from consensus_lab.sim.conditions import CALM


@click.command(
    epilog=example(
        "consensus-lab run two-phase-commit/commits",
        "consensus-lab run my_story.txt --seed 7 --trace my_story.trace",
        "consensus-lab run two-phase-commit/commits --on tcp",
    )
)
@click.argument("scenario", type=ScenarioName())
@click.option("--seed", type=int, help="Rules what the script leaves open: latencies, timers, faults.")
@click.option("--trace", "trace_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the trace here.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write it as JSON here.")
@click.option("--on", "bus", type=click.Choice(["sim", "tcp"]), default="sim", help="Simulated, or a process a role.")
@click.option("--quiet", "-q", is_flag=True, help="Only what came of it.")
def command(
    scenario: str, seed: int | None, trace_file: Path | None, json_file: Path | None, bus: str, quiet: bool
) -> None:
    """Perform SCENARIO (a name, or a .txt or .py file) and say what came of it.

    Exit code 0: all went as the script says and every invariant held; 1: it did not; 2: it cannot be performed.
    """
    loaded = load_scenario(scenario)
    if bus == "tcp":
        if trace_file or json_file or seed is not None:
            raise click.UsageError("--seed, --trace and --json are of simulated runs, and --on tcp is a real one")
        run_on_tcp(loaded)
        return
    performance = loaded.perform(seed)
    click.secho(f"{loaded.name}: {loaded.title}\n", bold=True)
    if not quiet:
        tell(performance.trace, performance.captions)
    write_outputs(performance, trace_file, json_file)
    refuse_bad_script(performance)
    conclude(performance.end, performance.trace)
    if performance.failure:
        fail(performance.failure)
    if performance.unexpected:
        fail(f"an invariant was refuted {list_violations(performance.unexpected)}")


def write_outputs(performance: Performance, trace_file: Path | None, json_file: Path | None) -> None:
    """The trace as text, and as the site's player reads it."""
    if trace_file:
        write(trace_file, performance.text())
    if json_file:
        from consensus_lab.lab.export import export

        write(json_file, json.dumps(export(performance), indent=1, ensure_ascii=False) + "\n")


def write(path: Path, text: str) -> None:
    """Write a file the user asked for. Raises BadInput when that cannot be done."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}") from None


def refuse_bad_script(performance: Performance) -> None:
    """A beat that cannot be read or cannot happen is the script's fault; one that disappoints is a finding."""
    reason = performance.error
    cause = reason.__cause__ if reason is not None and reason.__cause__ is not None else reason
    if performance.failure and not isinstance(cause, Unmet | RuleFailed) and not isinstance(reason, RuleFailed):
        fail(performance.failure, USAGE)


def run_on_tcp(scenario: Scenario) -> None:
    """Each role in a process of its own on loopback: the client's requests are real, the script's order is not kept."""
    from consensus_lab.lab.cluster import run_on_tcp as play
    from consensus_lab.net.errors import NetError

    requests = requests_of(scenario)
    click.secho(f"{scenario.name} on TCP: {scenario.title}\n", bold=True)
    try:
        decisions = play(scenario.cast, requests, report=lambda line: click.echo(f"  {line}"))
    except NetError as error:
        fail(str(error))
    click.echo()
    for address in scenario.cast.addresses:
        values = dict.fromkeys(render(decision.value) for decision in decisions if decision.node == address)
        click.echo(f"  {address:<12} decided {', then '.join(values) or 'nothing'}")


def requests_of(scenario: Scenario) -> list[tuple[Address, Any]]:
    """What its client submits. Raises BadInput when its story needs faults: real processes have none on cue."""
    trace = scenario.perform().trace
    staged = next((str(step.choice) for step in trace if step.choice.fault), None)
    if scenario.conditions != CALM:
        staged = "conditions of its own"
    if staged:
        raise BadInput(
            f"{scenario.name} cannot run on tcp: its script has '{staged}', which only the simulator can do on cue; "
            "on tcp a scenario's requests run as they come"
        )
    return [(step.choice.to, step.choice.request) for step in trace if isinstance(step.choice, Submit)]
