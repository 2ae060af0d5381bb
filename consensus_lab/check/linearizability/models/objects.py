"""The small objects: a register, values by key, locks, a queue. Each method is one verb; see `Model` for its shape."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from consensus_lab.check.linearizability.history import Operation
from consensus_lab.check.linearizability.models.model import Effect, Model


class Register(Model):
    """One value, read and written whole."""

    name = "register"
    reads = frozenset({"read"})

    def observes(self, operation: Operation) -> bool:
        return super().observes(operation) or operation.answer is False

    def read(self, value: Hashable, by: str) -> Effect:
        return value, value

    def write(self, value: Hashable, by: str, new: Any) -> Effect:
        return new, None

    def cas(self, value: Hashable, by: str, expected: Any, new: Any) -> Effect:
        """Compare and set: answers whether it was the expected value, and is now the new one."""
        return (new, True) if value == expected else (value, False)


class KeyValue(Model):
    """A value under each key, None where there is none. Each key is an object of its own."""

    name = "kv"
    part_name = "key"
    reads = frozenset({"get"})

    def observes(self, operation: Operation) -> bool:
        return super().observes(operation) or operation.answer is False

    def part(self, operation: Operation) -> Hashable:
        key: Hashable = operation.arguments[0]
        return key

    def get(self, value: Hashable, by: str, key: Hashable) -> Effect:
        return value, value

    def put(self, value: Hashable, by: str, key: Hashable, new: Any) -> Effect:
        return new, None

    def swap(self, value: Hashable, by: str, key: Hashable, new: Any) -> Effect:
        """Put, and answer with the value that was there."""
        return new, value

    def add(self, value: Any, by: str, key: Hashable, amount: int) -> Effect:
        """Add to a number, and answer with the sum; what is none counts as 0."""
        total = (value if isinstance(value, int) else 0) + amount
        return total, total

    def append(self, value: Any, by: str, key: Hashable, more: Any) -> Effect:
        return (more if value is None else value + more), None

    def delete(self, value: Hashable, by: str, key: Hashable) -> Effect:
        return None, None

    def cas(self, value: Hashable, by: str, key: Hashable, expected: Any, new: Any) -> Effect:
        """Compare and set: answers whether it was the expected value, and is now the new one."""
        return (new, True) if value == expected else (value, False)


class Lock(Model):
    """Locks by name, each held by one client at most: the state is who."""

    name = "lock"
    part_name = "lock"

    def observes(self, operation: Operation) -> bool:
        return operation.answer is False

    def part(self, operation: Operation) -> Hashable:
        lock: Hashable = operation.arguments[0]
        return lock

    def acquire(self, holder: Hashable, by: str, lock: Hashable) -> Effect:
        """Waits until nobody holds it."""
        return (by, None) if holder is None else None

    def try_acquire(self, holder: Hashable, by: str, lock: Hashable) -> Effect:
        """Answers whether it was free, and is now held."""
        return (by, True) if holder is None else (holder, False)

    def release(self, holder: Hashable, by: str, lock: Hashable) -> Effect:
        """Only who holds it can."""
        return (None, None) if holder == by else None


@dataclass(frozen=True)
class Queue(Model):
    """First in, first out: the state is a tuple, the head first."""

    initial: Hashable = ()
    name = "queue"

    def observes(self, operation: Operation) -> bool:
        return operation.verb == "dequeue" and operation.answer is None

    def enqueue(self, waiting: Any, by: str, item: Any) -> Effect:
        return (*waiting, item), None

    def dequeue(self, waiting: Any, by: str) -> Effect:
        """Answers the head, None when there is none."""
        return (waiting[1:], waiting[0]) if waiting else (waiting, None)
