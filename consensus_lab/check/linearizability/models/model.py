"""Sequential specifications: objects that do one thing at a time, each verb a method from a state to the next.

A method takes the state, who calls, and the call's arguments; it returns the state after and the answer, or None when
the call cannot take effect in this state. States are hashable values. Time and order are not a model's matter.
"""

from __future__ import annotations

import inspect
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, ClassVar

from consensus_lab.check.linearizability.history import Operation
from consensus_lab.kernel.notation import render

Effect = tuple[Hashable, Any] | None
"""The state after, and the answer; None: not in this state."""

EVERYTHING = None
"""What an operation touches that no part of the history is free of."""


@dataclass(frozen=True)
class Model:
    """An object's sequential specification. `initial` is its state before the first operation."""

    initial: Hashable = None
    name: ClassVar[str]
    reads: ClassVar[frozenset[str]] = frozenset()  # the verbs that never change anything
    part_name: ClassVar[str] = ""  # what an independent part is called

    def part(self, operation: Operation) -> Hashable:
        """Which independent part of the object it touches; EVERYTHING when it is not confined to one.

        Linearizability is local (Herlihy and Wing, theorem 1): the parts may be judged one by one.
        """
        return EVERYTHING

    def observes(self, operation: Operation) -> bool:
        """Whether it changes nothing, in whatever state it gives the answer that it got."""
        return operation.verb in self.reads

    def name_of(self, key: Hashable) -> str:
        """``the register``, or ``key x`` for a part."""
        return f"the {self.name}" if key is EVERYTHING else f"{self.part_name} {render(key)}"

    def apply(self, state: Hashable, operation: Operation) -> Effect:
        """What the operation does in this state. Raises ValueError for arguments that it can do nothing with."""
        try:
            effect: Effect = getattr(self, operation.verb)(state, operation.client, *operation.arguments)
        except (TypeError, AttributeError) as error:
            raise ValueError(f"{operation.call} cannot be done where {render(state)} is: {error}") from None
        return effect

    @classmethod
    def verbs(cls) -> dict[str, str]:
        """What can be called, and how it is written: ``{"write": "write(value)"}``."""
        methods = {name: method for kind in reversed(cls.__mro__) for name, method in vars(kind).items()}
        named = {name: method for name, method in methods.items() if inspect.isfunction(method) and name[0] != "_"}
        return {name: _written(method) for name, method in named.items() if name not in vars(Model)}

    def refuse_unknown(self, operation: Operation) -> None:
        """Raise ValueError for an operation that this object does not have, saying which it has."""
        known = ", ".join(self.verbs().values())
        if operation.verb not in self.verbs():
            raise ValueError(f"a {self.name} has no {operation.verb}: it has {known}")
        try:
            inspect.signature(getattr(self, operation.verb)).bind(None, "", *operation.arguments)
        except TypeError:
            raise ValueError(f"{operation.call} does not fit: a {self.name} has {known}") from None
        refuse_changing(operation.arguments, operation.call)


def refuse_changing(value: Any, name: str) -> None:
    """Raise ValueError for what could change, as a list: no object could tell it from another one."""
    try:
        hash(value)
    except TypeError as error:
        raise ValueError(f"{name} cannot be judged, {error}: use tuples for lists") from None


def _written(method: Any) -> str:
    _, _, _, *arguments = inspect.signature(method).parameters.values()
    texts = [a.name if a.default is a.empty else f"{a.name}={a.default!r}" for a in arguments]
    return f"{method.__name__}({', '.join(texts)})"
