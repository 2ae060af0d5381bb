"""What the diagram leaves out: nodes, and kinds of events."""

from __future__ import annotations

from typing import Any

from textual.binding import Binding
from textual.widgets import SelectionList
from textual.widgets.selection_list import Selection

from consensus_lab.tui.desk import Desk, Hidden
from consensus_lab.tui.screens.dialog import Dialog
from consensus_lab.tui.telling import kinds

VERBS = {"fire": "timers", "sync": "disks", "submit": "requests"}


class Hide(Dialog[Hidden]):
    """Answers with what to hide; at least one node stays."""

    BINDINGS = [Binding("escape,slash", "done", "done")]

    def __init__(self, desk: Desk) -> None:
        super().__init__("show in the diagram", "space shows or hides · esc closes")
        self.desk = desk

    def content(self) -> list[Any]:
        hidden = self.desk.hidden
        nodes = [Selection(f"node {node}", ("node", node), node not in hidden.nodes) for node in self.desk.nodes]
        words = {**VERBS, **{name: f"message {name}" for name in kinds(self.desk.session.steps)}}
        events = [Selection(word, ("kind", kind), kind not in hidden.kinds) for kind, word in words.items()]
        return [SelectionList(*nodes, *events)]

    def action_done(self) -> None:
        listed = self.query_one(SelectionList)
        every = [listed.get_option_at_index(index).value for index in range(listed.option_count)]
        gone = [value for value in every if value not in listed.selected]
        nodes = frozenset(name for what, name in gone if what == "node")
        if nodes >= set(self.desk.nodes):
            nodes = nodes - {self.desk.node}
        self.dismiss(Hidden(nodes, frozenset(name for what, name in gone if what == "kind")))
