"""The space-time diagram: lanes, their names above and, where room is scarce, their states below."""

from __future__ import annotations

from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.strip import Strip

from consensus_lab.kernel import Address
from consensus_lab.tui.desk import Desk
from consensus_lab.tui.diagram import Diagram
from consensus_lab.tui.painting import Painter
from consensus_lab.tui.telling import other_facts, standing, state_of
from consensus_lab.tui.tones import Tones
from consensus_lab.tui.widgets.pane import Line, Pane

GUTTER = 8
"""Cells to the left of the lanes: the cursor's mark, the number of the step, a mark for narration or refutation."""

SCROLLBAR = 1
"""Cells to the right of the lanes, kept for the scrollbar: what stands above and below them has none."""

STANDING = {"up": "", "down": " ✗", "paused": " ‖"}


class SpaceTimeView(Pane):
    """Rows are drawn when they come into sight, and kept."""

    def __init__(self, id: str = "space-time") -> None:
        super().__init__(id, "space-time")
        self.diagram: Diagram | None = None
        self.painter = Painter((), 0)
        self.cursor = 0
        self.kept: LRUCache[tuple[int, bool], Strip] = LRUCache(4096)
        self._of: tuple[object, ...] = ()

    def show(self, desk: Desk, tones: Tones) -> None:
        self._shown = (desk, tones)
        width = self.scrollable_content_region.width
        if not (self.display and width):
            return
        fresh = self._renew(desk, tones, width)
        before, self.cursor = self.cursor, desk.session.cursor
        lines = self._extend(desk)
        if self.virtual_size.height != lines or self.virtual_size.width != self.painter.width + GUTTER:
            grown = lines - self.virtual_size.height
            self.hold(Size(self.painter.width + GUTTER, lines))
            fresh = fresh or not 0 <= grown <= 1
        if fresh:
            self.refresh()
        self._follow(before)

    def _renew(self, desk: Desk, tones: Tones, width: int) -> bool:
        """Begin again when the branch, the width, the theme, or what is hidden has changed."""
        same = (desk.session, desk.session.branch, width, tones, desk.hidden)
        if self._of == same:
            return False
        kept = self._of[:2] == same[:2] and self._of[4:] == same[4:]
        if self.diagram is None or not kept:
            self.diagram = Diagram(desk.session.start, desk.hidden)
        self._of = same
        self.painter = Painter(self.diagram.lanes, width - GUTTER)
        self.kept.clear()
        return True

    def _extend(self, desk: Desk) -> int:
        assert self.diagram is not None
        self.diagram.extend(desk.session.steps[: desk.horizon] if len(self.diagram) <= desk.horizon else ())
        return self.diagram.lines(desk.horizon)

    def _follow(self, before: int) -> None:
        """Repaint the lines between the old cursor and the new one, and keep the new one in sight."""
        assert self.diagram is not None
        old, new = self.diagram.line_of(before), self.diagram.line_of(self.cursor)
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        first, last = sorted((old, new))
        self.refresh(Region(0, max(first - top, 0), self.size.width, min(last, top + height) - max(first, top) + 1))
        margin = min(2, height // 3)
        if not top + (margin if top else 0) <= new < top + height - margin:
            self.scroll_to(y=max(new - height // 2, 0), animate=False, force=True)

    # -- lines -------------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        base, width = self.rich_style, self.size.width
        line = y + self.scroll_offset.y
        if self._shown is None or self.diagram is None or line >= self.virtual_size.height:
            return Strip.blank(width, base)
        row = self.diagram.shown[line]
        current = line == self.diagram.line_of(self.cursor)
        lanes = self._lanes(row, row > self.cursor).crop(self.scroll_offset.x, self.scroll_offset.x + width - GUTTER)
        strip = Strip(Segment.apply_style([*self._gutter(row, current), *lanes], base))
        if current:
            strip = Strip(Segment.apply_style(strip, post_style=self._tones.cursor))
        return strip.adjust_cell_length(width, base)

    @property
    def _tones(self) -> Tones:
        assert self._shown is not None
        return self._shown[1]

    def _gutter(self, row: int, current: bool) -> list[Segment]:
        assert self._shown is not None
        session = self._shown[0].session
        refuted = session.falls(row) or (current and bool(session.violations))
        mark, tone = ("!", "refuted") if refuted else ("¶", "dim") if session.narration(row) else (" ", "")
        number = Segment(f"{'▸' if current else ' '}{row:>4} ", self._tones["strong" if current else "dim"])
        return [number, Segment(f"{mark} ", self._tones[tone])]

    def _lanes(self, row: int, ahead: bool) -> Strip:
        strip = self.kept.get((row, ahead))
        if strip is None:
            assert self.diagram is not None
            painted = self.painter.paint(self.diagram.scene(row))
            tones = self._tones
            strip = Strip([Segment(text, tones.ahead if ahead else tones[tone]) for text, tone in painted])
            self.kept[row, ahead] = strip
        return strip

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        line = offset.y + self.scroll_offset.y if offset else -1
        if self.diagram is not None and 0 <= line < self.virtual_size.height:
            self.post_message(self.Picked(self, self.diagram.shown[line]))


class Lanes(Pane):
    """One word about each lane, at the lane."""

    def compose_lines(self, desk: Desk, tones: Tones, width: int) -> list[Line]:
        lanes = [address for address in desk.nodes if address not in desk.hidden.nodes]
        painter = Painter(lanes, width - GUTTER - SCROLLBAR)
        rows = self.rows(desk, lanes, painter.pitch - 1)
        return [(self._row(painter, row, tones), None) for row in rows]

    def rows(self, desk: Desk, lanes: list[Address], room: int) -> list[dict[Address, tuple[str, str]]]:
        """For each row, by lane: (text, tone)."""
        raise NotImplementedError

    @staticmethod
    def _row(painter: Painter, words: dict[Address, tuple[str, str]], tones: Tones) -> Text:
        text = Text()
        for address, (word, tone) in words.items():
            start = GUTTER + painter.at[address] - (len(word) - 1) // 2
            text.append(" " * max(start - len(text), 1))
            text.append(word, tones[tone])
        return text


class LaneHeads(Lanes):
    """The names; the chosen node is in brackets, and who is down or paused is marked."""

    def rows(self, desk: Desk, lanes: list[Address], room: int) -> list[dict[Address, tuple[str, str]]]:
        return [{lane: self._head(desk, lane, room) for lane in lanes}]

    @staticmethod
    def _head(desk: Desk, lane: Address, room: int) -> tuple[str, str]:
        state = standing(desk.world, lane)
        name = fitting(lane, room - 2 - len(STANDING[state]))
        tone = "fault" if state != "up" else "strong" if lane == desk.node else "text"
        word = f"[{name}]" if lane == desk.node else name
        return f"{word}{STANDING[state]}", tone


class LaneStates(Lanes):
    """The state of each node under its lane: one short line, then as many facts as fit; • marks what just changed."""

    def rows(self, desk: Desk, lanes: list[Address], room: int) -> list[dict[Address, tuple[str, str]]]:
        height = max(self.size.height, 1)
        columns = {lane: self._column(desk, lane, room, height) for lane in lanes}
        return [{lane: columns[lane][row] for lane in lanes if row < len(columns[lane])} for row in range(height)]

    @staticmethod
    def _column(desk: Desk, lane: Address, room: int, height: int) -> list[tuple[str, str]]:
        now, before = desk.world, desk.session.world_at(max(desk.session.cursor - 1, 0))
        old = other_facts(before, lane)
        state, changed = state_of(now, lane), state_of(now, lane) != state_of(before, lane)
        column = [(fitting(f"•{state}" if changed else state, room), "changed" if changed else "strong")]
        for name, value in other_facts(now, lane).items():
            differs = old.get(name) != value
            word = f"{'•' if differs else ''}{name} {value}"
            if len(word) <= room and (differs or value != "∅"):
                beside(column, word, "changed" if differs else "text", room)
        machine = now.machines[lane]
        disk = "■" * len(machine.disk.records) + "□" * len(machine.unwritten)
        column += [("", "")] * height
        if height == 1:
            return column[:1]
        return [*column[: height - 1], (fitting(f"disk {disk}", room), "disk")] if disk else column[:height]


def beside(column: list[tuple[str, str]], word: str, tone: str, room: int) -> None:
    """Put a word into the last line of a column, after a fact of its tone, if there is room; else into a new line."""
    last, its_tone = column[-1]
    if len(column) > 1 and its_tone == tone and len(last) + 2 + len(word) <= room - 2:
        column[-1] = (f"{last}  {word}", tone)
    else:
        column.append((word, tone))


def fitting(text: str, room: int) -> str:
    """The text, or as much of it as there is room for, with a sign that it goes on."""
    return text if len(text) <= room else text[: max(room - 1, 1)] + "…"
