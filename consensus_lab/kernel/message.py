"""Messages: facts that travel, and the three that a node's surroundings tell it.

A message is a frozen, slotted dataclass: it never changes after it was sent, and two are equal only when they are of
one class (a NamedTuple would make ``Yes("t") == No("t")`` true). This module refuses to know who sends what to whom.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeVar, dataclass_transform

Address = str
"""The name of a node, such as ``"p1"``. Addresses are compared and sorted as text."""

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def message(cls: type[T]) -> type[T]:
    """Make a class a message: a frozen, slotted dataclass. Records and timers are messages too."""
    return dataclass(frozen=True, slots=True)(cls)


def unchanging(content: Any) -> Any:
    """The same value, if nothing in it can change any more. Raises TypeError, naming the field that can."""
    try:
        hash(content)
    except TypeError:
        raise TypeError(f"{type(content).__name__} {_why_changing(content)}; use a tuple or a frozenset") from None
    return content


def _why_changing(content: Any) -> str:
    for field in fields(content) if is_dataclass(content) else ():
        value = getattr(content, field.name)
        try:
            hash(value)
        except TypeError:
            return f"holds a {type(value).__name__} in its field {field.name}, which could change after it was sent"
    return "is no @message, and could change after it was sent"


@message
class Start:
    """The world begins: told once to every process that has a rule for it."""


@message
class Recovered:
    """The node is up again after a crash, and `Process.restore` has replayed its journal."""


@message
class Disconnected:
    """The connection to `peer` broke: on a FIFO link, what was in flight either way is lost."""

    peer: Address
