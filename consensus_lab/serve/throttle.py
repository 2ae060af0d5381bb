"""Who may connect: so many from one address, so many in all, and new sessions no faster than tokens are filled up.

(Apache: NIOServerCnxnFactory.java, BlueThrottle.java; its random dropping ahead of the limit is left out.)
"""

from __future__ import annotations

from collections import Counter


class TokenBucket:
    """Tokens for new sessions: `most` at first, `count` more each `every` ms. Without any (`most` 0) all are let in."""

    def __init__(self, most: int, every: int, count: int, now: int) -> None:
        self.most = most
        self._every = every
        self._count = count
        self._last = now
        self.tokens = most

    def take(self, now: int) -> bool:
        """Let one in, if there is a token; `now` in ms on a clock that never goes back."""
        if not self.most:
            return True
        if now - self._last >= self._every:
            self.tokens = min(self.tokens + (now - self._last) * self._count // self._every, self.most)
            self._last = now
        if not self.tokens:
            return False
        self.tokens -= 1
        return True


class Admission:
    """Counts connections by address. A limit of 0 is none."""

    def __init__(self, per_address: int, in_all: int) -> None:
        self.per_address = per_address
        self._in_all = in_all
        self._by_address: Counter[str] = Counter()

    def admit(self, address: str) -> bool:
        """Whether one more is taken from this address. If so it is counted, until `leave`."""
        if self._in_all and self._by_address.total() >= self._in_all:
            return False
        if self.per_address and self._by_address[address] >= self.per_address:
            return False
        self._by_address[address] += 1
        return True

    def leave(self, address: str) -> None:
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]
