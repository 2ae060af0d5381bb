"""Figures: scenarios performed now, as JSON inside the page for the player, and as text for whoever has none."""

from __future__ import annotations

import json
from functools import cache
from html import escape

from consensus_lab.lab.catalogue import protocol, scenario_files
from consensus_lab.lab.export import export
from consensus_lab.lab.scenario import Performance, load_scenario
from consensus_lab.site.errors import BuildFailed


@cache
def performed(name: str) -> Performance:
    """The scenario as it plays today. Raises BuildFailed when it does not do what it says."""
    performance = load_scenario(name).perform()
    if not performance.succeeded:
        refuted = "; ".join(str(violation) for _, violation in performance.unexpected)
        raise BuildFailed(f"the scenario {name} does not do what it says: {performance.failure or refuted}")
    return performance


def figure(name: str, held: str = "") -> str:
    """A player of one scenario. While the field `held` of a node is set, its lane is drawn as a band."""
    performance = performed(name)
    if held and not any(held in process.facts() for process in performance.start.processes.values()):
        raise BuildFailed(f"no node of {name} has a field {held!r}")
    story = json.dumps(export(performance) | {"held": held}, separators=(",", ":")).replace("<", "\\u003c")
    command = f"consensus-lab play {name}"
    return "\n".join(
        (
            f'<figure class="story" id="{anchor(name)}" data-search-exclude>',
            f"<figcaption><strong>{escape(performance.scenario.title)}.</strong> ",
            f"{escape(performance.scenario.summary)}</figcaption>",
            f'<trace-player><script type="application/json">{story}</script>',
            '<details class="story-text"><summary>The same trace as text</summary>',
            f"<pre>{escape(performance.text())}</pre></details>",
            f'</trace-player><div class="story-command">Step it yourself: <code>{command}</code></div></figure>',
        )
    )


def anchor(name: str) -> str:
    """Where a page's link finds the figure: ``two-phase-commit/commits`` is #story-commits."""
    return f"story-{name.rpartition('/')[2]}"


def scenario_list(name: str) -> str:
    """Every scenario of a protocol with its title, as a table that links to the figures."""
    protocol(name)
    rows = [
        f"| [{performed(each).scenario.title}](#{anchor(each)}) | `{each}` |"
        for each in scenario_files()
        if each.startswith(f"{name}/")
    ]
    return "\n".join(["| Story | Its name in the laboratory |", "|---|---|", *rows])
