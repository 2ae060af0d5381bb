"""The picture of the network: boxes are whole, and a partition is a line that parts them."""

from __future__ import annotations

import pytest
from textual.theme import BUILTIN_THEMES

from consensus_lab.kernel import Links
from consensus_lab.sim import Cut, Partition, World
from consensus_lab.tui.graph import Graph, ring, sides
from consensus_lab.tui.tones import Tones
from tests.tui.toy import toy

TONES = Tones(BUILTIN_THEMES["textual-dark"])
NODES = ["n1", "n2", "n3", "n4", "n5"]


def world() -> World:
    return World.of(toy(5, Links.BAG))


def parted(*groups: str) -> World:
    return world().take(Partition(tuple(frozenset(group.split()) for group in groups)))


def picture(graph: Graph) -> list[str]:
    return [line.plain for line in graph.lines(TONES)]


def test_without_cuts_all_are_on_one_side() -> None:
    assert sides(world(), NODES) == [NODES]


def test_the_sides_of_a_partition_are_its_sets() -> None:
    assert sides(parted("n1 n4", "n2 n3 n5"), NODES) == [["n1", "n4"], ["n2", "n3", "n5"]]
    assert sides(parted("n5", "n1 n2", "n3 n4"), NODES) == [["n1", "n2"], ["n3", "n4"], ["n5"]]


def test_a_link_cut_in_one_direction_parts_nobody() -> None:
    one_way = world().take(Cut("n1", "n2"))
    assert sides(one_way, NODES) == [NODES]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 9])
@pytest.mark.parametrize(("width", "height"), [(44, 8), (58, 17), (80, 14)])
def test_every_box_is_whole_and_inside(count: int, width: int, height: int) -> None:
    nodes = [f"n{number}" for number in range(1, count + 1)]
    graph = Graph(width, height, nodes)
    for node in nodes:
        graph.box(node, node, "text", heavy=False)
    for a in nodes:
        for b in nodes:
            if a < b:
                graph.edge(a, b, "lane", dotted=True)
    rows = picture(graph)
    assert all(len(row) == width for row in rows)
    if count <= 5:
        assert sum(row.count("╭────╮") for row in rows) == count
        assert all(f"│ {node} │" in "\n".join(rows) for node in nodes)


def test_the_line_of_a_partition_passes_between_the_sides() -> None:
    graph = Graph(58, 17, NODES)
    at = ring(NODES, 58, 17)
    graph.divide([["n1", "n2"], ["n3", "n4", "n5"]])
    line = [cell for cell, glyph in graph.glyphs.items() if glyph in "┃━"]
    assert len(line) > 10
    assert all((round(x), round(y)) not in line for x, y in at.values())


def test_both_directions_cut_is_one_cross_in_the_middle() -> None:
    graph = Graph(58, 17, NODES)
    graph.cut("n1", "n2", both=True)
    graph.cut("n2", "n1", both=True)
    assert "".join(picture(graph)).count("✗") == 1
    graph.cut("n3", "n4", both=False)
    assert "".join(picture(graph)).count("✗") == 2


def test_a_message_flies_with_its_name() -> None:
    graph = Graph(58, 17, NODES)
    graph.flying("n3", "n4", "Ping")
    text = "\n".join(picture(graph))
    assert "Ping" in text
    assert any(glyph in text for glyph in "▶◀▲▼")
