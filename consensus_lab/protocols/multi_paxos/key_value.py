"""The key-value machine: what the log is for. Its operations, and what each does to a store and answers.

Deterministic, as Lamport, Paxos Made Simple (2001), section 3 asks of a state machine: from the same store the same
operation makes the same store and the same result, on every replica. It refuses to know logs, clients and servers.
"""

from __future__ import annotations

from typing import Any

from consensus_lab.kernel import message

Store = dict[str, Any]


@message
class Put:
    """Let this key have this value. Answers with the value that it had."""

    key: str
    value: Any


@message
class Add:
    """Add to the number that this key has (0 if it has none), and answer with the sum: done twice, it shows."""

    key: str
    amount: int


@message
class Get:
    """Answer with this key's value, None if it has none. Changes nothing."""

    key: str


Operation = Put | Add | Get


def execute(store: Store, operation: Operation) -> Any:
    """Change the store as the operation says, and return its result."""
    before = store.get(operation.key)
    match operation:
        case Put(key, value):
            store[key] = value
            return before
        case Add(key, amount):
            store[key] = (before if isinstance(before, int) else 0) + amount
            return store[key]
        case Get():
            return before
