"""The context of one step: the verbs a handler may use.

It records effects in the order written (law 1) and performs none. It offers no clock and no dice (law 3): time and
chance reach a process as messages, so a timer carries a range and the world draws from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from consensus_lab.kernel.effect import Append, CancelTimer, Decide, Effect, Force, Note, Send, SetTimer
from consensus_lab.kernel.message import Address, unchanging

LONGEST = 1e9
"""Seconds, some thirty years: longer than any timer waits."""


class Context:
    """What a handler is given: who it is, who spoke, and the verbs.

    What is said or written must not be able to change afterwards: the verbs raise TypeError for a list in a message.
    """

    __slots__ = ("_effects", "me", "now", "sender")

    def __init__(self, me: Address, sender: Address, now: float = 0.0) -> None:
        self.me = me
        self.sender = sender
        self.now = now  # seconds; for a host's own use: a rule that reads it cannot be memoised by the checker
        self._effects: list[Effect] = []

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What was asked for so far, in the order written."""
        return tuple(self._effects)

    def send(self, to: Address, message: Any, *, eager: bool = False) -> None:
        """Send one message, after every record forced so far is durable (unless eager)."""
        self._effects.append(Send(to, unchanging(message), eager))

    def reply(self, message: Any) -> None:
        """Send to whoever sent the message being handled."""
        self.send(self.sender, message)

    def broadcast(self, to: Iterable[Address], message: Any, *, eager: bool = False) -> None:
        """Send to each of `to`, in the order of their addresses (law 4: whatever is iterated is ordered)."""
        if isinstance(to, str):
            raise TypeError(f"broadcast wants a collection of addresses, not the one address {to!r}: use send")
        unchanging(message)
        self._effects += [Send(peer, message, eager) for peer in sorted(to)]

    def set_timer(self, timer: Any, low: float, high: float | None = None) -> None:
        """Have `timer` delivered to this node `low` to `high` seconds from now (exactly `low` when no `high` is given).

        Raises ValueError for a range that is negative or runs backwards.
        """
        high = low if high is None else high
        if not 0 <= low <= high <= LONGEST:
            raise ValueError(
                f"a timer's range must satisfy 0 <= low <= high <= {LONGEST:g}, not low={low!r}, high={high!r}"
            )
        self._effects.append(SetTimer(unchanging(timer), low, high))

    def cancel_timer(self, timer: Any) -> None:
        """Forget `timer`; harmless when it is not running."""
        self._effects.append(CancelTimer(timer))

    def force(self, record: Any) -> None:
        """Write `record` to the journal; messages and decisions after this line wait until it is durable."""
        self._effects.append(Force(unchanging(record)))

    def append(self, record: Any) -> None:
        """Write `record` lazily: nothing waits for it (a textbook's "unforced write")."""
        self._effects.append(Append(unchanging(record)))

    def decide(self, value: Any) -> None:
        """Announce a decision; like a message it waits for what was forced before it."""
        self._effects.append(Decide(unchanging(value)))

    def note(self, text: str) -> None:
        """Leave a sentence in the trace."""
        self._effects.append(Note(text))
