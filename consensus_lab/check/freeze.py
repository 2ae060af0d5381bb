"""Freezing: a process's fields as one hashable value, so that equal states are met only once.

Values of different types that Python calls equal (``1``, ``1.0`` and ``True``) must never be confused, nor an object be
taken for another that merely looks the same. What cannot be compared by its value is refused with a sentence that names
the field; this module refuses to guess. That nothing changes unseen is the kernel's care: see `Process.clone`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any

from consensus_lab.kernel import Process
from consensus_lab.kernel.process import UNCHANGING, is_configuration, is_hashed_by_value


class Unfreezable(TypeError):
    """A value that cannot be compared and kept: which field holds it, and what to write instead."""


def freeze_process(process: Process) -> Hashable:
    """Its class and every attribute it has. Raises Unfreezable naming the field."""
    kind: Any = type(process)
    values = vars(process)
    names = _in_order(tuple(values))
    frozen = []
    for name in names:
        value = values[name]
        plain = type(value)
        frozen.append((plain, value) if plain in PLAIN else _freeze_field(kind, name, value))
    return kind, names, tuple(frozen)


@cache
def _in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(names))


def _freeze_field(kind: Any, name: str, value: Any) -> Hashable:
    try:
        return freeze(value)
    except Unfreezable as error:
        if name in _constants(kind):
            return name  # given by the cast, and no rule changes it
        raise Unfreezable(f"{kind.__name__}.{name} holds {error}") from None


@cache
def _constants(kind: Any) -> frozenset[str]:
    return frozenset(field.name for field in fields(kind) if is_configuration(field))


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
    if kind in PLAIN:
        return kind, value
    kept = _kept.get(id(value))
    if kept is not None:
        return kept[1]
    frozen = _freeze(kind, value)
    if kind not in CHANGING and is_hashed_by_value(value):
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[id(value)] = (value, frozen)  # with the value, so that its id is not given to another
    return frozen


PLAIN = UNCHANGING - {frozenset}
CHANGING = frozenset({list, set, dict, bytearray})
MOST_KEPT = 1 << 16
_kept: dict[int, tuple[Any, Hashable]] = {}
"""By identity, not by value: what is equal need not be alike. States share most of their messages and records."""


def _freeze(kind: type, value: Any) -> Hashable:
    if kind in CONTAINERS:
        return kind, CONTAINERS[kind](value)
    if isinstance(value, type):
        return kind, value
    if isinstance(value, Enum):
        return kind, value.name
    if is_dataclass(kind):
        return kind, tuple([freeze(getattr(value, name)) for name in _names(kind)])
    if isinstance(value, tuple):  # a NamedTuple
        return kind, tuple(map(freeze, value))
    if is_hashed_by_value(value):
        return kind, value
    raise Unfreezable(
        f"a {kind.__name__}, which cannot be compared by value; use numbers, text, containers, a @message"
    )


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


CONTAINERS: dict[type, Callable[[Any], Hashable]] = {
    tuple: lambda value: tuple(map(freeze, value)),
    list: lambda value: tuple(map(freeze, value)),
    set: lambda value: frozenset(map(freeze, value)),
    frozenset: lambda value: frozenset(map(freeze, value)),
    dict: lambda value: frozenset((freeze(key), freeze(item)) for key, item in value.items()),
    bytearray: bytes,
}
