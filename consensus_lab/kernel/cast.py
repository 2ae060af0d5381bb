"""A cast: who plays, on what kind of links, and what their client asks of them.

A cast is what a protocol hands to a world, to a cluster of real processes or to the checker; it knows none of them.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any
from urllib.parse import quote, unquote

from consensus_lab.kernel.invariant import Invariant
from consensus_lab.kernel.message import Address
from consensus_lab.kernel.process import Process
from consensus_lab.kernel.recurrence import Recurrence

CLIENT: Address = "client"
"""Who submits requests. It is outside every world: what is sent to it leaves the world as an answer."""

MOST = 100
"""So many of one role are more than anyone can look at."""

ADDRESS = re.compile(r"[A-Za-z0-9][\w.-]*")


class Links(Enum):
    """What a protocol assumes of its network."""

    BAG = "bag"  # datagrams: any message in flight may arrive next
    FIFO = "fifo"  # connections: in order, until the connection is lost with all that was in flight


@dataclass(frozen=True)
class Cast:
    """Processes by address, as they are when first switched on, and the requests that a client may submit.

    `parameters` are what made it (``participants=2``): a trace names them, so that a replay can cast again.
    `recurrence` says what it counts without end, for those who look for runs that never end.
    `eventually` is claimed not of every moment, but of the end: some time after all failures have been mended.
    `withstands` are the kinds of failure in spite of which all this is claimed, by name; None: every kind.
    """

    protocol: str
    processes: Mapping[Address, Process]
    requests: tuple[tuple[Address, Any], ...] = ()
    invariants: tuple[Invariant, ...] = ()
    links: Links = Links.BAG
    parameters: Mapping[str, Any] = field(default_factory=dict)
    recurrence: Recurrence = field(default_factory=Recurrence)
    eventually: tuple[Invariant, ...] = ()
    withstands: frozenset[str] | None = None

    def __post_init__(self) -> None:
        refuse_unless(bool(self.processes), "a cast needs at least one node")
        for address in self.processes:
            fits = address != CLIENT and ADDRESS.fullmatch(address) is not None
            refuse_unless(
                fits, f"a node cannot be called {address!r}: a name of letters, digits, . _ -; not {CLIENT!r}"
            )

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Everyone, in the order cast: the order of lanes in every picture."""
        return tuple(self.processes)

    def fresh(self, address: Address) -> Process:
        """The process of `address` as it is before anything happened to it."""
        return self.processes[address].clone()

    def claiming(self, *invariants: Invariant) -> Cast:
        """The same cast, held to these invariants instead."""
        return replace(self, invariants=invariants)


def numbered(role: str, letter: str, count: int, least: int = 1) -> tuple[Address, ...]:
    """``p1``, ``p2`` ...: so many of a role. Raises ValueError, with a sentence, for too few or too many."""
    refuse_unless(least <= count <= MOST, f"{role} must be {least} to {MOST}, not {count}")
    return tuple(f"{letter}{number}" for number in range(1, count + 1))


def told(maker: Callable[..., Cast], given: Mapping[str, Any]) -> dict[str, Any]:
    """Of the parameters given to what makes a cast, those that it does not have by default: all that need be said."""
    usual = inspect.signature(maker).parameters
    return {name: given[name] for name in usual if given[name] != usual[name].default}


YES_OR_NO = ("no", "yes")
"""How a true or false parameter is written."""

SHIPPED = f"{__package__.partition('.')[0]}."
"""How the name of every module begins that is shipped."""


def cast_words(parameters: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """A cast's parameters as words, which `lab.catalogue.make_cast` casts again."""
    return tuple((name, _text(value)) for name, value in parameters.items())


def _text(value: Any) -> str:
    if isinstance(value, type):
        return reference_to(value)
    if isinstance(value, bool):
        return YES_OR_NO[value]
    return "+".join(value) if isinstance(value, tuple) else str(value)


def reference_to(kind: type) -> str:
    """A class by its place and its name there: ``package.module:Class`` if shipped, else ``path/to/file.py:Class``.

    A shipped class is alike everywhere, so its name holds no path of this machine.
    """
    if kind.__module__.startswith(SHIPPED):
        return f"{kind.__module__}:{kind.__qualname__}"
    module = sys.modules.get(kind.__module__)
    return quoted(f"{getattr(module, '__file__', None) or kind.__module__}:{kind.__qualname__}")


DIVIDES = re.compile(r"[,%\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")


def quoted(path: str) -> str:
    """A path as a cast's parameter: what would divide parameters or lines, or is no text, is written ``%2C``."""
    return DIVIDES.sub(lambda found: quote(found[0], safe="", errors="surrogateescape"), path)


def unquoted(text: str) -> str:
    """The inverse."""
    return unquote(text, errors="surrogateescape")


def refuse_unless(holds: bool, sentence: str) -> None:
    """Raise ValueError with this sentence unless it holds: for a cast's parameters, which a user may have typed."""
    if not holds:
        raise ValueError(sentence)
