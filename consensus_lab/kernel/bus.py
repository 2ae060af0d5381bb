"""Ports of one method each: what a node's surroundings must offer. `sim` and `net` implement them.

A protocol never sees these: it speaks through its Context. The conformance suite asks both implementations the same
questions, so that what the simulator promises, the real network is held to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from consensus_lab.kernel.message import Address


class Bus(Protocol):
    """Carries messages. It may lose, delay or (unless its links are FIFO) reorder them; it never alters one."""

    def send(self, sender: Address, to: Address, message: Any) -> None: ...


class Clock(Protocol):
    """Delivers a timer to its owner, no sooner than `low` seconds from now."""

    def arm(self, owner: Address, timer: Any, low: float, high: float) -> None: ...


class Journal(Protocol):
    """Makes a batch of records durable: when `commit` returns, a crash cannot take them back."""

    def commit(self, records: Sequence[Any]) -> None: ...
