"""``consensus-lab scenarios``: a line each, its name and then its title."""

from __future__ import annotations

import json

import click

from consensus_lab.cli import example
from consensus_lab.kernel.cast import cast_words
from consensus_lab.lab.catalogue import scenario_files
from consensus_lab.lab.scenario import load_scenario


@click.command(epilog=example("consensus-lab scenarios", "consensus-lab scenarios --json"))
@click.option("--json", "as_json", is_flag=True, help="As JSON: name, title, summary, protocol, cast, file.")
def command(as_json: bool) -> None:
    """List every scenario that can be played: `protocol/name`, then its title."""
    loaded = [load_scenario(name) for name in scenario_files()]
    if as_json:
        rows = [
            {
                "name": s.name,
                "title": s.title,
                "summary": s.summary,
                "protocol": s.cast.protocol,
                "cast": dict(cast_words(s.cast.parameters)),
                "file": str(s.path),
            }
            for s in loaded
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    width = max(len(scenario.name) for scenario in loaded)
    for scenario in loaded:
        click.echo(f"{scenario.name:<{width}}  {scenario.title}")
