"""The help screen: every key by what it is for, and every sign of the diagram."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Static

from consensus_lab.tui.keys import GROUPS
from consensus_lab.tui.screens.dialog import Dialog

SIGNS = (
    ("●", "sends a message (its name is on the line)"),
    ("○", "receives one"),
    ("◆", "a timer fires"),
    ("◇", "a disk writes: what waited for it is free"),
    ("★", "decides"),
    ("✗", "crashes; on a track: a message is lost"),
    ("▲ ▼", "restarts or resumes; pauses"),
    ("┆", "a message on its way; it arrives at ▶ or ◀"),
    ("╎", "a paused node; a lane without a line is down"),
    ("¶ !", "narration before the next step; an invariant is refuted"),
    ("▸ →", "chosen, taken by ⏎; happens next if nobody chooses"),
    ("•", "changed by the last step"),
    ("■ □", "a record on disk; one that a crash would still lose"),
)


class Help(Dialog[None]):
    """Keys and signs."""

    def __init__(self) -> None:
        super().__init__("help", "↑↓ scrolls · esc closes")

    def content(self) -> list[Any]:
        return [VerticalScroll(Static(key_table()))]

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()


def key_table() -> Table:
    """All of it in two columns."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, justify="right")
    table.add_column()
    for title, keys in GROUPS.items():
        table.add_row("", Text(title, "bold italic"))
        for key in keys:
            table.add_row(Text(key.shown, "bold"), key.does)
    table.add_row("", Text("Signs", "bold italic"))
    for sign, meaning in SIGNS:
        table.add_row(Text(sign, "bold"), meaning)
    return table
