"""Records what real clients call and what comes back, for a history. The clock is handed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from consensus_lab.check.linearizability.history import History, Operation


class Recorder:
    """A history in the making. `clock` tells whole numbers that never go back, such as `time.monotonic_ns`.

    Each client has one call on its way at most.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._ended: list[Operation] = []
        self._open: dict[str, Operation] = {}

    def called(self, client: str, verb: str, *arguments: Any) -> None:
        """A client calls, now. What it called before and got no answer to may still take effect."""
        if client in self._open:
            self._ended.append(self._open.pop(client))
        self._open[client] = Operation(client, verb, arguments, self._clock())

    def returned(self, client: str, answer: Any = None) -> None:
        """Its answer has come, now; UNKNOWN if it only knows that the call is over."""
        call = self._open.pop(client)
        self._ended.append(Operation(client, call.verb, call.arguments, call.called, self._clock(), answer))

    def withdrawn(self, client: str) -> None:
        """The call is known to have had no effect, such as one that was refused: it is no part of the history."""
        del self._open[client]

    @property
    def history(self) -> History:
        """All so far, in the order called; what is still on its way never returned."""
        return tuple(sorted([*self._ended, *self._open.values()], key=lambda operation: operation.called))
