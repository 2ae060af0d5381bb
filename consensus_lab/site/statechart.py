"""A state diagram as SVG, drawn from the transitions that were seen: states in columns, edges named by messages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from html import escape
from typing import Any, NamedTuple

import networkx as nx

from consensus_lab.site.behaviour import Seen, behaviour, class_named
from consensus_lab.site.transitions import rank, word

COLUMN, ROW, WIDTH, HEIGHT, LINE = 225, 150, 96, 36, 15  # units of the drawing
SCALE = 1.1  # pixels a unit, where there is room
ARROW = "<defs><marker id='{0}' viewBox='0 0 8 8' refX='7.5' refY='4' markerWidth='8' markerHeight='8' orient='auto'>"
TIP = "<path d='M0 0L8 4L0 8z' class='chart-tip'/></marker></defs>"


class Place(NamedTuple):
    """The middle of a state's box, and its column."""

    x: float
    y: float
    column: int


Places = dict[Any, Place]
Edges = dict[tuple[Any, Any], list[str]]


def statechart(name: str, class_name: str) -> str:
    """The diagram of one class, as a figure that says what it was drawn from."""
    seen = behaviour(name)[class_named(name, class_name)]
    edges = edges_of(seen)
    places = arrange(edges)
    tip = f"tip-{class_name.lower()}"
    body = "".join([*_edges(edges, places, tip), *(_box(state, place) for state, place in places.items())])
    x, y, width, height = _frame(places, edges)
    frame = f'viewBox="{x:g} {y:g} {width:g} {height:g}" width="{width * SCALE:g}"'
    title = f"State diagram of {class_name}; the table below says the same."
    return (
        f'<figure class="chart"><svg {frame} role="img" aria-label="{title}">'
        f"{ARROW.format(tip)}{TIP}{body}</svg><figcaption>{class_name}, as drawn from {seen.total():,} messages heard "
        f"in every story of this page and in seeded storms.</figcaption></figure>"
    )


def edges_of(seen: Seen) -> Edges:
    """The names of the messages that lead from one state to another (or keep it), for each pair."""
    edges: dict[tuple[Any, Any], set[str]] = defaultdict(set)
    for transition in seen:
        if transition.rule:
            edges[transition.state, transition.after].add(transition.kind.__name__)
    ordered = sorted(edges, key=lambda pair: (rank(pair[0]), rank(pair[1])))
    return {pair: sorted(edges[pair]) for pair in ordered}


def arrange(edges: Edges) -> Places:
    """Columns by the longest way from the beginning, backward edges aside; within a column by the enumeration."""
    graph = nx.DiGraph(pair for pair in edges if rank(pair[0]) < rank(pair[1]))
    graph.add_nodes_from(state for pair in edges for state in pair)
    places = {}
    for column, states in enumerate(nx.topological_generations(graph)):
        for row, state in enumerate(sorted(states, key=rank)):
            places[state] = Place(column * COLUMN, (row - (len(states) - 1) / 2) * ROW, column)
    return places


def _frame(places: Places, edges: Edges) -> tuple[float, float, float, float]:
    """The viewBox: every box, and room for the loops and curves that bulge out of the outer rows."""
    tops, bottoms = [], []
    for (before, after), names in edges.items():
        here, there = places[before], places[after]
        side = _bulge(here, there)
        reach = HEIGHT / 2 + 36 + LINE * len(names)
        tops.append(min(here.y, there.y) - (reach if side < 0 else HEIGHT))
        bottoms.append(max(here.y, there.y) + (reach if side > 0 else HEIGHT))
    left, right = -WIDTH / 2 - 24, max(place.x for place in places.values()) + WIDTH / 2 + 24
    return left, min(tops), right - left, max(bottoms) - min(tops)


def _bulge(here: Place, there: Place) -> int:
    """To which side an edge leaves the rows: 1 is down, -1 is up, 0 is not at all."""
    if here == there:
        return 1 if here.y > 0 else -1
    if there.column == here.column + 1:
        return 0
    return 1 if there.column > here.column else -1


def _edges(edges: Edges, places: Places, tip: str) -> Iterator[str]:
    for (before, after), names in edges.items():
        here, there = places[before], places[after]
        if before == after:
            yield _loop(here, names, tip)
        elif _bulge(here, there):
            yield _around(here, there, names, tip)
        else:
            yield _forward(here, there, names, tip)


def _loop(at: Place, names: list[str], tip: str) -> str:
    """Above the box, in the lower half below it."""
    side = _bulge(at, at)
    y = at.y + side * HEIGHT / 2
    far = y + side * 26
    curve = f"M{at.x - 16:g} {y:g}C{at.x - 26:g} {far:g} {at.x + 26:g} {far:g} {at.x + 16:g} {y:g}"
    first = far + 9 if side > 0 else far - 2 - LINE * (len(names) - 1)
    return _path(curve, tip) + _names(names, at.x, first)


def _forward(here: Place, there: Place, names: list[str], tip: str) -> str:
    """To the next column: one gentle curve, its names outside of it: above in the upper half, below in the lower."""
    x1, x2 = here.x + WIDTH / 2, there.x - WIDTH / 2
    middle, y = (x1 + x2) / 2, (here.y + there.y) / 2
    curve = f"M{x1:g} {here.y:g}C{middle:g} {here.y:g} {middle:g} {there.y:g} {x2:g} {there.y:g}"
    first = y + 20 if y > 0 else y - 10 - LINE * (len(names) - 1)
    shift = 0 if here.y == there.y else 38 if abs(here.y) > abs(there.y) else -38
    return _path(curve, tip) + _names(names, middle + shift, first)


def _around(here: Place, there: Place, names: list[str], tip: str) -> str:
    """Over more than one column, or back: around the outside, its names beyond the curve."""
    side = _bulge(here, there)
    edge = max(here.y, there.y) if side > 0 else min(here.y, there.y)
    far = edge + side * (HEIGHT / 2 + 30)
    start, end = here.y + side * HEIGHT / 2, there.y + side * HEIGHT / 2 * (there.y == edge)
    x2 = there.x - (24 if side > 0 else -24)
    curve = f"M{here.x:g} {start:g}C{here.x:g} {far:g} {(here.x + x2) / 2:g} {far:g} {x2:g} {end:g}"
    first = far + 8 if side > 0 else far - 6 - LINE * (len(names) - 1)
    return _path(curve, tip) + _names(names, here.x + (x2 - here.x) * 0.36, first)


def _path(curve: str, tip: str) -> str:
    return f'<path d="{curve}" class="chart-edge" marker-end="url(#{tip})"/>'


def _names(names: list[str], x: float, first: float) -> str:
    lines = "".join(f'<tspan x="{x:g}" y="{first + LINE * n:g}">{escape(name)}</tspan>' for n, name in enumerate(names))
    return f'<text class="chart-name">{lines}</text>'


def _box(state: Any, at: Place) -> str:
    corner = f'x="{at.x - WIDTH / 2:g}" y="{at.y - HEIGHT / 2:g}" width="{WIDTH}" height="{HEIGHT}" rx="9"'
    label = f'<text class="chart-state" x="{at.x:g}" y="{at.y + 5:g}">{escape(word(state))}</text>'
    return f'<g><rect class="chart-box" {corner}/>{label}</g>'
