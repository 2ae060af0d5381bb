"""Histories on a page: judged now, and drawn: what has no order, or all of it with the order that explains it."""

from __future__ import annotations

from html import escape
from pathlib import Path

from consensus_lab.check.linearizability import MODELS, Model, Ruling, Verdict, judge, minimise
from consensus_lab.check.linearizability.drawing import svg, svg_of
from consensus_lab.check.linearizability.timeline import drawn, timeline, told
from consensus_lab.lab.histories import history_named
from consensus_lab.site.errors import BuildFailed

PAGES = Path(__file__).resolve().parents[2] / "site" / "pages"


def history_figure(name: str) -> str:
    """A history's file beside the pages, or a scenario, as a picture and as text. Raises BuildFailed for no verdict."""
    file = PAGES / name
    found = history_named(str(file) if file.is_file() else name)
    model = MODELS[found.model](*found.initial)
    verdict = judge(found.history, model)
    if verdict.ruling is Ruling.UNKNOWN:
        raise BuildFailed(f"the history {name} is not settled: {verdict}")
    picture, text = _violated(verdict, model) if verdict.offending else _explained(verdict, model)
    command = f"consensus-lab linearizable {file.name if file.is_file() else name}"
    return "\n".join(
        (
            '<figure class="chart history" data-search-exclude>',
            f"<figcaption><strong>{verdict.ruling.value.capitalize()}.</strong></figcaption>",
            picture,
            '<details class="story-text"><summary>The same as text</summary>',
            f"<pre>{escape(text)}</pre></details>",
            f'<div class="story-command">Judge it yourself: <code>{command}</code></div></figure>',
        )
    )


def _violated(verdict: Verdict, model: Model) -> tuple[str, str]:
    assert verdict.offending is not None
    window = minimise(verdict.offending, model)
    return svg_of(window), told(window)


def _explained(verdict: Verdict, model: Model) -> tuple[str, str]:
    orders = [f"{model.name_of(part.key)}: {', '.join(map(str, part.order))}" for part in verdict.parts]
    shape = timeline([operation for part in verdict.parts for operation in part.operations])
    text = "\n".join([*drawn(shape), "", "An order that explains it:", *(f"  {order}" for order in orders)])
    return svg(shape, f"An order that explains it: {'; '.join(orders)}"), text
