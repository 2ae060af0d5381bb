"""Freezing: a process's fields as one hashable value, so that equal states are met only once.

Two things must never be confused: values of different types that Python calls equal (``1``, ``1.0`` and ``True``), and
a container that two states would share and one of them change. What could be either is refused with a sentence that
names the field; this module refuses to guess.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from consensus_lab.kernel import Process
from consensus_lab.kernel.process import is_configuration

PLAIN = frozenset({int, float, complex, bool, bytes})


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
            return id(value)  # given by the cast, and no rule changes it
        raise Unfreezable(f"{type(process).__name__}.{name} holds {error}") from None


def freeze_message(message: Any) -> Hashable:
    """A message, timer or record. Raises Unfreezable when it can change after it was sent."""
    try:
        return freeze(message, shared=True)
    except Unfreezable as error:
        raise Unfreezable(f"{type(message).__name__} carries {error}") from None


def freeze(value: Any, *, shared: bool = False) -> Hashable:
    """The value as a hashable one, equal for equal values of equal types. `shared`: it must be unable to change.

    Raises Unfreezable with the rest of a sentence that begins "... holds".
    """
    kind = type(value)
    if kind is str or value is None or isinstance(value, type):
        return value  # type: ignore[no-any-return]
    if kind in PLAIN:
        return kind, value
    if isinstance(value, Enum):
        return kind, value.name
    if kind in CHANGING:
        if shared:
            raise Unfreezable(f"a {kind.__name__} where it could change unseen; use a {CHANGING[kind]}")
        return kind, CONTAINERS[kind](value, False)
    if kind in CONTAINERS:
        return kind, CONTAINERS[kind](value, True)
    return _freeze_record(value, kind)


def _freeze_record(value: Any, kind: type) -> Hashable:
    if isinstance(value, tuple):  # a NamedTuple
        return kind, tuple(freeze(item, shared=True) for item in value)
    if is_dataclass(value) and kind.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        return kind, tuple(freeze(getattr(value, field.name), shared=True) for field in fields(value))
    what = f"a {kind.__name__}"
    if is_dataclass(value):
        raise Unfreezable(f"{what}, which can change unseen; make it a @message (a frozen dataclass)")
    raise Unfreezable(f"{what}, which cannot be kept and compared; use numbers, text, containers or a @message")


CHANGING: dict[type, str] = {list: "tuple", set: "frozenset", dict: "tuple of pairs", bytearray: "bytes"}
"""What `Process.clone` copies, and what cannot change and so may be shared."""

CONTAINERS: dict[type, Callable[[Any, bool], Hashable]] = {
    tuple: lambda value, shared: tuple(freeze(item, shared=shared) for item in value),
    list: lambda value, shared: tuple(freeze(item, shared=shared) for item in value),
    set: lambda value, shared: frozenset(freeze(item, shared=shared) for item in value),
    frozenset: lambda value, shared: frozenset(freeze(item, shared=shared) for item in value),
    dict: lambda value, shared: frozenset(
        (freeze(key, shared=True), freeze(item, shared=shared)) for key, item in value.items()
    ),
    bytearray: lambda value, shared: bytes(value),
}
