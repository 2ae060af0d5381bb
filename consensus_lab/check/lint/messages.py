"""Messages whose equality lies, or that could still change: found where a process hears or says them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from consensus_lab.check.lint.finding import Finding
from consensus_lab.check.lint.place import Place, named
from consensus_lab.check.lint.source import Code, Source

MESSAGE = "Write it as a message: @message above the class, from consensus_lab.kernel, and nothing else."
SAYING = {"send": 1, "reply": 0, "broadcast": 1, "force": 0, "append": 0, "set_timer": 0, "decide": 0}
"""The verbs of a context that take a message, and at which place."""


def lying_messages(place: Place) -> Iterator[Finding]:
    """Messages that are equal when they should not be, or that could still change."""
    for name in sorted(said_by(place.code)):
        kind = place.source.defined.get(name)
        if isinstance(kind, ast.ClassDef):
            yield from _lies(place, kind)
        made = place.source.variables.get(name)
        if isinstance(made, ast.Call) and place.source.meaning(made.func).endswith("namedtuple"):
            yield place.found(made, *_named_tuple(name))


def _lies(place: Place, kind: ast.ClassDef) -> Iterator[Finding]:
    if any(place.source.meaning(base) in ("typing.NamedTuple", "tuple") for base in kind.bases):
        yield place.found(kind, *_named_tuple(kind.name))
    words = dataclass_words(place.source, kind)
    if words is not None and words.get("frozen") != "True":
        yield place.found(kind, f"{kind.name} is sent, and could change after it was", MESSAGE)
    if words is not None and words.get("eq") == "False":
        yield place.found(kind, f"{kind.name} is equal only to itself, so no two schedules would meet", MESSAGE)
    if any(isinstance(node, ast.FunctionDef) and node.name == "__eq__" for node in kind.body):
        yield place.found(kind, f"{kind.name} has an equality of its own, which a search must believe", MESSAGE)


def dataclass_words(source: Source, kind: ast.ClassDef) -> dict[str, str] | None:
    """What ``@dataclass(frozen=True)`` says; None for a class without it."""
    for decorator in kind.decorator_list:
        words: list[ast.keyword] = []
        named = decorator
        if isinstance(decorator, ast.Call):
            words, named = decorator.keywords, decorator.func
        if source.meaning(named) == "dataclasses.dataclass":
            return {word.arg: ast.unparse(word.value) for word in words if word.arg}
    return None


def _named_tuple(name: str) -> tuple[str, str]:
    return f"{name} is a tuple, so it equals every other message with the same values: {name}(1) == Other(1)", MESSAGE


def said_by(code: Code) -> set[str]:
    """The names of what is heard, sent, forced, set or decided here."""
    names = set()
    for node in ast.walk(code):
        if not isinstance(node, ast.Call):
            continue
        if named(node.func) == "upon" and node.args:
            names.add(named(node.args[0]))
        place = SAYING.get(node.func.attr) if isinstance(node.func, ast.Attribute) else None
        said = node.args[place] if place is not None and len(node.args) > place else None
        if isinstance(said, ast.Call):
            names.add(named(said.func))
    return names - {""}
