"""``consensus-lab contrast``: one fault script on every protocol, in one table."""

from __future__ import annotations

import click

from consensus_lab.cli import example, fail
from consensus_lab.cli.arguments import ContrastName


@click.command(
    epilog=example(
        "consensus-lab contrast", "consensus-lab contrast lost-after-one-heard", "consensus-lab contrast my_faults.txt"
    )
)
@click.argument("script", type=ContrastName(), required=False)
def command(script: str | None) -> None:
    """Play one fault script on 2PC, 3PC, Paxos, Multi-Paxos and ZAB, and compare: who decides, who blocks, the price.

    SCRIPT: a name, or a .txt file; without one, every script that is shipped.

    Exit code 0: as told; 1: a decision that nothing disturbed did not cost what its textbook says; 2: no such script.
    """
    from consensus_lab.lab.contrast import load_contrast, rows, shipped
    from consensus_lab.lab.contrast.result import HEADINGS, Result

    wrong: list[Result] = []
    for number, name in enumerate([script] if script else shipped()):
        contrast = load_contrast(name)
        click.secho("\n" * bool(number) + contrast.title, bold=True)
        click.echo(contrast.summary)
        results = list(rows(contrast))
        click.echo(table([HEADINGS, *(result.row for result in results)]))
        wrong += [result for result in results if not result.costs_as_promised]
    for result in wrong:
        click.echo(f"{result.player.name} cost {result.cost}, and {result.player.source} says {result.player.formula}")
    if wrong:
        fail("a textbook is contradicted")


def table(rows: list[tuple[str, ...]]) -> str:
    """Columns as wide as they need be, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(_cell, row, widths)).rstrip() for row in rows)


def _cell(text: str, width: int) -> str:
    return text.rjust(width) if text.isdigit() else text.ljust(width)
