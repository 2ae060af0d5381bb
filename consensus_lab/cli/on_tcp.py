"""``consensus-lab run SCENARIO --on tcp``: each role in a process of its own on loopback.

The client's requests are real, and the script's order is not kept. What is left at the end, decisions and journals, is
held to the cast's claims as far as they can be judged from that.
"""

from __future__ import annotations

from typing import Any

import click

from consensus_lab.cli import fail
from consensus_lab.kernel import Address
from consensus_lab.kernel.notation import render
from consensus_lab.lab.aftermath import Aftermath
from consensus_lab.lab.cluster import run_on_tcp
from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.scenario import Performance, Scenario
from consensus_lab.net.errors import NetError
from consensus_lab.sim import Submit
from consensus_lab.sim.conditions import CALM


def perform(scenario: Scenario, simulated: Performance) -> None:
    """Run it, follow it, and leave with exit code 1 when something broke or a claim is refuted."""
    requests = requests_of(scenario, simulated)
    click.secho(f"{scenario.name} on TCP: {scenario.title}\n", bold=True)
    try:
        left = run_on_tcp(scenario.cast, requests, report=lambda line: click.echo(f"  {line}"))
    except NetError as error:
        fail(str(error))
    conclude(left)
    refuted = left.violations()
    if refuted:
        fail(f"an invariant is refuted: {'; '.join(map(str, refuted))}")


def requests_of(scenario: Scenario, simulated: Performance) -> list[tuple[Address, Any]]:
    """What its client submits. Raises BadInput when its story needs faults: real processes have none on cue."""
    staged = next((str(step.choice) for step in simulated.trace if step.choice.fault), None)
    if scenario.conditions != CALM:
        staged = "conditions of its own"
    if staged:
        raise BadInput(
            f"{scenario.name} cannot run on tcp: its script has '{staged}', which only the simulator can do on cue; "
            "on tcp a scenario's requests run as they come"
        )
    submitted = [(step.choice.to, step.choice.request) for step in simulated.trace if isinstance(step.choice, Submit)]
    stranger = next((to for to, _ in submitted if to not in scenario.cast.addresses), None)
    if stranger:
        here = ", ".join(scenario.cast.addresses)
        raise BadInput(f"{scenario.name} submits a request to {stranger}, and with so many nodes there are only {here}")
    return submitted


def conclude(left: Aftermath) -> None:
    """Print what each claim came to, and who decided what."""
    refuted = {violation.invariant.name: violation.witness for violation in left.violations()}
    click.echo()
    for claim in left.cast.invariants:
        unseen = left.unseen(claim)
        verdict = f"✗ {claim}: {refuted[claim.name]}" if claim.name in refuted else f"✓ {claim}"
        click.echo(f"  ? {claim}: not judged, nobody saw {unseen}" if unseen else f"  {verdict}")
    click.echo()
    for address in left.cast.addresses:
        values = dict.fromkeys(render(decision.value) for decision in left.decisions if decision.node == address)
        click.echo(f"  {address:<12} {'decided ' + ', then '.join(values) if values else 'undecided'}")
