"""Arguments that several verbs take."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from consensus_lab.lab.loading import BadInput


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


class ContrastName(click.types.StringParamType):
    """The name of a contrast, or the path of its file; completes both."""

    name = "script"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from consensus_lab.lab.contrast import shipped

        names = [CompletionItem(name) for name in shipped() if name.startswith(incomplete)]
        return names or [CompletionItem(incomplete, type="file")]


class OutputFile(click.Path):
    """A file to be written when the work is done; refused before it begins if that cannot be."""

    def __init__(self, *, allow_dash: bool = False) -> None:
        super().__init__(dir_okay=False, allow_dash=allow_dash, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(os.fsdecode(value))
        if not (self.allow_dash and str(path) == "-"):
            refuse_unwritable(path)
        return path


class Seconds(click.FloatRange):
    """A time that ends: neither nan nor inf."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        seconds = super().convert(value, param, ctx)
        if not math.isfinite(seconds):
            self.fail(f"{value} is no number of seconds.", param, ctx)
        return seconds


def refuse_unwritable(path: Path) -> None:
    """Raise BadInput when this file could not be written. Leaves everything as it is."""
    if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
        return  # a terminal or a pipe: opening it may already say something
    new = not os.path.lexists(path)
    try:
        path.open("ab").close()
        if new:
            path.unlink()
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}") from None


def write(path: Path, text: str) -> None:
    """Write a file the user asked for. Raises BadInput when that cannot be done."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}") from None
