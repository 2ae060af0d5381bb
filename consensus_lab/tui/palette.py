"""The command palette: every action, everything that could happen in this world, and every scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from consensus_lab.lab.catalogue import scenario_files
from consensus_lab.tui.keys import BUILT_IN, every_key

if TYPE_CHECKING:
    from consensus_lab.tui.app import LabApp

Command = tuple[str, str, Callable[[], Any]]
"""(what is searched, a word of help, what it does)."""


class LabCommands(Provider):
    """Finds them by any letters of their names."""

    @property
    def lab(self) -> LabApp:
        return cast("LabApp", self.app)

    async def discover(self) -> Hits:
        for name, help_text, run in self._actions():
            yield DiscoveryHit(name, run, help=help_text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, help_text, run in (*self._actions(), *self._choices(), *self._scenarios()):
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, help=help_text)

    def _actions(self) -> Iterator[Command]:
        for key in every_key():
            if key.action not in BUILT_IN:
                yield key.does, f"key {key.shown}", partial(self.app.run_action, key.action)

    def _choices(self) -> Iterator[Command]:
        for choice in self.lab.desk.world.choices():
            yield str(choice), "make this happen now", partial(self.lab.take, choice)

    def _scenarios(self) -> Iterator[Command]:
        for name in scenario_files():
            yield f"open {name}", "play this scenario", partial(self.lab.open, name)
