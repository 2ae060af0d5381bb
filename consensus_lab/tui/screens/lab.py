"""The stepping screen: one pane at 80 columns, two columns of them from 100, three from 160."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Footer

from consensus_lab.tui.desk import Desk
from consensus_lab.tui.tones import Tones
from consensus_lab.tui.widgets.bar import Bar
from consensus_lab.tui.widgets.branches import Branches
from consensus_lab.tui.widgets.network import Network
from consensus_lab.tui.widgets.nodes import Nodes
from consensus_lab.tui.widgets.pane import Pane
from consensus_lab.tui.widgets.queue import Hint, Queue
from consensus_lab.tui.widgets.source import Source
from consensus_lab.tui.widgets.space_time import LaneHeads, LaneStates, SpaceTimeView
from consensus_lab.tui.widgets.why import Why

NORMAL, WIDE = 100, 160
"""The widths, in columns, from which there is room for two and for three columns of panes."""

SHORT = 20
"""The height, in lines, below which a diagram must make do with one line of states and three of reasons."""

TALL = 34
"""The height, in lines, from which two columns have room for the network."""

VIEWS = {
    "narrow": ("left", "nodes", "queue", "network", "source", "branches"),
    "normal": ("queue", "source", "branches"),
}
"""Of which panes one is shown at a time, at that width."""


class LabScreen(Screen[None]):
    """Shows a desk. It decides nothing: keys are the app's, clicks go up as messages."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (NORMAL, "-normal"), (WIDE, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (SHORT, "-short"), (TALL, "-tall")]

    view = ""

    def compose(self) -> ComposeResult:
        yield Bar("bar")
        with Horizontal(id="main"):
            with Vertical(id="left") as left:
                left.border_title = "space-time"
                yield LaneHeads("heads")
                yield SpaceTimeView()
                yield LaneStates("states")
            with Vertical(id="side"):
                with Vertical(id="middle"):
                    yield Network()
                    yield Nodes()
                with Vertical(id="right"):
                    yield Queue()
                    yield Source()
                    yield Branches()
        yield Why()
        yield Hint("hint")
        yield Footer(show_command_palette=True)

    def on_mount(self) -> None:
        for pane in self.query("#bar, #heads, #states, #hint").results(Pane):
            pane.can_focus = False
        self.query_one(SpaceTimeView).focus()

    def on_resize(self) -> None:
        self.make_room()

    def show(self, desk: Desk, tones: Tones) -> None:
        """Show this desk as it is now, in every pane that is visible."""
        for pane in self.query(Pane):
            pane.show(desk, tones)

    @property
    def width_class(self) -> str:
        """narrow, normal or wide."""
        width = self.app.size.width
        return "narrow" if width < NORMAL else "normal" if width < WIDE else "wide"

    def next_view(self) -> bool:
        """Show the next of the panes that take turns at this width. False when all are shown already."""
        views = VIEWS.get(self.width_class)
        if views is None:
            return False
        place = views.index(self.view) if self.view in views else 0
        self.view = views[(place + 1) % len(views)]
        self.make_room()
        return True

    def make_room(self) -> None:
        """Display what there is room for."""
        width, views = self.width_class, VIEWS.get(self.width_class, ())
        view = self.view if self.view in views else next(iter(views), "")
        shown = {name: name == view or name not in views for name in VIEWS["narrow"]}
        shown |= {"side": width != "narrow" or view != "left", "hint": width == "narrow", "states": width == "narrow"}
        if width == "normal" and self.app.size.height < TALL:
            shown["network"] = False
        shown["middle"] = shown["network"] or shown["nodes"]
        shown["right"] = shown["queue"] or shown["source"] or shown["branches"]
        for name, display in shown.items():
            self.query_one(f"#{name}").display = display
        if self.focused is not None and not self.focused.is_on_screen:
            self.focus_next()
