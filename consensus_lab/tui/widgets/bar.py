"""The title line: what is played, where in it one stands, and how the invariants fare."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from consensus_lab.tui.desk import Desk
from consensus_lab.tui.telling import clock
from consensus_lab.tui.tones import Tones
from consensus_lab.tui.widgets.pane import Line, Pane, styled


class Bar(Pane, can_focus=False):
    """One line. What there is no room for is left out whole, the least needed first."""

    def compose_lines(self, desk: Desk, tones: Tones, width: int) -> list[Line]:
        for parts, verdict in self._ways(desk, tones):
            left = Text("  ").join(parts)
            gap = width - len(left) - len(verdict) - 1
            if gap >= 2:
                return [(left.append(" " * gap).append_text(verdict), None)]
        return [(Text("  ").join([verdict, *parts[1:]]), None)]

    def _ways(self, desk: Desk, tones: Tones) -> Iterator[tuple[list[Text], Text]]:
        """(what stands on the left, on the right): the fullest first."""
        name = desk.session.name
        long, short = (Text(f" {word}", tones["strong"]) for word in (name, name.rpartition("/")[2]))
        needed = [self._place(desk, tones), self._pace(desk, tones)]
        words = (clock(desk.world.now), f"{desk.session.picker}")
        extra = [self._branch(desk, tones), *(Text(word, tones["dim"]) for word in words)]
        verdict, signs = self._claims(desk, tones, "invariants "), self._claims(desk, tones, "")
        yield from (([long, *needed, *extra[:count]], verdict) for count in (3, 2, 1, 0))
        yield from (([called, *needed], signs) for called in (long, short))

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
