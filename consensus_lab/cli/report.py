"""How a performance reads on a terminal: narration, steps, and what came of it."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Mapping, Sequence

import click

from consensus_lab.check.coverage import LEGEND, Coverage
from consensus_lab.kernel.notation import render
from consensus_lab.kernel.trace import MICROSECOND
from consensus_lab.lab.costs import measure
from consensus_lab.sim import World, WorldStep

INDENT = " " * 15


def tell(steps: Sequence[WorldStep], captions: Mapping[int, Sequence[str]] | None = None) -> None:
    """Print every step, with the narration that stands before it."""
    captions = captions or {}
    for index in range(len(steps) + 1):
        for sentence in captions.get(index, ()):
            click.secho(_wrapped(sentence, "  "), italic=True)
        for step in steps[index : index + 1]:
            click.echo(f"{index + 1:>4}  {step.now / MICROSECOND:>7.3f}  {step.choice}")
            if step.outcome:
                click.secho(_wrapped(step.outcome, INDENT), dim=True)


def _wrapped(text: str, indent: str) -> str:
    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    return textwrap.fill(text, width, initial_indent=indent, subsequent_indent=indent)


def conclude(world: World, steps: Sequence[WorldStep]) -> None:
    """Print who decided what, whether every invariant held all the way, and the cost."""
    click.echo()
    for address in world.cast.addresses:
        decided = list(dict.fromkeys(render(d.value) for d in world.decisions if d.node == address))
        condition = "" if world.machines[address].up else "  (down)"
        click.echo(f"  {address:<12} {'decided ' + ', then '.join(decided) if decided else 'undecided'}{condition}")
    click.echo()
    refuted: dict[str, str] = {}
    for after in [*(step.world for step in steps), world]:
        for violation in after.violations():
            refuted.setdefault(violation.invariant.name, violation.witness)
    for claim in world.cast.invariants:
        verdict = f"✗ {claim}: {refuted[claim.name]}" if claim.name in refuted else f"✓ {claim}"
        click.echo(f"  {verdict}")
    cost = measure(steps)
    click.echo(f"\n  {cost.messages} messages, {cost.forced} forced writes,", nl=False)
    click.echo(f" {cost.delays} message delays to the last decision, {cost.round_trips} round trips")


def list_violations(violations: Iterable[tuple[int, object]]) -> str:
    """Each violation with the step after which it was first seen."""
    return "; ".join(f"after step {index + 1}: {violation}" for index, violation in violations)


def tell_coverage(coverage: Coverage) -> None:
    """Print what was reached."""
    click.echo()
    for line in coverage.lines():
        click.echo(line)
    click.secho(f"\n{LEGEND}", dim=True)
