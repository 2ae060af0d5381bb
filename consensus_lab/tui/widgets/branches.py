"""The branches, as a tree: what was kept of every fork. A click goes there."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from consensus_lab.tui.desk import Desk
from consensus_lab.tui.session import Branch, Session
from consensus_lab.tui.tones import Tones
from consensus_lab.tui.widgets.pane import Line, Pane
from consensus_lab.tui.widgets.space_time import fitting


class Branches(Pane):
    """▸ is where one stands."""

    def __init__(self, id: str = "branches") -> None:
        super().__init__(id, "branches")

    def compose_lines(self, desk: Desk, tones: Tones, width: int) -> list[Line]:
        session = desk.session
        lines: list[Line] = []
        for words, branch in tree(session):
            here = branch is session.branch
            text = Text(f"{'▸' if here else ' '} {fitting(words, width - 3)}", tones["strong" if here else "text"])
            lines.append((text, branch))
        return lines


def tree(session: Session) -> list[tuple[str, Branch]]:
    """Every branch with its line: where it forks, by which choice, how long it is."""
    return list(_below(session, session.branches[0], "", ""))


def _below(session: Session, branch: Branch, lead: str, inner: str) -> Iterator[tuple[str, Branch]]:
    origin = f"{branch.shared + 1}: " if branch.parent else ""
    yield f"{lead}{origin}{branch.name.replace('->', '→')}  ({len(branch.steps)} steps)", branch
    children = [child for child in session.branches if child.parent is branch]
    for child in children:
        last = child is children[-1]
        yield from _below(session, child, inner + ("╰─ " if last else "├─ "), inner + ("   " if last else "│  "))
