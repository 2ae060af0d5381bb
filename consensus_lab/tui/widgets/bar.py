"""The title line: what is played, where in it one stands, and how the invariants fare."""

from __future__ import annotations

from rich.text import Text

from consensus_lab.tui.desk import Desk
from consensus_lab.tui.telling import clock
from consensus_lab.tui.tones import Tones
from consensus_lab.tui.widgets.pane import Line, Pane, styled


class Bar(Pane, can_focus=False):
    """One line. What there is no room for is left out whole, the least needed first."""

    def compose_lines(self, desk: Desk, tones: Tones, width: int) -> list[Line]:
        name = desk.session.name
        claims = [self._claims(desk, tones, "invariants "), self._claims(desk, tones, "")]
        names = [Text(f" {name}", tones["strong"]), Text(f" {name.rpartition('/')[2]}", tones["strong"])]
        needed = [self._place(desk, tones), self._pace(desk, tones)]
        words = (clock(desk.world.now), f"{desk.session.picker}")
        extra = [self._branch(desk, tones), *(Text(word, tones["dim"]) for word in words)]
        for more in (extra, extra[:2], extra[:1], []):
            for called in names if not more else names[:1]:
                for verdict in claims if not more else claims[:1]:
                    left = Text("  ").join([called, *needed, *more])
                    gap = width - len(left) - len(verdict) - 1
                    if gap >= 2:
                        return [(left.append(" " * gap).append_text(verdict), None)]
        return [(Text("  ").join([claims[1], *needed]), None)]

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
    def _claims(desk: Desk, tones: Tones, word: str) -> Text:
        refuted = {violation.invariant.name for violation in desk.session.violations}
        text = Text()
        for claim in desk.world.cast.invariants:
            text.append("✗" if claim.name in refuted else "✓", tones["refuted" if claim.name in refuted else "holds"])
        if refuted:
            text.append(" ").append(" ".join(sorted(refuted)), tones["refuted"])
        return styled((word, tones["dim"])).append_text(text) if text else text
