"""``consensus-lab run``: a scenario without a screen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import click

from consensus_lab.check.coverage import Coverage
from consensus_lab.cli import INTERRUPTED, USAGE, example, fail
from consensus_lab.cli.arguments import OutputFile, ScenarioName, write
from consensus_lab.cli.report import conclude, list_violations, tell, tell_coverage
from consensus_lab.lab.adversaries import under_the_adversary
from consensus_lab.lab.catalogue import refuse_unrepeatable, with_nodes
from consensus_lab.lab.claims import BadClaim
from consensus_lab.lab.scenario import Interrupted, Performance, Scenario, load_scenario
from consensus_lab.lab.script import ScriptError
from consensus_lab.lab.stage import CannotStart
from consensus_lab.sim import Impossible
from consensus_lab.sim.reading import BadChoice

PICKERS = ("flp",)


@click.command(
    epilog=example(
        "consensus-lab run two-phase-commit/commits",
        "consensus-lab run my_story.txt --seed 7 --trace my_story.trace",
        "consensus-lab run two-phase-commit/commits --on tcp",
        "consensus-lab run multi-paxos/normal --on tcp --nodes 5",
        "consensus-lab run paxos/duel --picker flp --steps 1000 --quiet",
    )
)
@click.argument("scenario", type=ScenarioName())
@click.option("--seed", type=int, help="Rules what the script leaves open: latencies, timers, faults.")
@click.option("--trace", "trace_file", type=OutputFile(), help="Write the trace here.")
@click.option("--json", "json_file", type=OutputFile(), help="Write it as JSON here.")
@click.option("--on", "bus", type=click.Choice(["sim", "tcp"]), default="sim", help="Simulated, or a process a role.")
@click.option("--nodes", type=int, help="So many servers or participants, instead of as many as the scenario says.")
@click.option("--picker", type=click.Choice(PICKERS), help="Not the script, but FLP's adversary picks every step.")
@click.option("--steps", type=click.IntRange(1, 20_000), default=200, help="How many it picks (200).")
@click.option("--coverage", is_flag=True, help="Also which rules ran, in which states, with which outcomes.")
@click.option("--quiet", "-q", is_flag=True, help="Only what came of it.")
def command(
    scenario: str,
    seed: int | None,
    trace_file: Path | None,
    json_file: Path | None,
    bus: str,
    nodes: int | None,
    picker: str | None,
    steps: int,
    coverage: bool,
    quiet: bool,
) -> None:
    """Perform SCENARIO (a name, or a .txt or .py file) and say what came of it.

    Exit code 0: all went as the script says and every invariant held; 1: it did not; 2: it cannot be performed.
    """
    loaded = load_scenario(scenario)
    resized = loaded if nodes is None else replace(loaded, cast=with_nodes(loaded.cast, nodes))
    if bus == "tcp":
        if trace_file or json_file or picker or seed is not None:
            raise click.UsageError(
                "--seed, --trace, --json and --picker are for simulated runs, and --on tcp is a real one"
            )
        run_on_tcp(loaded, resized)
        return
    if trace_file:
        refuse_unrepeatable(resized.cast)
    performance = perform(under_the_adversary(resized, steps) if picker else resized, seed)
    click.secho(f"{loaded.name}: {loaded.title}\n", bold=True)
    if not quiet:
        tell(performance.trace, performance.captions)
    write_outputs(performance, trace_file, json_file)
    refuse_bad_script(performance)
    conclude(performance.end, performance.trace)
    if coverage:
        reached = Coverage()
        reached.follow(performance.start, performance.trace)
        tell_coverage(reached)
    if performance.failure:
        fail(performance.failure)
    if performance.unexpected:
        fail(f"an invariant was refuted {list_violations(performance.unexpected)}")


def run_on_tcp(scenario: Scenario, resized: Scenario) -> None:
    """What is submitted in the scenario, submitted to real processes. A script that fails in the simulator fails there.

    Only there it is played to the letter, and needs the nodes that it speaks of.
    """
    simulated = perform(scenario)
    refuse_bad_script(simulated)
    if simulated.failure:
        fail(simulated.failure)
    from consensus_lab.cli import on_tcp

    on_tcp.perform(resized, simulated)


def write_outputs(performance: Performance, trace_file: Path | None, json_file: Path | None) -> None:
    """The trace as text, and as the site's player reads it."""
    if trace_file:
        write(trace_file, performance.text())
    if json_file:
        from consensus_lab.lab.export import export

        write(json_file, json.dumps(export(performance), indent=1, ensure_ascii=False) + "\n")


def refuse_bad_script(performance: Performance) -> None:
    """A beat that cannot be read or cannot happen cannot be performed; one that disappoints or raises is a finding."""
    reason = performance.error
    cause = reason.__cause__ if isinstance(reason, ScriptError) else reason
    if performance.failure and isinstance(cause, Impossible | BadChoice | BadClaim):
        fail(performance.failure, USAGE)


def perform(scenario: Scenario, seed: int | None = None) -> Performance:
    """Play it; what raises before the first step, and Ctrl-C, end in a sentence too."""
    try:
        return scenario.perform(seed)
    except CannotStart as error:
        fail(str(error))
    except Interrupted as stop:
        fail(str(stop), INTERRUPTED)
