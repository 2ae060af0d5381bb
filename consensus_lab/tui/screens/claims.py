"""The invariants of the cast: what each claims, and whether it holds in this world, with the witness if not."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Static

from consensus_lab.sim import World
from consensus_lab.tui.screens.dialog import Dialog
from consensus_lab.tui.tones import Tones


class Claims(Dialog[None]):
    """One line each."""

    def __init__(self, world: World, tones: Tones) -> None:
        super().__init__("invariants, here and now")
        self.table = claims_table(world, tones)

    def content(self) -> list[Any]:
        return [VerticalScroll(Static(self.table))]


def claims_table(world: World, tones: Tones) -> Table:
    """Sign, name, sentence; below a refuted one its witness."""
    refuted = {violation.invariant.name: violation.witness for violation in world.violations()}
    table = Table.grid(padding=(0, 1))
    for claim in world.cast.invariants:
        witness = refuted.get(claim.name)
        tone = tones["holds" if witness is None else "refuted"]
        table.add_row(Text("✓" if witness is None else "✗", tone), Text(claim.name, "bold"), claim.sentence)
        if witness is not None:
            table.add_row("", "", Text(f"refuted: {witness}", tone))
    return table
