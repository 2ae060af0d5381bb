"""What is replicated, as a port: a state that a log of transactions leads to, one after the other.

The primary turns what a client wishes into the state that it comes to, so that a transaction may be applied again, but
depends on every one before it: that is why ZAB must keep the primary's order. An application refuses to know who is
primary, and how its transactions travel. Here are two, a counter and a map; ZooKeeper's tree of nodes is a third.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Protocol

from consensus_lab.kernel import message


class Application(Protocol):
    """A replicated state. Junqueira, Reed and Serafini (2011), section 2: incremental state changes."""

    def lead(self) -> None:
        """A primary begins: nothing that was prepared before will come."""
        ...

    def prepare(self, session: int, operation: Any) -> Any:
        """What a client's wish comes to once all is applied that was prepared before it: a transaction's body."""
        ...

    def apply(self, session: int, body: Any) -> Any:
        """The next transaction is committed. Returns what its client is told."""
        ...

    def read(self, query: Any) -> Any:
        """What a client asks for, as it is here and now."""
        ...

    def knows(self, session: int) -> bool:
        """Whether this session is open."""
        ...

    def snapshot(self) -> Any:
        """The whole state as a value that does not change."""
        ...

    def restore(self, state: Any) -> None:
        """Be in the state of that snapshot."""
        ...


# -- a counter ---------------------------------------------------------------------------------------------------------


@message
class Increment:
    """A client's wish: count on."""

    type: ClassVar[int] = 5  # setData, among ZooKeeper's operations

    by: int = 1


@message
class Total:
    """Query and transaction: what the counter stands at. No increment: that could not be applied twice."""

    value: int = 0


@dataclass
class Counter:
    """Counts."""

    value: int = 0
    ahead: int = 0  # of a primary: what it stands at after all that was prepared

    def lead(self) -> None:
        self.ahead = self.value

    def prepare(self, session: int, operation: Increment) -> Total:
        self.ahead += operation.by
        return Total(self.ahead)

    def apply(self, session: int, body: Total) -> int:
        self.value = body.value
        return self.value

    def read(self, query: Any) -> int:
        return self.value

    def knows(self, session: int) -> bool:
        return True

    def snapshot(self) -> int:
        return self.value

    def restore(self, state: int) -> None:
        self.value = state


# -- a map -------------------------------------------------------------------------------------------------------------


@message
class Put:
    """A client's wish: this value, if the key is at this version (-1: at whichever, or new).

    What is ephemeral goes when its session is closed.
    """

    type: ClassVar[int] = 5  # setData

    key: str
    value: str
    version: int = -1
    ephemeral: bool = False


@message
class Delete:
    """A client's wish: this key no more."""

    type: ClassVar[int] = 2  # delete

    key: str


@message
class CloseSession:
    """A client's wish, or that of whoever saw its session expire: everything ephemeral of this session goes."""

    type: ClassVar[int] = -11  # closeSession


@message
class Get:
    """A client's question."""

    key: str


class Entry(NamedTuple):
    """What stands under a key. `owner` is the session that it goes with, 0 if it stays."""

    value: str
    version: int
    owner: int


@message
class Entered:
    """Transaction: under this key stands this."""

    key: str
    value: str
    version: int
    owner: int = 0


@message
class Removed:
    """Transaction: these keys stand no more; `closed` says whether their session is closed with them."""

    keys: tuple[str, ...]
    closed: bool = False


@message
class Refused:
    """Transaction without effect, so that its client hears in order why there is none (ZooKeeper's ErrorTxn)."""

    reason: str


@dataclass
class KeyValueMap:
    """Keys with values and versions, and what goes with its session."""

    entries: dict[str, Entry] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)  # sessions that are over
    ahead: dict[str, Entry | None] = field(default_factory=dict)  # of a primary: changes prepared and not yet applied

    def lead(self) -> None:
        self.ahead = {}

    def prepare(self, session: int, operation: Any) -> Entered | Removed | Refused:
        if isinstance(operation, Put):
            return self._prepare_put(session, operation)
        if isinstance(operation, Delete):
            return self._prepare_removal((operation.key,)) if self._foreseen(operation.key) else Refused("no such key")
        keys = sorted({*self.entries, *self.ahead})
        mine = tuple(key for key in keys if (entry := self._foreseen(key)) and entry.owner == session)
        return self._prepare_removal(mine, closed=True)

    def _prepare_put(self, session: int, put: Put) -> Entered | Refused:
        before = self._foreseen(put.key)
        version = before.version if before else -1
        if put.version not in (-1, version):
            return Refused(f"version is {version}")
        entry = Entry(put.value, version + 1, session if put.ephemeral else 0)
        self.ahead[put.key] = entry
        return Entered(put.key, *entry)

    def _prepare_removal(self, keys: tuple[str, ...], closed: bool = False) -> Removed:
        self.ahead |= dict.fromkeys(keys)
        return Removed(keys, closed)

    def _foreseen(self, key: str) -> Entry | None:
        return self.ahead[key] if key in self.ahead else self.entries.get(key)

    def apply(self, session: int, body: Entered | Removed | Refused) -> Any:
        match body:
            case Entered(key, value, version, owner):
                self._change(key, Entry(value, version, owner))
                return version
            case Removed(keys, closed):
                for key in keys:
                    self._change(key, None)
                self.closed |= {session} if closed else set()
                return len(keys)
            case Refused():
                return body

    def _change(self, key: str, entry: Entry | None) -> None:
        if entry is None:
            self.entries.pop(key, None)
        else:
            self.entries[key] = entry
        if key in self.ahead and self.ahead[key] == entry:
            del self.ahead[key]

    def read(self, query: Get) -> str | None:
        entry = self.entries.get(query.key)
        return entry.value if entry else None

    def knows(self, session: int) -> bool:
        return session not in self.closed

    def snapshot(self) -> tuple[tuple[tuple[str, Entry], ...], frozenset[int]]:
        return tuple(sorted(self.entries.items())), frozenset(self.closed)

    def restore(self, state: tuple[tuple[tuple[str, Entry], ...], frozenset[int]]) -> None:
        entries, closed = state
        self.entries, self.closed = dict(entries), set(closed)
