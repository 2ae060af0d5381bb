"""The real clock: timers of one node, drawn from their range and rung by the event loop.

A timer that has rung waits in the inbox like a message; if its node cancels it or sets it again before its turn, it has
not fired. So `ring` tells whose turn it is, and the host asks `take` when that turn has come.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from consensus_lab.kernel import Address


@dataclass(frozen=True, slots=True, eq=False)
class Ring:
    """One setting of a timer."""

    timer: Any
    key: tuple[type, Any]


class LoopClock:
    """The timers of one node; structurally a `kernel.bus.Clock`. Two timers are one if class and value are."""

    def __init__(self, ring: Callable[[Ring], None]) -> None:
        self._ring = ring
        self._armed: dict[tuple[type, Any], tuple[Ring, asyncio.TimerHandle]] = {}

    def arm(self, owner: Address, timer: Any, low: float, high: float) -> None:
        """Ring `low` to `high` seconds from now; afresh if this timer is running."""
        self.disarm(timer)
        ring = Ring(timer, key_of(timer))
        handle = asyncio.get_running_loop().call_later(random.uniform(low, high), self._ring, ring)
        self._armed[ring.key] = ring, handle

    def disarm(self, timer: Any) -> None:
        """Forget a timer; harmless when it is not running."""
        _, handle = self._armed.pop(key_of(timer), (None, None))
        if handle is not None:
            handle.cancel()

    def take(self, ring: Ring) -> bool:
        """Its turn has come: whether it still stands, and so fires now."""
        stands = self._armed.get(ring.key, (None, None))[0] is ring
        if stands:
            del self._armed[ring.key]
        return stands

    def overdue(self) -> list[Ring]:
        """What should have rung by now, the earliest first.

        After a long pause the loop tells of sockets before timers. Whoever counts on a time being over, such as one
        that holds a lease, must not hear a message first that it would answer otherwise then.
        """
        now = asyncio.get_running_loop().time()
        late = [(handle.when(), ring) for ring, handle in self._armed.values() if handle.when() <= now]
        return [ring for _, ring in sorted(late, key=lambda entry: entry[0])]

    def stop(self) -> None:
        """Forget every timer."""
        for _, handle in self._armed.values():
            handle.cancel()
        self._armed.clear()


def key_of(timer: Any) -> tuple[type, Any]:
    """What makes two timers the same."""
    return type(timer), timer
