"""The app of the stepping screen: keys and clicks become calls on the desk, and the desk is shown again.

It refuses to know any protocol: it reads worlds and takes choices.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from textual.app import App
from textual.reactive import var
from textual.theme import Theme
from textual.timer import Timer

from consensus_lab.kernel import Address
from consensus_lab.lab.loading import BadInput
from consensus_lab.sim import Choice, Cut, Heal, Partition
from consensus_lab.tui.desk import Desk, Hidden
from consensus_lab.tui.keys import bindings
from consensus_lab.tui.offers import Offer
from consensus_lab.tui.opening import open_session
from consensus_lab.tui.palette import LabCommands
from consensus_lab.tui.screens.catalogue import catalogue
from consensus_lab.tui.screens.claims import Claims
from consensus_lab.tui.screens.coverage import Reached
from consensus_lab.tui.screens.dialog import Ask, Choose
from consensus_lab.tui.screens.help import Help
from consensus_lab.tui.screens.hide import Hide
from consensus_lab.tui.screens.lab import LabScreen
from consensus_lab.tui.screens.partition import PartitionEditor, links
from consensus_lab.tui.session import Branch, Session
from consensus_lab.tui.tones import Tones
from consensus_lab.tui.widgets.branches import tree
from consensus_lab.tui.widgets.pane import Pane

THEMES = ("textual-dark", "textual-light", "nord", "solarized-light", "gruvbox", "ansi-dark", "ansi-light")
SLICE = 100
"""Steps of a long trace that are read between two looks at the keyboard."""


LOOK_AROUND = 2.0  # seconds


def leave_with_the_terminal() -> None:
    """End at once when the terminal is gone: its window was closed, and whoever started us kept the hang-up from us.

    Reading from a terminal that is gone returns at once with nothing, so the screen would keep a core busy for ever.
    There is nothing left to restore and nobody to tell.
    """
    if not os.isatty(STDIN):
        os._exit(1)


STDIN = 0


class LabApp(App[None]):
    """Plays a session."""

    TITLE = "consensus lab"
    CSS_PATH = "lab.tcss"
    BINDINGS = bindings()
    COMMANDS = App.COMMANDS | {LabCommands}

    playing = var(False)

    def __init__(self, session: Session, *, loaded: Callable[[], None] | None = None) -> None:
        """`loaded` is called when the whole script of a session has been read."""
        super().__init__()
        self.loaded = loaded
        self.desk = Desk(session)
        self.tones = Tones(self.current_theme)
        self.lab = LabScreen()
        self._timer: Timer | None = None

    def get_default_screen(self) -> LabScreen:
        return self.lab

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self._theme_changed)
        self.call_after_refresh(self._opened)
        if not self.is_headless:
            self.set_interval(LOOK_AROUND, leave_with_the_terminal)

    def _opened(self) -> None:
        """Show what is read so far, and read the rest when that has been painted."""
        self.show()
        self.call_after_refresh(self.run_worker, self._fill(self.desk.session), group="fill", exclusive=True)

    async def _fill(self, session: Session) -> None:
        """Read the rest of the script, a slice at a time, so that keys are answered meanwhile."""
        loaded = SLICE
        while loaded == SLICE:
            loaded = session.load(SLICE)
            await asyncio.sleep(0)
        if session.failure and session.cursor == 0:
            session.end()  # a long trace that does not fit to its end: show where, and why
        if self.loaded is not None:
            self.loaded()
        self.show()

    def show(self) -> None:
        """Show the desk as it is now."""
        self.lab.show(self.desk, self.tones)

    def _theme_changed(self, theme: Theme) -> None:
        self.tones = Tones(theme)
        self.show()

    def open(self, name: str) -> None:
        """Play another scenario from its beginning."""
        try:
            session = open_session(name)
        except BadInput as error:
            self.desk.session.notice = str(error)
        else:
            self.desk = Desk(session, speed=self.desk.speed)
            self._play(False)
            self._opened()
        self.show()

    def take(self, choice: Choice | None) -> None:
        """Make this happen, if an answer was given at all."""
        if choice is not None:
            self.desk.take(choice)
        self.show()

    # -- time ----------------------------------------------------------------------------------------------------------

    def action_forward(self) -> None:
        self.desk.forward()
        self.show()

    def action_step_back(self) -> None:
        self.desk.back()
        self.show()

    def action_travel(self, by: int) -> None:
        self.desk.session.goto(self.desk.session.cursor + by)
        self.show()

    def action_end(self) -> None:
        self.desk.session.end()
        self.show()

    def action_seek(self, direction: int) -> None:
        self.desk.session.seek(direction)
        self.show()

    def action_ask_step(self) -> None:
        known = len(self.desk.session.steps)
        self.push_screen(Ask("go to a step", f"Its number, from 0 to {known}:"), self._went)

    def _went(self, cursor: int | None) -> None:
        if cursor is not None:
            self.desk.go_to(cursor)
        self.show()

    def action_play(self) -> None:
        self._play(not self.desk.playing)
        self.show()

    def _play(self, playing: bool) -> None:
        self.desk.playing = playing
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_interval(1 / self.desk.speed, self._tick) if playing else None

    def _tick(self) -> None:
        """One step of playing: stops where nothing can happen, and where an invariant falls."""
        refuted = len(self.desk.session.violations)
        if not self.desk.forward() or len(self.desk.session.violations) > refuted:
            self._play(False)
        self.show()

    def action_faster(self, direction: int) -> None:
        self.desk.faster(direction)
        self._play(self.desk.playing)
        self.show()

    # -- choosing ------------------------------------------------------------------------------------------------------

    def action_choose(self, by: int) -> None:
        self.desk.move(by)
        self.show()

    def action_take(self) -> None:
        self.desk.take()
        self.show()

    def action_node(self, by: int) -> None:
        self.desk.turn_node(by)
        self.show()

    def action_choose_node(self, place: int) -> None:
        if place <= len(self.desk.nodes):
            self.desk.choose_node(self.desk.nodes[place - 1])
        self.show()

    def on_pane_picked(self, event: Pane.Picked) -> None:
        """A click: on a row, time travel; on an offer, take it; on a branch, go there; on a node, choose it."""
        match event.what:
            case Offer() as offer:
                self.desk.take(offer.choice)
            case Branch() as branch:
                self.desk.session.switch(branch)
            case int(row):
                self.desk.session.goto(row)
            case str(node):
                self.desk.choose_node(node)
        self.show()

    # -- one key each --------------------------------------------------------------------------------------------------

    def _do(self, verb: str) -> None:
        getattr(self.desk, verb)()
        self.show()

    def action_crash(self) -> None:
        self._do("crash")

    def action_pause(self) -> None:
        self._do("pause")

    def action_drop(self) -> None:
        self._do("drop")

    def action_duplicate(self) -> None:
        self._do("duplicate")

    def action_delay(self) -> None:
        self._do("delay")

    def action_fire(self) -> None:
        self._do("fire")

    def action_sync(self) -> None:
        self._do("sync")

    def action_submit(self) -> None:
        self._do("submit")

    def action_heal(self) -> None:
        self._do("heal")

    def action_heal_all(self) -> None:
        self._do("heal_all")

    def action_cut(self) -> None:
        if not self.desk.cut():
            self.push_screen(Choose("cut or heal one direction", links(self.desk.world)), self._cut_or_heal)
        self.show()

    def _cut_or_heal(self, link: tuple[Address, Address] | None) -> None:
        if link is not None:
            self.desk.take(Heal(*link) if self.desk.world.network.is_cut(link) else Cut(*link))
        self.show()

    def action_partition(self) -> None:
        self.push_screen(PartitionEditor(self.desk.world, self.desk.node), self._parted)

    def _parted(self, partition: Partition | None) -> None:
        self.take(partition)

    # -- branches ------------------------------------------------------------------------------------------------------

    def action_turn(self, direction: int) -> None:
        self.desk.session.turn(direction)
        self.show()

    def action_branches(self) -> None:
        session = self.desk.session
        self.push_screen(Choose("branches", tree(session), session.branch), self._branched)

    def _branched(self, branch: Branch | None) -> None:
        if branch is not None:
            self.desk.session.switch(branch)
        self.show()

    # -- looking -------------------------------------------------------------------------------------------------------

    def action_view(self) -> None:
        if not self.lab.next_view():
            self.desk.session.notice = "Everything is shown at this width."
        self.show()
        self.call_after_refresh(self.show)

    def action_zoom(self) -> None:
        if self.lab.maximized is not None:
            self.lab.minimize()
        elif self.lab.focused is not None:
            self.lab.maximize(self.lab.focused)
        self.call_after_refresh(self.show)

    def action_hide(self) -> None:
        self.push_screen(Hide(self.desk), self._hidden)

    def _hidden(self, hidden: Hidden | None) -> None:
        self.desk.hidden = hidden or self.desk.hidden
        self.show()

    def action_ahead(self) -> None:
        self.desk.ahead = not self.desk.ahead
        self.show()

    def action_claims(self) -> None:
        self.push_screen(Claims(self.desk.world, self.tones))

    def action_coverage(self) -> None:
        self.push_screen(Reached(self.desk.session))

    def action_next_theme(self) -> None:
        place = THEMES.index(self.theme) if self.theme in THEMES else -1
        self.theme = THEMES[(place + 1) % len(THEMES)]

    def action_picture(self) -> None:
        self.desk.session.notice = f"Saved {self.save_screenshot(path='.')}."
        self.show()

    # -- the lab -------------------------------------------------------------------------------------------------------

    def action_catalogue(self) -> None:
        self.push_screen(catalogue(self.desk.session.name), self._chose)

    def _chose(self, name: str | None) -> None:
        if name is not None:
            self.open(name)

    def action_help(self) -> None:
        self.push_screen(Help())
