"""Freezing: a process's fields as one hashable value, so that equal states are met only once.

Values of different types that Python calls equal (``1``, ``1.0`` and ``True``) must never be confused, nor an object be
taken for another that merely looks the same. What cannot be compared by its value is refused with a sentence that names
the field; this module refuses to guess. That nothing changes unseen is the kernel's care: see `Process.clone`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from consensus_lab.kernel import Process
from consensus_lab.kernel.process import UNCHANGING, is_configuration, is_hashed_by_value


class Unfreezable(TypeError):
    """A value that cannot be compared and kept: which field holds it, and what to write instead."""


def freeze_process(process: Process) -> Hashable:
    """Its class and every attribute it has. Raises Unfreezable naming the field."""
    constants = {field.name for field in fields(process) if is_configuration(field)}
    frozen = [(name, _freeze_field(process, name, value, constants)) for name, value in sorted(vars(process).items())]
    return type(process), tuple(frozen)


def _freeze_field(process: Process, name: str, value: Any, constants: set[str]) -> Hashable:
    try:
        return freeze(value)
    except Unfreezable as error:
        if name in constants:
            return name  # given by the cast, and no rule changes it
        raise Unfreezable(f"{type(process).__name__}.{name} holds {error}") from None


def freeze_message(message: Any) -> Hashable:
    """A message, timer, record or decision. Raises Unfreezable naming its kind."""
    try:
        return freeze(message)
    except Unfreezable as error:
        raise Unfreezable(f"{type(message).__name__} carries {error}") from None


def freeze(value: Any) -> Hashable:
    """The value as a hashable one, equal for equal values of equal types.

    Raises Unfreezable with the rest of a sentence that begins "... holds".
    """
    kind = type(value)
    if kind in CONTAINERS:
        return kind, CONTAINERS[kind](value)
    if kind in UNCHANGING or isinstance(value, type):
        return kind, value
    if isinstance(value, Enum):
        return kind, value.name
    if is_dataclass(value):
        return kind, tuple(freeze(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, tuple):  # a NamedTuple
        return kind, tuple(map(freeze, value))
    if is_hashed_by_value(value):
        return kind, value
    raise Unfreezable(
        f"a {kind.__name__}, which cannot be compared by value; use numbers, text, containers, a @message"
    )


CONTAINERS: dict[type, Callable[[Any], Hashable]] = {
    tuple: lambda value: tuple(map(freeze, value)),
    list: lambda value: tuple(map(freeze, value)),
    set: lambda value: frozenset(map(freeze, value)),
    frozenset: lambda value: frozenset(map(freeze, value)),
    dict: lambda value: frozenset((freeze(key), freeze(item)) for key, item in value.items()),
    bytearray: bytes,
}
