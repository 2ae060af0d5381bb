"""Arguments that several verbs take."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


class ScenarioName(click.types.StringParamType):
    """The name of a scenario, or the path of a scenario's or a trace's file; completes both."""

    name = "scenario"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from consensus_lab.lab.catalogue import scenario_files

        names = [CompletionItem(name) for name in scenario_files() if name.startswith(incomplete)]
        return names or [CompletionItem(incomplete, type="file")]


class Target(click.types.StringParamType):
    """What can be checked: a protocol, a scenario, or FILE.py:CLASS; completes the first two."""

    name = "target"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from consensus_lab.lab.catalogue import protocols, scenario_files

        names = [CompletionItem(name) for name in (*protocols(), *scenario_files()) if name.startswith(incomplete)]
        return names or [CompletionItem(incomplete, type="file")]
