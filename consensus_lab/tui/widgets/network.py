"""The network: nodes on a ring, links that carried something, what flies, and where it is cut."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from rich.text import Text

from consensus_lab.kernel import Address
from consensus_lab.sim import World
from consensus_lab.tui.desk import Desk
from consensus_lab.tui.graph import Graph, sides
from consensus_lab.tui.telling import standing
from consensus_lab.tui.tones import Tones
from consensus_lab.tui.widgets.pane import Line, Pane
from consensus_lab.tui.widgets.space_time import STANDING, fitting


class Network(Pane):
    """Dotted: a link that was used. Solid: something is in flight on it. ✗: cut. A dashed line: a partition."""

    def __init__(self, id: str = "network") -> None:
        super().__init__(id, "network")
        self._drawn: tuple[object, list[Line]] = (None, [])

    def compose_lines(self, desk: Desk, tones: Tones, width: int) -> list[Line]:
        """Drawn again only when something that it shows has changed."""
        world, height = desk.world, self.scrollable_content_region.height
        flight = tuple((envelope.link, type(envelope.message)) for envelope in world.network.flight)
        up = tuple(standing(world, node) for node in desk.nodes)
        shows = (width, height, tones, flight, world.network.cuts, up, desk.node, desk.hidden, desk.session)
        if self._drawn[0] != shows:
            self._drawn = (shows, self._draw(desk, tones, width, height))
        return self._drawn[1]

    def _draw(self, desk: Desk, tones: Tones, width: int, height: int) -> list[Line]:
        foot = _foot(desk.world, width)
        nodes = [node for node in desk.nodes if node not in desk.hidden.nodes]
        graph = Graph(width, height - len(foot), nodes)
        for node in nodes:
            self._box(graph, desk, node)
        _links(graph, desk.world, nodes)
        return [*((line, None) for line in graph.lines(tones)), *((Text(f" {t}", tones["fault"]), None) for t in foot)]

    @staticmethod
    def _box(graph: Graph, desk: Desk, node: Address) -> None:
        state = standing(desk.world, node)
        tone = "fault" if state != "up" else "strong" if node == desk.node else "text"
        graph.box(node, f"{fitting(node, 14)}{STANDING[state]}", tone, heavy=node == desk.node)


def _links(graph: Graph, world: World, nodes: Sequence[Address]) -> None:
    """Every link, what is in flight on it, and where it is cut."""
    flight = [e for e in world.network.flight if e.sender in nodes and e.to in nodes and e.sender != e.to]
    busy = {frozenset(envelope.link): f"message {type(envelope.message).__name__}" for envelope in flight}
    for a, b in combinations(nodes, 2):
        tone = busy.get(frozenset((a, b)))
        graph.edge(a, b, tone or "lane", dotted=tone is None)
    graph.divide(sides(world, nodes))
    for (sender, to), _ in world.network.cuts:
        if sender in nodes and to in nodes:
            graph.cut(sender, to, both=world.network.is_cut((to, sender)))
    for envelope in flight:
        graph.flying(envelope.sender, envelope.to, type(envelope.message).__name__)


def _foot(world: World, width: int) -> list[str]:
    """The cuts in words."""
    groups = sides(world, world.cast.addresses)
    if len(groups) > 1:
        return [fitting("partition: " + " | ".join(" ".join(group) for group in groups), width - 2)]
    cuts = [f"{sender} → {to}" for (sender, to), _ in world.network.cuts]
    return [fitting("cut: " + ", ".join(cuts), width - 2)] if cuts else []
