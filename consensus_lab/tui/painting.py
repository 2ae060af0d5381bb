"""Draws one row of a space-time diagram in box-drawing characters. Time runs down, lanes are columns.

A message leaves its sender along the row, turns into a track beside its receiver's lane, and turns again where it
arrives: ``●─Yes──╮`` ... ``╰▶○``. Every kind of event has a glyph of its own and a label, so colour is never needed.
Pure: characters and the names of their tones; a widget turns tones into colours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from consensus_lab.kernel import Address
from consensus_lab.tui.diagram import Passing, Scene
from consensus_lab.tui.telling import NOTHING

LEFT, RIGHT, UP, DOWN = 1, 2, 4, 8
SHAPE = {
    LEFT: "─", RIGHT: "─", LEFT | RIGHT: "─", UP: "│", DOWN: "│", UP | DOWN: "│",
    LEFT | DOWN: "╮", RIGHT | DOWN: "╭", LEFT | UP: "╯", RIGHT | UP: "╰",
    LEFT | UP | DOWN: "┤", RIGHT | UP | DOWN: "├", LEFT | RIGHT | DOWN: "┬", LEFT | RIGHT | UP: "┴",
    LEFT | RIGHT | UP | DOWN: "┼",
}  # fmt: skip

GLYPHS = {
    "deliver": "○", "fire": "◆", "sync": "◇", "submit": "●", "crash": "✗", "recover": "▲", "pause": "▼", "resume": "▲",
}  # fmt: skip
"""What stands on the lane of whoever acts: ● sends, ○ receives, ◆ a timer, ◇ a disk, ✗ a crash, ▲ up again."""

SENDS, DECIDES = "●", "★"
LIFELINES = {"up": "│", "paused": "╎", "down": " "}
TONES = {"fire": "timer", "sync": "disk", "submit": "client", "recover": "mended", "resume": "mended"}
ABOUT_MESSAGES = ("drop", "duplicate", "delay")

Painted = list[tuple[str, str]]
"""Runs of characters of one tone: [(characters, tone)]."""


class Cells:
    """One row of characters. Lines join where they meet; what has the higher rank is seen."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.joins = [0] * width
        self.glyphs = [""] * width
        self.tones = [""] * width
        self.ranks = [0] * width

    def join(self, x: int, sides: int, tone: str, rank: int) -> None:
        """Add a piece of line to a cell."""
        if 0 <= x < self.width:
            self.joins[x] |= sides
            if rank >= self.ranks[x]:
                self.tones[x], self.ranks[x] = tone, rank

    def put(self, x: int, text: str, tone: str, rank: int) -> None:
        """Write over whatever is of lower rank."""
        for place, character in enumerate(text, x):
            if 0 <= place < self.width and rank >= self.ranks[place]:
                self.glyphs[place], self.tones[place], self.ranks[place] = character, tone, rank

    def horizontal(self, start: int, end: int, tone: str) -> None:
        """A line from beside `start` up to, but without, `end`."""
        step = 1 if end > start else -1
        for x in range(start + step, end, step):
            self.join(x, LEFT | RIGHT, tone, 3)

    def empty(self, x: int) -> bool:
        """Whether nothing is drawn here."""
        return 0 <= x < self.width and not self.joins[x] and not self.glyphs[x]

    def plain(self, x: int, *, crossed: bool = False) -> bool:
        """Whether only a horizontal line is drawn here, or one that is crossed: a place for its label."""
        allowed = (LEFT | RIGHT, LEFT | RIGHT | UP | DOWN) if crossed else (LEFT | RIGHT,)
        return 0 <= x < self.width and self.joins[x] in allowed and not self.glyphs[x]

    def painted(self) -> Painted:
        characters = (self._character(x) for x in range(self.width))
        runs = groupby(zip(self.tones, characters, strict=True), key=lambda cell: cell[0])
        return [("".join(character for _, character in cells), tone) for tone, cells in runs]

    def _character(self, x: int) -> str:
        if self.glyphs[x]:
            return self.glyphs[x]
        sides = self.joins[x]
        if sides == UP | DOWN:
            return "┆"
        return SHAPE[sides] if sides else " "


class Painter:
    """Knows where the lanes are; draws any row of them."""

    def __init__(self, lanes: Sequence[Address], width: int) -> None:
        self.lanes = tuple(lanes)
        self.pitch = max(width // max(len(lanes), 1), 7)  # cells from lane to lane
        self.width = max(width, self.pitch * len(lanes))
        first = self.pitch // 2 - (2 if self.pitch >= 18 else 0)  # most labels are to the right of a lane
        self.at = {address: first + number * self.pitch for number, address in enumerate(lanes)}

    def paint(self, scene: Scene) -> Painted:
        """One row."""
        cells = Cells(self.width)
        self._lifelines(cells, scene)
        for passing in scene.arrows:
            self._arrow(cells, passing, scene.number)
        self._dots(cells, scene)
        for label, start, end in self._departures(scene):
            copied = (f"duplicate {label}", "duplicate") if scene.event.verb == "duplicate" else ()
            line = range(start, end, _towards(start, end))
            self._label_line(cells, (*copied, *spellings(label)), f"message {label}", line)
        self._label_event(cells, scene)
        return cells.painted()

    def _lifelines(self, cells: Cells, scene: Scene) -> None:
        for lane, standing in zip(self.lanes, scene.standing, strict=True):
            x = self.at[lane]
            if standing != "down":
                cells.join(x, UP | DOWN, "lane", 1)
                cells.put(x, LIFELINES[standing], "lane", 1)

    # -- arrows ------------------------------------------------------------------------------------------------------

    def _turn(self, passing: Passing) -> tuple[int, int]:
        """Where the arrow's track runs, and the side of the receiver's lane it is on (-1 left, 1 right)."""
        arrow = passing.arrow
        to = self.at[arrow.to]
        side = -1 if self.at.get(arrow.sender, -1) < to else 1
        most = max((self.pitch - 2) // 2, 2)
        offsets = [*range(2, most + 1, 2), *range(3, most + 1, 2)]  # spaced while there is room
        return to + side * offsets[passing.track % len(offsets)], side

    def _arrow(self, cells: Cells, passing: Passing, row: int) -> None:
        arrow = passing.arrow
        tone, (turn, side) = f"message {arrow.label}", self._turn(passing)
        if row == arrow.sent + 1:
            start = self.at.get(arrow.sender, -1)
            self._uncover(cells, start, turn)
            cells.horizontal(start, turn, tone)
            cells.join(turn, (LEFT if turn > start else RIGHT) | DOWN, tone, 4)
        elif arrow.ended is not None and row == arrow.ended + 1:
            self._end(cells, passing, turn, side, tone)
        else:
            cells.join(turn, UP | DOWN, tone, 2)

    def _end(self, cells: Cells, passing: Passing, turn: int, side: int, tone: str) -> None:
        if passing.arrow.lost:
            cells.put(turn, "✗", "fault", 7)
            return
        to = self.at[passing.arrow.to]
        cells.join(turn, UP | (RIGHT if side < 0 else LEFT), tone, 4)
        cells.horizontal(turn, to, tone)
        cells.put(to + side, "▶" if side < 0 else "◀", tone, 6)

    def _uncover(self, cells: Cells, start: int, end: int) -> None:
        """A line that crosses a lane joins its lifeline instead of vanishing behind its glyph."""
        for x in self.at.values():
            if min(start, end) < x < max(start, end):
                cells.glyphs[x] = ""

    # -- who acts ----------------------------------------------------------------------------------------------------

    def _dots(self, cells: Cells, scene: Scene) -> None:
        event = scene.event
        for passing in scene.arrows:
            if passing.arrow.sent + 1 == scene.number and passing.arrow.sender in self.at:
                cells.put(self.at[passing.arrow.sender], SENDS, f"message {passing.arrow.label}", 8)
        if event.actor in self.at and event.verb not in ABOUT_MESSAGES:
            glyph = DECIDES if scene.decided else self._glyph(scene)
            cells.put(self.at[event.actor], glyph, self._tone(scene), 9)

    def _glyph(self, scene: Scene) -> str:
        event = scene.event
        if event.verb == "deliver" and any(arrow.sender == event.actor for arrow in event.sent):
            return SENDS
        return GLYPHS.get(event.verb, SENDS)

    @staticmethod
    def _tone(scene: Scene) -> str:
        event = scene.event
        if scene.decided:
            return "decided"
        if event.verb == "deliver":
            return f"message {event.label}"
        return TONES.get(event.verb, "fault")

    # -- labels ------------------------------------------------------------------------------------------------------

    def _departures(self, scene: Scene) -> Iterator[tuple[str, int, int]]:
        """(label, from, to): each stretch of line that leaves in this row and is to be labelled, nearest first."""
        leaving: dict[tuple[Address, bool, str], list[int]] = {}
        for passing in scene.arrows:
            if passing.arrow.sent + 1 == scene.number:
                turn = self._turn(passing)[0]
                key = (passing.arrow.sender, turn > self.at.get(passing.arrow.sender, -1), passing.arrow.label)
                leaving.setdefault(key, []).append(turn)
        reached: dict[tuple[Address, bool], int] = {}
        nearest = {key: min(abs(turn - self.at.get(key[0], -1)) for turn in turns) for key, turns in leaving.items()}
        for sender, right, label in sorted(leaving, key=nearest.__getitem__):
            turns = leaving[sender, right, label]
            far = max(turns) if right else min(turns)
            yield label, reached.get((sender, right), self.at.get(sender, -1)), far
            reached[sender, right] = far

    def _label_line(self, cells: Cells, words: Sequence[str], tone: str, line: range) -> None:
        """Write a message's name on its line: in the first stretch where it fits, else over tracks, else shortened."""
        clear = _runs(line, cells.plain)
        crossed = _runs(line, lambda x: cells.plain(x, crossed=True) and x not in self.at.values())
        for text, stretches in ((words[0], clear), *((text, s) for text in words for s in (clear, crossed))):
            for stretch in stretches:
                if len(stretch) >= len(text) + 2:
                    cells.put(stretch[1] if line.step > 0 else stretch[0] - len(text), text, tone, 6)
                    return

    def _label_event(self, cells: Cells, scene: Scene) -> None:
        event = scene.event
        words = event_words(scene)
        if not words:
            return
        if event.verb in ABOUT_MESSAGES:
            about = (p for p in scene.arrows if p.arrow.label == event.label and p.arrow.to == event.actor)
            turns = [self._turn(p)[0] for p in sorted(about, key=lambda p: p.arrow not in event.ended)]
            places = (*turns[:1], *(self.at[lane] for lane in self.lanes if lane == event.actor))
            any(self._beside(cells, place, words, "fault") for place in places)
        elif event.actor in self.at:
            self._beside(cells, self.at[event.actor], words, self._tone(scene))
        elif event.actor is None:
            cells.put(1, f" {scene.text} ", "fault", 6)

    @staticmethod
    def _beside(cells: Cells, x: int, words: Sequence[str], tone: str) -> bool:
        """Write the longest of `words` that fits beside x: on the right, or on the left. False when none does."""
        rooms = []
        for step in (1, -1):
            room = 0
            while cells.empty(x + step * (room + 1)):
                room += 1
            rooms.append((room, step))
        for text in words:
            for room, step in rooms:
                if room >= len(text) + 2 or (room >= len(text) + 1 and not 0 <= x + step * (room + 1) < cells.width):
                    cells.put(x + 2 if step > 0 else x - 1 - len(text), text, tone, 5)
                    return True
        return False


def _towards(start: int, end: int) -> int:
    """The step of a walk from start to end."""
    return 1 if end > start else -1


def _runs(line: range, fits: Callable[[int], bool]) -> list[list[int]]:
    """The unbroken stretches of a line on which something holds, in its own direction."""
    return [list(run) for holds, run in groupby(line, fits) if holds]


def event_words(scene: Scene) -> tuple[str, ...]:
    """What stands beside whoever acts, longest first."""
    event = scene.event
    if event.verb in ("", "duplicate"):  # a copy's name is on its line
        return ()
    if event.verb in ("deliver", "fire"):
        return spellings(event.label)
    if event.verb == "sync":
        return ("decides",) if scene.decided else ("sync",)
    if event.verb in ("recover", "crash", "pause", "resume"):
        word = {"recover": "restart"}.get(event.verb, event.verb)
        return (f"{word} torn", word) if scene.text.endswith(" torn") else (word,)
    if event.label and event.verb in ABOUT_MESSAGES:
        return (f"{event.verb} {event.label}", event.verb)
    if event.label:
        return (f"{event.verb} {event.label}", event.label, event.verb)
    return (event.verb,)


def spellings(name: str) -> tuple[str, ...]:
    """A name, and shorter ways to write it that cut no word: VoteRequest, VRequest, VR."""
    words = re.findall(r"[A-Z]?[^A-Z]+|[A-Z]", name) or [NOTHING]
    initials = ["".join(word[0] for word in words[:count]) + "".join(words[count:]) for count in range(len(words))]
    return (*initials, "".join(word[0] for word in words))
