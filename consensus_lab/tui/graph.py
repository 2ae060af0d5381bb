"""Draws a network on a grid of characters: boxes on a ring, edges in braille, what flies, and the line of a partition.

Pure: characters and tones. The ring is three lines of trigonometry, because networkx's layouts need numpy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from math import cos, pi, sin

from rich.text import Text

from consensus_lab.kernel import Address
from consensus_lab.sim import World
from consensus_lab.tui.painting import spellings
from consensus_lab.tui.tones import Tones

Point = tuple[float, float]
"""(column, row), in cells from the top left."""

BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each of a cell's 4 x 2 dots, by row and column."""


class Graph:
    """A picture in the making. Boxes first: nothing is drawn over them."""

    def __init__(self, width: int, height: int, nodes: Sequence[Address]) -> None:
        self.width, self.height = width, max(height, 3)
        self.at = ring(nodes, width, self.height)
        self.dots: dict[tuple[int, int], int] = defaultdict(int)
        self.tones: dict[tuple[int, int], str] = {}
        self.glyphs: dict[tuple[int, int], str] = {}
        self._flying: dict[tuple[Address, Address], int] = defaultdict(int)

    def box(self, node: Address, label: str, tone: str, *, heavy: bool) -> None:
        """A node's name in a frame; a heavy frame for the chosen one."""
        x, y = (round(place) for place in self.at[node])
        corners = "┏━┓┃┃┗━┛" if heavy else "╭─╮││╰─╯"
        rule = corners[1] * (len(label) + 2)
        rows = (corners[0] + rule + corners[2], f"{corners[3]} {label} {corners[4]}", corners[5] + rule + corners[7])
        left = max(0, min(x - len(rows[0]) // 2, self.width - len(rows[0])))
        for number, text in enumerate(rows, y - 1):
            self._write(left, number, text, tone)

    def _write(self, x: int, y: int, text: str, tone: str) -> None:
        for place, character in enumerate(text, x):
            self.glyphs[place, y], self.tones[place, y] = character, tone

    def edge(self, a: Address, b: Address, tone: str, *, dotted: bool) -> None:
        """A straight line from node to node."""
        (x0, y0), (x1, y1) = self.at[a], self.at[b]
        count = max(round(abs(x1 - x0) * 2), round(abs(y1 - y0) * 4), 1)
        for number in range(0, count + 1, 4 if dotted else 1):
            part = number / count
            column, row = round((x0 + (x1 - x0) * part) * 2 + 1), round((y0 + (y1 - y0) * part) * 4 + 2)
            cell = (column // 2, row // 4)
            self.dots[cell] |= BRAILLE[row % 4][column % 2]
            if cell not in self.glyphs and (not dotted or cell not in self.tones):
                self.tones[cell] = tone

    def _between(self, a: Address, b: Address, part: float) -> tuple[int, int]:
        (x0, y0), (x1, y1) = self.at[a], self.at[b]
        return round(x0 + (x1 - x0) * part), round(y0 + (y1 - y0) * part)

    def cut(self, sender: Address, to: Address, *, both: bool) -> None:
        """✗ where the direction is cut: in the middle if both are, else nearer to the sender."""
        cell = self._between(sender, to, 0.5 if both else 0.38)
        if self.glyphs.get(cell, "✗") in "✗┃━":
            self._write(*cell, "✗", "fault")

    def flying(self, sender: Address, to: Address, name: str) -> None:
        """A message on its way, with its name where there is room. Older ones are further on."""
        number = self._flying[sender, to]
        self._flying[sender, to] += 1
        x, y = self._between(sender, to, max(0.62 - 0.12 * number, 0.2))
        (x0, y0), (x1, y1) = self.at[sender], self.at[to]
        across = abs(x1 - x0) >= 2 * abs(y1 - y0)
        glyph = ("▶" if x1 > x0 else "◀") if across else ("▼" if y1 > y0 else "▲")
        if (x, y) in self.glyphs:
            return
        tone = f"message {name}"
        self._write(x, y, glyph, tone)
        for text in spellings(name):
            for start in (x + 2, x - 1 - len(text)):
                if self._free(start - 1, y, len(text) + 2):
                    self._write(start, y, text, tone)
                    return

    def _free(self, x: int, y: int, length: int) -> bool:
        inside = x >= 0 and x + length <= self.width
        return inside and all(self.glyphs.get((place, y), " ") in "▶◀▲▼ " for place in range(x, x + length))

    # -- partitions --------------------------------------------------------------------------------------------------

    def divide(self, groups: Sequence[Sequence[Address]]) -> None:
        """A heavy dashed line around each group but the largest, where a straight one can be drawn."""
        if len(groups) < 2:
            return
        largest = max(groups, key=len)
        for group in groups:
            if group is not largest:
                self._divide(group, [node for other in groups if other is not group for node in other])

    def _divide(self, group: Sequence[Address], rest: Sequence[Address]) -> None:
        (ax, ay), (bx, by) = _centre(self.at, group), _centre(self.at, rest)
        normal = (bx - ax, 4 * (by - ay))  # a cell is about twice as high as wide
        near = max(_along(self.at[node], normal) for node in group)
        far = min(_along(self.at[node], normal) for node in rest)
        if near >= far:
            return
        middle = (near + far) / 2
        if abs(normal[0]) >= abs(normal[1]) / 2:
            for y in range(self.height):
                self._dash(round((middle - y * normal[1]) / normal[0]), y, "┃")
        else:
            for x in range(self.width):
                self._dash(x, round((middle - x * normal[0]) / normal[1]), "━")

    def _dash(self, x: int, y: int, glyph: str) -> None:
        inside = 0 <= x < self.width and 0 <= y < self.height and (x, y) not in self.glyphs
        if inside and (glyph == "┃" or x % 3 != 2):
            self._write(x, y, glyph, "fault")

    # -- output ------------------------------------------------------------------------------------------------------

    def lines(self, tones: Tones) -> list[Text]:
        """The picture, from top to bottom."""
        return [self._line(y, tones) for y in range(self.height)]

    def _line(self, y: int, tones: Tones) -> Text:
        cells = [(self.tones.get((x, y), ""), self._character(x, y)) for x in range(self.width)]
        text = Text()
        for tone, run in groupby(cells, key=lambda cell: cell[0]):
            text.append("".join(character for _, character in run), tones[tone])
        return text

    def _character(self, x: int, y: int) -> str:
        dots = self.dots.get((x, y), 0)
        return self.glyphs.get((x, y)) or (chr(0x2800 + dots) if dots else " ")


def ring(nodes: Sequence[Address], width: int, height: int) -> dict[Address, Point]:
    """Where each node is: on an ellipse, the first at the top, then to the left and round."""
    widest = max(map(len, nodes), default=0) + 6
    turn = 2 * pi / max(len(nodes), 1)
    columns = _spread([-sin(number * turn) for number in range(len(nodes))], width - 1, widest // 2)
    rows = _spread([-cos(number * turn) for number in range(len(nodes))], height - 1, 1)
    return dict(zip(nodes, zip(columns, rows, strict=True), strict=True))


def _spread(places: Sequence[float], most: int, margin: int) -> list[float]:
    """Stretch places to fill the range from `margin` to `most - margin`; to its middle if they are all alike."""
    low, high = min(places, default=0.0), max(places, default=0.0)
    if high - low < 0.01:
        return [most / 2 for _ in places]
    return [round(margin + (place - low) / (high - low) * (most - 2 * margin), 6) for place in places]


def sides(world: World, nodes: Sequence[Address]) -> list[list[Address]]:
    """The sets into which cuts have parted these nodes: between two of them nothing passes either way."""
    groups: list[list[Address]] = []
    for node in nodes:
        touching = [group for group in groups if any(_linked(world, node, other) for other in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([other for group in touching for other in group] + [node])
    order = {node: place for place, node in enumerate(nodes)}
    return sorted((sorted(group, key=order.__getitem__) for group in groups), key=lambda group: order[group[0]])


def _linked(world: World, a: Address, b: Address) -> bool:
    return not (world.network.is_cut((a, b)) and world.network.is_cut((b, a)))


def _centre(at: dict[Address, Point], nodes: Sequence[Address]) -> Point:
    return sum(at[node][0] for node in nodes) / len(nodes), sum(at[node][1] for node in nodes) / len(nodes)


def _along(point: Point, normal: Point) -> float:
    return point[0] * normal[0] + point[1] * normal[1]
