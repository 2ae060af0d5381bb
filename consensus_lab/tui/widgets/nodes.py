"""The nodes: state, journal and timers of each, with what the last step changed marked. The chosen one in full."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from consensus_lab.kernel import Address
from consensus_lab.kernel.notation import render
from consensus_lab.kernel.trace import MICROSECOND, describe
from consensus_lab.tui.desk import Desk
from consensus_lab.tui.telling import other_facts, role, standing, state_of
from consensus_lab.tui.tones import Tones
from consensus_lab.tui.widgets.pane import Line, Pane, wrapped

MARK = {"up": "●", "down": "✗", "paused": "‖"}


class Nodes(Pane):
    """A tree: a node, its facts, its disk (■ durable, □ not yet), its timers. A click chooses the node."""

    def __init__(self, id: str = "nodes") -> None:  # noqa: A002 - Textual's own word
        super().__init__(id, "nodes")

    def compose_lines(self, desk: Desk, tones: Tones, width: int) -> list[Line]:
        everyone = [line for node in desk.nodes for line in _node(desk, node, tones, width, True)]
        room = self.scrollable_content_region.height
        if len(everyone) <= room:
            return everyone
        return [line for node in desk.nodes for line in _node(desk, node, tones, width, node == desk.node)]

    def show(self, desk: Desk, tones: Tones) -> None:
        super().show(desk, tones)
        if desk.node in self.meanings:
            first = self.meanings.index(desk.node)
            last = len(self.meanings) - 1 - self.meanings[::-1].index(desk.node)
            if last >= self.scroll_offset.y + self.scrollable_content_region.height or first < self.scroll_offset.y:
                self.scroll_to(y=first, animate=False)


def _node(desk: Desk, node: Address, tones: Tones, width: int, full: bool) -> Iterator[Line]:
    yield _head(desk, node, tones), node
    lines = [*_facts(desk, node, tones, full), *_disk(desk, node, tones, full), *(_rest(desk, node, tones) if full else ())]
    for text in lines:
        for line in wrapped(text, width - 5, 2):
            yield Text("    ").append_text(line), node


def _head(desk: Desk, node: Address, tones: Tones) -> Text:
    up, place = standing(desk.world, node), desk.nodes.index(node) + 1
    chosen = node == desk.node
    text = Text(f"{'▸' if chosen else ' '}{place} {MARK[up]} ", tones["strong" if up == "up" else "fault"])
    text.append(node, tones["strong"]).append(f"  {role(desk.world, node)}  ", tones["dim"])
    state, before = state_of(desk.world, node), state_of(_before(desk), node)
    text.append(f"•{state}" if state != before else state, tones["changed" if state != before else "text"])
    if state != before:
        text.append(f" ← {before}", tones["dim"])
    return text


def _before(desk: Desk):  # type: ignore[no-untyped-def]
    return desk.session.world_at(max(desk.session.cursor - 1, 0))


def _facts(desk: Desk, node: Address, tones: Tones, full: bool) -> Iterator[Text]:
    now, old = other_facts(desk.world, node), other_facts(_before(desk), node)
    text = Text()
    for name, value in now.items():
        changed = old.get(name, value) != value
        if not (full or changed or value != "∅"):
            continue
        text.append("  " if text else "").append(f"•{name} " if changed else f"{name} ", tones["dim"])
        text.append(value.replace(" ", "\N{NO-BREAK SPACE}"), tones["changed" if changed else "text"])
        if changed and full:
            text.append(f" ← {old[name]}".replace(" ", "\N{NO-BREAK SPACE}"), tones["dim"])
    if text:
        yield text


def _disk(desk: Desk, node: Address, tones: Tones, full: bool) -> Iterator[Text]:
    machine = desk.world.machines[node]
    old = desk.session.world_at(max(desk.session.cursor - 1, 0)).machines[node]
    durable, waiting = list(machine.disk.records), list(machine.unwritten)
    if not full:
        if durable or waiting:
            yield Text("disk ", tones["dim"]).append("■" * len(durable) + "□" * len(waiting), tones["disk"])
        return
    for number, record in enumerate(durable):
        new = "•" if number >= len(old.disk.records) else ""
        yield Text(f"{new}■ {render(record)}", tones["disk" if new else "text"])
    if machine.disk.torn is not None:
        yield Text(f"◪ {render(machine.disk.torn)} torn by the crash", tones["fault"])
    for record in waiting:
        yield Text(f"□ {render(record)}", tones["disk"]).append(" not on disk yet", tones["dim"])


def _rest(desk: Desk, node: Address, tones: Tones) -> Iterator[Text]:
    machine = desk.world.machines[node]
    for _, effect in machine.node.held if machine.node else ():
        yield Text(f"… {describe(effect).replace('->', '→')}", tones["text"]).append(" waits for the disk", tones["dim"])
    for armed in machine.timers:
        left = (armed.since + armed.low - desk.world.now) / MICROSECOND
        when = f" in {left:.2f} s" if left > 0 else " due"
        yield Text(f"◆ {render(armed.timer)}", tones["timer"]).append(when, tones["dim"])
