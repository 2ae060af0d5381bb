"""A pane: lines of text that scroll, of which only those that changed are painted again. It knows no world."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from consensus_lab.tui.desk import Desk
from consensus_lab.tui.tones import Tones

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

    WRAP = False

    def __init__(self, id: str, title: str = "") -> None:
        super().__init__(id=id)
        self.border_title = title
        self.strips: list[Strip] = []
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
        before, self.strips = self.strips, [self._strip(text, width) for text, _ in lines]
        self.meanings = [meaning for _, meaning in lines]
        size = Size(width, len(lines))
        if self.virtual_size != size:
            self.virtual_size = size
        top = self.scroll_offset.y
        for y in range(self.size.height):
            old, new = (strips[y + top] if y + top < len(strips) else None for strips in (before, self.strips))
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    def _strip(self, text: Text, width: int) -> Strip:
        segments = [segment for segment in text.render(self.app.console) if segment.text != "\n"]
        return Strip(segments).adjust_cell_length(width)

    def render_line(self, y: int) -> Strip:
        line = y + self.scroll_offset.y
        base = self.rich_style
        if line >= len(self.strips):
            return Strip.blank(self.size.width, base)
        strip = Strip(Segment.apply_style(self.strips[line], base))
        return strip.adjust_cell_length(self.size.width, base)

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


def wrapped(text: Text, width: int, indent: int = 0) -> list[Text]:
    """A paragraph as lines, broken between words; all but the first are indented."""
    from rich.console import Console

    console = Console(width=max(width, 20), color_system=None)
    first, *rest = text.wrap(console, max(width - indent, 10)) or [Text()]
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
