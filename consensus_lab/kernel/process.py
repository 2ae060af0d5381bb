"""A process: an algorithm, as rules. Its fields are its whole state.

A rule is a method marked ``@upon(Kind, when=State)``. A subclass overrides a rule by its method's name, without
repeating the mark: that is how an exercise replaces one rule of a reference protocol. A class with several bases plays
all their roles, by the rules of all. A field without a default is configuration, given by the cast; a field with a
default is state. A process refuses to know whether it is simulated.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import Any, ClassVar, NamedTuple, TypeVar

from consensus_lab.kernel.context import Context

Handler = TypeVar("Handler", bound=Callable[..., None])


class Rule(NamedTuple):
    """Upon a message of `kind`, when the process is in a state of `when` (any, if empty), run `method`."""

    kind: type
    when: tuple[Any, ...]
    method: str


def upon(kind: type, *, when: Any = ()) -> Callable[[Handler], Handler]:
    """Mark a method as the rule for messages of `kind`, in the one state or the tuple of states `when`."""
    states = when if isinstance(when, tuple) else (when,)

    def mark(handler: Handler) -> Handler:
        handler.__dict__.setdefault("upon", []).insert(0, (kind, states))
        return handler

    return mark


no_state: Any = None


@dataclass
class Process:
    """The base of every role of every protocol."""

    RULES: ClassVar[tuple[Rule, ...]] = ()
    role: ClassVar[str] = ""  # how a picture names it; the class name if empty
    state = no_state  # unannotated, so no field: a process whose rules say `when=` declares a field of this name

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        marked = [
            Rule(kind, states, name)
            for name, handler in vars(cls).items()
            for kind, states in getattr(handler, "upon", ())
        ]
        remarked = {rule.method for rule in marked}
        of_bases = dict.fromkeys(rule for base in cls.__bases__ for rule in getattr(base, "RULES", ()))
        cls.RULES = (*marked, *(rule for rule in of_bases if rule.method not in remarked))

    def rule_for(self, message: Any) -> Rule | None:
        """The first rule for this message in the present state: a rule naming the state wins over one for any."""
        for rule in rules_upon(type(self), type(message)):
            if not rule.when or self.state in rule.when:
                return rule
        return None

    def receive(self, message: Any, ctx: Context) -> bool:
        """Run the rule for `message`. False: there is none here, which is recorded and no error."""
        rule = self.rule_for(message)
        if rule is None:
            return False
        getattr(self, rule.method)(message, ctx)
        return True

    def restore(self, record: Any) -> None:
        """Replay one record of the journal after a crash. A process that forces records must say how."""
        raise TypeError(f"{type(self).__name__} found {record!r} in its journal, but has no restore() for it")

    @classmethod
    def hears(cls, kind: type) -> bool:
        """Whether any rule is for messages of `kind`."""
        return any(rule.kind is kind for rule in cls.RULES)

    def facts(self) -> dict[str, Any]:
        """The state by field name: every field that has a default, in the order declared."""
        return {f.name: getattr(self, f.name) for f in fields(self) if not is_configuration(f)}

    def clone(self) -> Process:
        """A copy that shares nothing mutable with this one."""
        twin = copy.copy(self)
        for name, value in vars(self).items():
            if type(value) not in UNCHANGING:
                setattr(twin, name, own(value, f"{type(self).__name__}.{name}"))
        return twin


_rules_upon: dict[tuple[type, type], tuple[Rule, ...]] = {}


def rules_upon(process: type[Process], kind: type) -> tuple[Rule, ...]:
    """The rules of a class of processes for one kind of message: those that name states before those for any."""
    known = _rules_upon.get((process, kind))
    if known is None:
        found = (rule for rule in process.RULES if rule.kind is kind)
        known = _rules_upon[process, kind] = tuple(sorted(found, key=lambda rule: not rule.when))
    return known


def is_configuration(field: Any) -> bool:
    """A dataclass field without a default: the cast gives it and no rule changes it."""
    return field.default is MISSING and field.default_factory is MISSING


UNCHANGING = frozenset({str, int, float, bool, bytes, frozenset, type(None)})
COPIED: dict[type, Callable[[Any, str], Any]] = {
    list: lambda value, field: [own(item, field) for item in value],
    set: lambda value, field: set(value),
    dict: lambda value, field: {key: own(item, field) for key, item in value.items()},
    tuple: lambda value, field: value if is_hashed_by_value(value) else tuple(own(item, field) for item in value),
}


def own(value: Any, field: str) -> Any:
    """A copy that shares nothing that can change: what is hashed by its value never does, and is shared.

    Raises TypeError, naming the field, for what cannot be copied at all, such as a lock or an open file.
    """
    copier = COPIED.get(type(value))
    if copier is not None:
        return copier(value, field)
    if type(value) in UNCHANGING or is_hashed_by_value(value):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return _own_fields(value, field)
    try:
        return copy.deepcopy(value)
    except Exception as error:
        raise TypeError(f"{field} holds a {type(value).__name__}, which cannot be copied: {error}") from None


def _own_fields(value: Any, field: str) -> Any:
    twin = copy.copy(value)
    for part in fields(value):
        object.__setattr__(twin, part.name, own(getattr(value, part.name), f"{field}.{part.name}"))
    return twin


def is_hashed_by_value(value: Any) -> bool:
    """Whether its hash speaks of its content, as that of a message does; an object's own hash only says which it is."""
    by_identity: Any = object.__hash__
    if type(value).__hash__ is by_identity:
        return False
    try:
        hash(value)
    except TypeError:
        return False
    return True
