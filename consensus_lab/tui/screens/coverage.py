"""What has been reached so far: which messages met which states, which rules ran, and which faults struck."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Static

from consensus_lab.check.coverage import LEGEND, Coverage
from consensus_lab.tui.screens.dialog import Dialog
from consensus_lab.tui.session import Session


class Reached(Dialog[None]):
    """The tables of `check.coverage`, over every branch as far as anybody looked."""

    def __init__(self, session: Session) -> None:
        super().__init__("reached so far, on every branch")
        self.told = "\n".join([*coverage_of(session).lines(), "", LEGEND])

    def content(self) -> list[Any]:
        return [VerticalScroll(Static(Text(self.told)))]


def coverage_of(session: Session) -> Coverage:
    """Every step that was seen, once."""
    coverage = Coverage()
    coverage.expect(session.start.cast)
    for before, step in session.taken():
        coverage.note(before.processes.get(step.choice.actor or ""), step)
    return coverage
