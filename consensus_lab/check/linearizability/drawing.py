"""A timeline as SVG, which stands alone and follows the colours of the page it stands in."""

from __future__ import annotations

from html import escape

from consensus_lab.check.linearizability.minimise import Window
from consensus_lab.check.linearizability.timeline import Bar, Timeline, after, before, timeline_of

COLUMN, LANE, BAR, MARGIN = 7.4, 34, 22, 12
"""Pixels: of one character, from lane to lane, the height of a bar, and around it all."""

STYLE = """
.linearizability text { font: 12px ui-monospace, monospace; fill: var(--md-default-fg-color, #222); }
.linearizability rect { fill: var(--md-code-bg-color, #eef2f7); stroke: var(--md-primary-fg-color, #4051b5); }
.linearizability .open { stroke-dasharray: 4 3; }
.linearizability .lane, .linearizability .since { stroke: var(--md-default-fg-color--lighter, #bbb); }
"""


def svg_of(window: Window) -> str:
    """The picture of a window."""
    return svg(timeline_of(window), " ".join([before(window), *after(window)]))


def svg(shape: Timeline, title: str) -> str:
    """The picture, one element: as wide as its labels need. The title is for who cannot see it."""
    left = MARGIN + (max(map(len, shape.lanes)) + 2) * COLUMN
    width = left + (shape.width + 1) * COLUMN + MARGIN
    height = 2 * MARGIN + LANE * (len(shape.lanes) + len(shape.legend))
    lanes = [_lane(name, lane, left, width) for lane, name in enumerate(shape.lanes)]
    bars = [_bar(bar, left) for bar in shape.bars]
    size = f'viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}"'
    start = f'<svg xmlns="http://www.w3.org/2000/svg" class="linearizability" role="img" {size}>'
    parts = [
        start,
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        *lanes,
        *_since(shape, left),
        *bars,
        *_legend(shape),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _lane(name: str, lane: int, left: float, width: float) -> str:
    y = MARGIN + LANE * lane + BAR / 2
    line = f'<line class="lane" x1="{left:.1f}" y1="{y:.1f}" x2="{width - MARGIN:.1f}" y2="{y:.1f}"/>'
    return f'<text x="{MARGIN}" y="{y + 4:.1f}">{escape(name)}</text>{line}'


def _bar(bar: Bar, left: float) -> str:
    x, y = left + bar.start * COLUMN, MARGIN + LANE * bar.lane
    width = (bar.end - bar.start) * COLUMN
    kind = ' class="open"' if bar.open else ""
    box = f'<rect{kind} x="{x:.1f}" y="{y}" width="{width:.1f}" height="{BAR}" rx="4"/>'
    middle = f'x="{x + width / 2:.1f}" y="{y + BAR / 2 + 4:.1f}" text-anchor="middle"'
    return f"{box}<text {middle}>{escape(bar.label)}</text>"


def _since(shape: Timeline, left: float) -> list[str]:
    """The line behind which nothing is explained any more."""
    if shape.since is None:
        return []
    x, bottom = left + shape.since * COLUMN, MARGIN + LANE * len(shape.lanes) - LANE + BAR
    return [f'<line class="since open" x1="{x:.1f}" y1="{MARGIN}" x2="{x:.1f}" y2="{bottom}"/>']


def _legend(shape: Timeline) -> list[str]:
    top = MARGIN + LANE * len(shape.lanes)
    rows = enumerate(map(escape, shape.legend))
    return [f'<text x="{MARGIN}" y="{top + LANE * number + 16}">{line}</text>' for number, line in rows]
