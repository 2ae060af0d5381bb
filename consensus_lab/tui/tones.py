"""Turns the names of tones into colours, for a dark or a light theme. Colour only repeats what glyph and label say.

The hues are those of Okabe and Ito (2008), which stay apart for every kind of colour vision, darkened for light themes.
"""

from __future__ import annotations

from functools import cached_property

from rich.style import Style
from textual.theme import Theme

DARK = {
    "sky": "#56b4e9", "green": "#2fc49b", "yellow": "#f0e442", "purple": "#dc8fbb", "orange": "#f0a830",
    "vermilion": "#ff7a45", "dim": "#7f8794", "lane": "#5b6472", "text": "#dfe3ea",
    "cursor": "#2c3a52", "bright": "#ffffff",
}  # fmt: skip
LIGHT = {
    "sky": "#0068a8", "green": "#007a58", "yellow": "#7a6a00", "purple": "#9a4a7e", "orange": "#a35a00",
    "vermilion": "#c03d00", "dim": "#6b7280", "lane": "#9aa1ad", "text": "#1f2430",
    "cursor": "#d5e3f7", "bright": "#000000",
}  # fmt: skip
MESSAGES = ("sky", "green", "orange", "purple", "yellow")
"""Messages take these hues in the order in which their names first appear."""

NAMED = {
    "": ("text", ""), "text": ("text", ""), "dim": ("dim", ""), "lane": ("lane", ""), "strong": ("bright", "bold"),
    "timer": ("orange", "bold"), "disk": ("purple", "bold"), "client": ("bright", "bold"), "mended": ("green", "bold"),
    "fault": ("vermilion", "bold"), "decided": ("yellow", "bold"), "changed": ("yellow", "bold"),
    "holds": ("green", ""), "refuted": ("vermilion", "bold"), "narration": ("text", "italic"), "key": ("sky", "bold"),
}  # fmt: skip


class Tones:
    """The colours of one theme."""

    def __init__(self, theme: Theme) -> None:
        self.hues = DARK if theme.dark else LIGHT
        self._styles: dict[str, Style] = {}
        self._met: dict[str, str] = {}

    def __getitem__(self, tone: str) -> Style:
        if tone not in self._styles:
            self._styles[tone] = self._style(tone)
        return self._styles[tone]

    def _style(self, tone: str) -> Style:
        kind, _, name = tone.partition(" ")
        if kind == "message":
            hue = self._met.setdefault(name, MESSAGES[len(self._met) % len(MESSAGES)])
            return Style.parse(self.hues[hue])
        hue, attributes = NAMED[tone]
        return Style.parse(f"{attributes} {self.hues[hue]}")

    @cached_property
    def cursor(self) -> Style:
        """Laid over the line that is pointed at; its marker ▸ says the same without colour."""
        return Style.parse(f"on {self.hues['cursor']}")

    @cached_property
    def ahead(self) -> Style:
        """Laid over what has not happened yet."""
        return Style.parse(self.hues["lane"])
