"""``consensus-lab lint``: what keeps a class from being searched and replayed, and how to mend it."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from consensus_lab.check.lint import Finding
from consensus_lab.cli import BROKEN, example
from consensus_lab.cli.arguments import Target
from consensus_lab.kernel.trace import BadText, read_parameters
from consensus_lab.lab.linting import lint, near
from consensus_lab.lab.loading import BadInput


@click.command(
    epilog=example(
        "consensus-lab lint exercise.py",
        "consensus-lab lint exercise.py:CountingCoordinator --cast participants=3",
        "consensus-lab lint paxos",
    )
)
@click.argument("target", type=Target())
@click.option("--cast", "parameters", default="", metavar="WORDS", help="Who plays, such as participants=3.")
def command(target: str, parameters: str) -> None:
    """Find what a process must not depend on.

    That is clocks, dice, threads, files, variables of the module, the order of sets, messages that change.

    TARGET: a file of classes as FILE.py, one of them as FILE.py:CLASS, or a protocol. The text is read, and whatever
    plays in a protocol is tried out: each step twice, and again with sets in another order.

    Exit code 0: nothing was found; 1: something was; 2: no such target.
    """
    try:
        findings = lint(target, read_parameters(parameters))
    except BadText as error:
        raise BadInput(str(error)) from None
    show(findings)
    if not findings:
        click.secho("nothing found", fg="green", bold=True)
    sys.exit(BROKEN if findings else 0)


def show(findings: Iterable[Finding], *, err: bool = False) -> None:
    """Each with its place, and how to mend it."""
    for finding in findings:
        click.secho(f"{near(finding.file)}:{finding.line}: {finding.what}", bold=True, err=err)
        click.echo(f"    {finding.remedy}", err=err)
