"""The screen knows no protocol: not one is imported, and not one of their words is written there."""

from __future__ import annotations

import ast
from pathlib import Path

import consensus_lab.tui
from consensus_lab.kernel.notation import vocabulary
from consensus_lab.lab.catalogue import protocols, words_of

SOURCES = sorted(Path(consensus_lab.tui.__file__).parent.rglob("*.py"))
ALLOWED = tuple(f"consensus_lab.{floor}" for floor in ("kernel", "sim", "check", "lab", "tui"))


def imports(path: Path) -> set[str]:
    """The modules of this package that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return {name for name in found if name.startswith("consensus_lab")}


def test_it_imports_worlds_and_scenarios_but_no_protocol() -> None:
    assert len(SOURCES) > 20
    strange = {(path.name, name) for path in SOURCES for name in imports(path) if not name.startswith(ALLOWED)}
    assert strange == set()


def test_no_message_of_any_protocol_is_named_in_its_code() -> None:
    words = {word for name in protocols() for word in words_of(name)} - set(vocabulary())
    assert {"VoteRequest", "Yes", "Commit"} <= words
    named = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name | ast.Attribute):
                named.add(node.id if isinstance(node, ast.Name) else node.attr)
    assert named & words == set()
