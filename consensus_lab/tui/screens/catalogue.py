"""The catalogue: every scenario, by protocol."""

from __future__ import annotations

from pathlib import Path

from consensus_lab.lab.catalogue import scenario_files
from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.scenario import load_scenario
from consensus_lab.tui.screens.dialog import Choose


def catalogue(current: str) -> Choose[str]:
    """The dialog that answers with the name of a scenario."""
    entries: list[tuple[str, str | None]] = []
    protocol = ""
    for name in scenario_files():
        if name.partition("/")[0] != protocol:
            protocol = name.partition("/")[0]
            entries.append((protocol, None))
        entries.append((f"  {title_of(name)}", name))
    return Choose("scenarios", entries, current)


def title_of(name: str) -> str:
    """A scenario's title; for one that cannot be read, why."""
    try:
        return load_scenario(name).title
    except BadInput as error:
        return f"{Path(name).name}: {error}"
