"""How messages and records are written as text, and read back: ``Prepared(tx=T1, undo=old, redo=T1)``.

The one notation of traces, scenarios, screens and error messages. Text is sorted wherever Python's own order depends on
the run, so that the same value reads the same on every machine. Reading needs a vocabulary: the classes by name.
"""

from __future__ import annotations

import ast
import keyword
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from types import ModuleType
from typing import Any

from consensus_lab.kernel.message import Disconnected, Recovered, Start

Vocabulary = Mapping[str, type]
CONSTANTS = {"None": None, "True": True, "False": False, "∅": None, "inf": math.inf, "nan": math.nan}


def render(value: Any) -> str:
    """Text for a message, a record or any value inside one. A string is bare when it looks like a name."""
    known = _texts.get(id(value))
    if known is not None:
        return known[1]
    text = _render(value)
    if _never_changes(value):
        if len(_texts) >= MOST_TEXTS:
            _texts.clear()
        _texts[id(value)] = (value, text)  # with the value, so that its id is not given to another
    return text


MOST_TEXTS = 16384
_texts: dict[int, tuple[Any, str]] = {}
"""Texts by identity, not by value: ``Ballot(1)`` and ``Ballot(True)`` are equal, but do not read alike."""


def _never_changes(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:  # a student's list or dict, perhaps inside a message
        return False
    return True


def _render(value: Any) -> str:
    if isinstance(value, Enum):  # before int and str, which an Enum may be too
        return f"{type(value).__name__}.{value.name}"
    if value is None or isinstance(value, bool | int | float | bytes):
        return repr(value)
    if isinstance(value, str):
        return value if _is_bare(value) else repr(value)
    if is_dataclass(value):
        return _render_record(value)
    if hasattr(value, "_fields"):  # a NamedTuple: an ordered number such as Ballot(2, p1), whose parts need no names
        return f"{type(value).__name__}({', '.join(map(render, value))})"
    return _render_collection(value)


def _is_bare(text: str) -> bool:
    return text.isascii() and text.isidentifier() and not keyword.iskeyword(text) and text not in CONSTANTS


def _render_record(value: Any) -> str:
    names = [field.name for field in fields(value)]
    if len(names) == 1:
        return f"{type(value).__name__}({render(getattr(value, names[0]))})"
    return f"{type(value).__name__}({', '.join(f'{name}={render(getattr(value, name))}' for name in names)})"


def _render_collection(value: Any) -> str:
    if isinstance(value, set | frozenset):
        return "{" + ", ".join(sorted(map(render, value))) + "}" if value else "{}"
    if isinstance(value, Mapping):
        return (
            "dict()"
            if not value
            else "{" + ", ".join(sorted(f"{render(key)}: {render(item)}" for key, item in value.items())) + "}"
        )
    if isinstance(value, tuple):
        return "(" + ", ".join(map(render, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, list):
        return "[" + ", ".join(map(render, value)) + "]"
    return repr(value)


def alike(one: Any, other: Any) -> bool:
    """Whether two values are the same to a reader too: ``Vote(1) == Vote(True)``, but they are not alike."""
    return one is other or (type(one) is type(other) and one == other and render(one) == render(other))


def vocabulary(*modules: ModuleType) -> dict[str, type]:
    """Every class that these modules define, and every message, enum or number that they offer from elsewhere, by name.

    The kernel's own messages are always among them.
    """
    words: dict[str, type] = {kind.__name__: kind for kind in (Start, Recovered, Disconnected)}
    for module in modules:
        words |= {
            name: kind
            for name, kind in vars(module).items()
            if isinstance(kind, type) and (kind.__module__ == module.__name__ or _is_word(kind))
        }
    return words


def _is_word(kind: type) -> bool:
    """A message, an ordered number such as a Ballot, or an enum that has members; not Enum itself."""
    return is_dataclass(kind) or hasattr(kind, "_fields") or (issubclass(kind, Enum) and len(kind) > 0)


def parse(text: str, words: Vocabulary) -> Any:
    """Read what `render` wrote. Raises ValueError with a sentence that says what is wrong and what is known."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        raise ValueError(f"cannot read {text.strip()!r}: a message is written Name(field=value, ...)") from None
    try:
        return _Reader(words).read(tree.body)
    except TypeError as error:  # {[1]}: a list inside a set
        raise ValueError(f"cannot read {text.strip()!r}: {error}") from None


class _Reader:
    """Builds values from the syntax tree; evaluates nothing."""

    def __init__(self, words: Vocabulary) -> None:
        self.words = words

    def read(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return CONSTANTS.get(name, name)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -number
            case ast.UnaryOp(op=ast.USub(), operand=ast.Name(id="inf")):
                return -math.inf
            case ast.Call(func=ast.Name(id="dict"), args=[], keywords=[]):
                return {}
            case ast.Attribute(value=ast.Name(id=name), attr=member):
                return self.member(name, member)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=named):
                return self.build(name, arguments, named)
            case _:
                return self.collection(node)

    def collection(self, node: ast.expr) -> Any:
        match node:
            case ast.Tuple(elts=items):
                return tuple(map(self.read, items))
            case ast.List(elts=items):
                return [self.read(item) for item in items]
            case ast.Set(elts=items):
                return frozenset(map(self.read, items))
            case ast.Dict(keys=[], values=[]):
                return frozenset()
            case ast.Dict(keys=keys, values=values) if all(keys):
                return {self.read(key): self.read(item) for key, item in zip(keys, values, strict=True) if key}
        raise ValueError(f"cannot read {ast.unparse(node)!r}: only names, numbers, strings, tuples, sets and messages")

    def build(self, name: str, arguments: list[ast.expr], named: list[ast.keyword]) -> Any:
        kind = self.known(name)
        positional = [self.read(argument) for argument in arguments]
        try:
            return kind(*positional, **{word.arg: self.read(word.value) for word in named if word.arg})
        except TypeError:
            names = ", ".join(getattr(kind, "__match_args__", ()))
            raise ValueError(f"{name} does not take these fields; it is written {name}({names})") from None

    def member(self, name: str, member: str) -> Any:
        kind = self.known(name)
        if issubclass(kind, Enum) and member in kind.__members__:
            return kind[member]
        raise ValueError(f"{name} has no member {member}")

    def known(self, name: str) -> type:
        if name not in self.words:
            raise ValueError(f"no message is named {name}; known are {', '.join(sorted(self.words))}")
        return self.words[name]
