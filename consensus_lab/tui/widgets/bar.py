"""The title line: what is played, where in it one stands, and how the invariants fare."""

from __future__ import annotations

from rich.text import Text

from consensus_lab.tui.desk import Desk
from consensus_lab.tui.telling import clock
from consensus_lab.tui.tones import Tones
from consensus_lab.tui.widgets.pane import Line, Pane


class Bar(Pane, can_focus=False):
    """One line. What there is no room for is left out whole, the least needed first."""

    def compose_lines(self, desk: Desk, tones: Tones, width: int) -> list[Line]:
        name = Text(f" {desk.session.name}", tones["strong"])
        parts = [name, self._place(desk, tones), self._pace(desk, tones)]
        claims = self._claims(desk, tones)
        extra = [self._branch(desk, tones), Text(clock(desk.world.now), tones["dim"])]
        for part in extra:
            if sum(map(len, parts)) + len(part) + len(claims) + 2 * len(parts) + 4 < width:
                parts.insert(2, part)
        left = Text("  ").join(parts)
        gap = width - len(left) - len(claims) - 1
        return [(left.append(" " * max(gap, 1)).append_text(claims), None)]

    @staticmethod
    def _place(desk: Desk, tones: Tones) -> Text:
        session = desk.session
        known = f"{len(session.steps)}{'+' if session.loading else ''}"
        return Text(f"step {session.cursor}/{known}", tones["text"])

    @staticmethod
    def _pace(desk: Desk, tones: Tones) -> Text:
        return Text(f"▶ playing {desk.speed:g}/s" if desk.playing else "▸ paused", tones["text"])

    @staticmethod
    def _branch(desk: Desk, tones: Tones) -> Text:
        session = desk.session
        count = f" {session.branches.index(session.branch) + 1}/{len(session.branches)}"
        return Text(f"branch {session.branch.name}{count if len(session.branches) > 1 else ''}", tones["dim"])

    @staticmethod
    def _claims(desk: Desk, tones: Tones) -> Text:
        refuted = {violation.invariant.name for violation in desk.session.violations}
        text = Text()
        for claim in desk.world.cast.invariants:
            text.append("✗" if claim.name in refuted else "✓", tones["refuted" if claim.name in refuted else "holds"])
        if refuted:
            text.append(" ").append(" ".join(sorted(refuted)), tones["refuted"])
        return Text("invariants ", tones["dim"]).append_text(text) if text else text
