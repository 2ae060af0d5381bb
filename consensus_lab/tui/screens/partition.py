"""The partition editor: on which side is each node? Links between sides are cut, both ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.text import Text
from textual import events
from textual.binding import Binding
from textual.widgets import Static

from consensus_lab.kernel import Address
from consensus_lab.sim import Partition, World
from consensus_lab.tui.graph import sides
from consensus_lab.tui.screens.dialog import Dialog

LETTERS = "ABCD"


class PartitionEditor(Dialog[Partition]):
    """Answers with the partition to make."""

    BINDINGS = [
        Binding("down", "move(1)", "down"),
        Binding("up", "move(-1)", "up"),
        Binding("space,right", "side(1)", "other side"),
        Binding("left", "side(-1)", "side before"),
        Binding("enter", "done", "part"),
    ]

    def __init__(self, world: World, node: Address) -> None:
        super().__init__("partition", "↑↓ node · ←→ side · ⏎ parts · esc closes")
        self.world = world
        self.nodes = list(world.cast.addresses)
        self.place = self.nodes.index(node)
        groups = sides(world, self.nodes)[: len(LETTERS)]
        self.side = dict.fromkeys(self.nodes, 0) | {node: i for i, group in enumerate(groups) for node in group}
        if len(groups) == 1:
            self.side[node] = 1

    def content(self) -> list[Any]:
        return [Static(self._text(), id="sides")]

    @property
    def partition(self) -> Partition:
        """As the letters stand."""
        groups = [[node for node in self.nodes if self.side[node] == side] for side in range(len(LETTERS))]
        return Partition(tuple(frozenset(group) for group in groups if group))

    def _text(self) -> Text:
        widest = max(map(len, self.nodes))
        text = Text()
        for place, node in enumerate(self.nodes):
            pointed = place == self.place
            letters = "  ".join(f"({c})" if self.side[node] == i else f" {c} " for i, c in enumerate(LETTERS))
            text.append(f"{'▸' if pointed else ' '} {node:<{widest}}   {letters}\n", "bold" if pointed else "")
        return text.append("\n").append(self._outcome(), "dim")

    def _outcome(self) -> str:
        refusal = self.partition.refusal(self.world)
        if len(self.partition.sides) < 2:
            return "All are on one side: nothing would be cut."
        return f"It will be: {self.partition}." if refusal is None else f"Cannot: {refusal}."

    def action_move(self, by: int) -> None:
        self.place = (self.place + by) % len(self.nodes)
        self._again()

    def action_side(self, by: int) -> None:
        node = self.nodes[self.place]
        self.side[node] = (self.side[node] + by) % len(LETTERS)
        self._again()

    def _again(self) -> None:
        self.query_one("#sides", Static).update(self._text())

    def action_done(self) -> None:
        if len(self.partition.sides) > 1:
            self.dismiss(self.partition)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self.query_one("#sides"))
        if offset is not None and 0 <= offset.y < len(self.nodes):
            self.place = offset.y
            self.action_side(1)


def links(world: World) -> Sequence[tuple[str, tuple[Address, Address]]]:
    """Every direction, as an entry of a list: healed when it is cut, cut when it is not."""
    nodes = world.cast.addresses
    pairs = ((a, b) for a in nodes for b in nodes if a != b)
    return [(f"{'heal' if world.network.is_cut(pair) else 'cut'} {pair[0]} → {pair[1]}", pair) for pair in pairs]
