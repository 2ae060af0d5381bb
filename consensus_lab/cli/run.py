"""``consensus-lab run``: a scenario without a screen."""

from __future__ import annotations

import json
from pathlib import Path

import click

from consensus_lab.cli import USAGE, example, fail
from consensus_lab.cli.arguments import ScenarioName
from consensus_lab.cli.report import conclude, list_violations, tell
from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.scenario import Performance, Scenario, load_scenario
from consensus_lab.lab.stage import Unmet
from consensus_lab.sim import RuleFailed


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
        on_tcp(loaded)
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


def on_tcp(scenario: Scenario) -> None:
    """The same on real processes. A script that fails in the simulator fails there."""
    simulated = scenario.perform()
    refuse_bad_script(simulated)
    if simulated.failure:
        fail(simulated.failure)
    from consensus_lab.cli.on_tcp import perform

    perform(scenario, simulated)


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
