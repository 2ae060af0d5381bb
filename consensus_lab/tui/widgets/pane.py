"""A pane: lines of text that scroll, of which only those that changed are painted again. It knows no world."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from consensus_lab.tui.desk import Desk
from consensus_lab.tui.tones import Tones

PLAIN = Console(color_system=None)
"""What rich asks of a console to break lines."""

Line = tuple[Text, object]
"""A line, and what it stands for: a click on it posts that."""


class Pane(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows what `compose_lines` makes of a desk. It has no keys of its own: the app's work everywhere."""

    class Picked(Message):
        """Somebody clicked on a line that stands for something."""

        def __init__(self, pane: Pane, what: object) -> None:
            super().__init__()
            self.pane = pane
            self.what = what

    def __init__(self, id: str, title: str = "") -> None:
        super().__init__(id=id)
        self.border_title = title
        self.lines: list[Text] = []
        self.meanings: list[object] = []
        self._shown: tuple[Desk, Tones] | None = None

    def compose_lines(self, desk: Desk, tones: Tones, width: int) -> Sequence[Line]:
        """What there is to show, from top to bottom, on lines of `width` cells."""
        raise NotImplementedError

    def show(self, desk: Desk, tones: Tones) -> None:
        """Show this desk as it is now."""
        self._shown = (desk, tones)
        if self.display and self.size.width:
            lines = self.compose_lines(desk, tones, self.scrollable_content_region.width)
            self._replace(lines, self.scrollable_content_region.width)

    def on_resize(self) -> None:
        if self._shown is not None:
            self.show(*self._shown)

    def _replace(self, lines: Sequence[Line], width: int) -> None:
        before, self.lines = self.lines, [text for text, _ in lines]
        self.meanings = [meaning for _, meaning in lines]
        self.hold(Size(width, len(lines)))
        top = self.scroll_offset.y
        for y in range(self.size.height):
            old, new = (known[y + top] if y + top < len(known) else None for known in (before, self.lines))
            if old != new or (old and new and old.style != new.style):
                self.refresh(Region(0, y, self.size.width, 1))

    def hold(self, size: Size) -> None:
        """Content of this size. Only when a scrollbar comes or goes is the whole screen laid out again."""
        before, room = self.virtual_size, self.container_size.height
        if size.width != before.width or (size.height > room) != (before.height > room):
            self.virtual_size = size
        elif size != before:
            self.set_reactive(Widget.virtual_size, size)
            if self.show_vertical_scrollbar:
                self.vertical_scrollbar.window_virtual_size = size.height
            if self.scroll_offset.y > self.max_scroll_y:
                self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        line, base = y + self.scroll_offset.y, self.rich_style
        if line >= len(self.lines):
            return Strip.blank(self.size.width, base)
        segments = [segment for segment in self.lines[line].render(PLAIN) if segment.text != "\n"]
        return Strip(Segment.apply_style(segments, base)).adjust_cell_length(self.size.width, base)

    def reveal(self, line: int) -> None:
        """Scroll as little as is needed to see this line."""
        height = self.scrollable_content_region.height
        top = self.scroll_offset.y
        if line < top or line >= top + height:
            self.scroll_to(y=max(line - height // 2, 0), animate=False, force=True)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        line = offset.y + self.scroll_offset.y if offset else -1
        if 0 <= line < len(self.meanings) and self.meanings[line] is not None:
            self.post_message(self.Picked(self, self.meanings[line]))


def styled(*parts: tuple[str, Style]) -> Text:
    """Text in parts, each with a style of its own (a Text's own style would be inherited by what is appended)."""
    return Text.assemble(*parts)


def wrapped(text: Text, width: int, indent: int = 0) -> list[Text]:
    """A paragraph as lines, broken between words; all but the first are indented."""
    if len(text) <= width - indent:
        return [text]
    first, *rest = text.wrap(PLAIN, max(width - indent, 10)) or [Text()]
    return [first, *(Text(" " * indent).append_text(line) for line in rest)]


def flowing(parts: Sequence[Text], width: int, indent: int = 0) -> list[Text]:
    """Parts side by side, two blanks between them, on as many lines as it takes; no part is broken but a huge one."""
    lines: list[Text] = []
    for part in parts:
        if lines and len(lines[-1]) + 2 + len(part) <= width:
            lines[-1].append("  ").append_text(part)
        else:
            lines += wrapped(part, width, indent)
    return lines
