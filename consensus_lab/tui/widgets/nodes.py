"""The nodes: state, journal and timers of each, with what the last step changed marked. The chosen one in full."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from consensus_lab.kernel import Address
from consensus_lab.kernel.notation import render
from consensus_lab.kernel.trace import MICROSECOND
from consensus_lab.sim import World
from consensus_lab.tui.desk import Desk
from consensus_lab.tui.telling import NOTHING, effects, other_facts, role, standing, state_of
from consensus_lab.tui.tones import Tones
from consensus_lab.tui.widgets.pane import Line, Pane, flowing, styled, wrapped

MARK = {"up": "●", "down": "✗", "paused": "‖"}
MOST_RECORDS = 12
"""Of a long journal only so many records are shown: the newest."""


class Nodes(Pane):
    """A tree: a node, its facts, its disk (■ durable, □ not yet), its timers. A click chooses the node."""

    def __init__(self, id: str = "nodes") -> None:
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
                self.scroll_to(y=first, animate=False, force=True)


def _node(desk: Desk, node: Address, tones: Tones, width: int, full: bool) -> Iterator[Line]:
    yield _head(desk, node, tones, width), node
    facts = list(_facts(desk, node, tones, full))
    if full:
        rest = [*_disk(desk, node, tones), *_held(desk, node, tones), *_timers(desk, node, tones)]
        lines = [*flowing(facts, width - 5, 2), *(line for text in rest for line in wrapped(text, width - 5, 2))]
    else:
        lines = flowing([*facts, *_disk_in_short(desk, node, tones)], width - 5, 2)
    for line in lines:
        yield Text("    ").append_text(line), node


def _before(desk: Desk) -> World:
    """The world before the last step."""
    return desk.session.world_at(max(desk.session.cursor - 1, 0))


def _head(desk: Desk, node: Address, tones: Tones, width: int) -> Text:
    up, place = standing(desk.world, node), desk.nodes.index(node) + 1
    mark = f"{'▸' if node == desk.node else ' '}{place} {MARK[up]} "
    text = styled((mark, tones["strong" if up == "up" else "fault"]), (node, tones["strong"]))
    plays = role(desk.world, node)
    if plays != node:
        text.append(f"  {plays}", tones["dim"])
    state, before = state_of(desk.world, node), state_of(_before(desk), node)
    changed = state != before
    text.append("  ").append(f"•{state}" if changed else state, tones["changed" if changed else "text"])
    if changed and len(text) + 3 + len(before) < width:
        text.append(f" ← {before}", tones["dim"])
    return text


def _facts(desk: Desk, node: Address, tones: Tones, full: bool) -> Iterator[Text]:
    """Each fact: in short, those that say something; in full, all, with what they were before."""
    now, old = other_facts(desk.world, node), other_facts(_before(desk), node)
    for name, value in now.items():
        changed = old.get(name, value) != value
        if full or changed or value != NOTHING:
            text = styled((f"•{name} " if changed else f"{name} ", tones["dim"]))
            text.append(value, tones["changed" if changed else "text"])
            yield text.append(f" ← {old[name]}", tones["dim"]) if changed and full else text


def _disk_in_short(desk: Desk, node: Address, tones: Tones) -> Iterator[Text]:
    machine = desk.world.machines[node]
    records = "■" * len(machine.disk.records) + "□" * len(machine.unwritten)
    if records:
        yield styled(("disk ", tones["dim"])).append(records[-MOST_RECORDS:], tones["disk"])


def _disk(desk: Desk, node: Address, tones: Tones) -> Iterator[Text]:
    """The journal, record by record; of a long one its end."""
    machine = desk.world.machines[node]
    known, records = len(_before(desk).machines[node].disk.records), machine.disk.records
    first = max(len(records) - MOST_RECORDS, 0)
    if first:
        yield Text(f"■ {first} older records", tones["dim"])
    for number in range(first, len(records)):
        new = number >= known
        yield Text(f"{'•' if new else ''}■ {render(records[number])}", tones["disk" if new else "text"])
    if machine.disk.torn is not None:
        yield Text(f"◪ {render(machine.disk.torn)} torn by the crash", tones["fault"])
    for record in machine.unwritten:
        yield styled((f"□ {render(record)}", tones["disk"])).append("  not on disk yet", tones["dim"])


def _held(desk: Desk, node: Address, tones: Tones) -> Iterator[Text]:
    """What law 2 holds back."""
    machine = desk.world.machines[node]
    waiting = [effect for _, effect in machine.node.held] if machine.node else []
    if waiting:
        yield styled(("waits for the disk: ", tones["dim"])).append(" · ".join(effects(waiting, ())), tones["text"])


def _timers(desk: Desk, node: Address, tones: Tones) -> Iterator[Text]:
    for armed in desk.world.machines[node].timers:
        left = (armed.since + armed.low - desk.world.now) / MICROSECOND
        when = f"  in {left:.2f} s" if left > 0 else "  due"
        yield styled((f"◆ {render(armed.timer)}", tones["timer"])).append(when, tones["dim"])
