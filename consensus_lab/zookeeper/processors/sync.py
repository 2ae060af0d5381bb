"""The second processor: nothing is done before it is written down.

It hands out the bytes for the log and holds the requests back, in order, until the disk has them: force before you
speak. (Apache: SyncRequestProcessor.java, which is also where a batch becomes one fsync.)
"""

from __future__ import annotations

from collections import deque

from consensus_lab.zookeeper.processors.prep import Processor
from consensus_lab.zookeeper.requests import Request
from consensus_lab.zookeeper.txns import encode_txn


class SyncRequestProcessor:
    """The writes between their log record and their turn."""

    def __init__(self, next_processor: Processor) -> None:
        self._next = next_processor
        self._records: list[bytes] = []
        self._waiting: deque[Request] = deque()

    def __len__(self) -> int:
        """How many writes wait for the disk."""
        return len(self._waiting)

    def process(self, request: Request) -> None:
        self._records.append(
            encode_txn(
                request.session_id,
                request.xid,
                request.zxid,
                request.time,
                request.txn_type,
                request.txn,
                request.digest,
            )
        )
        self._waiting.append(request)

    def take_records(self) -> list[bytes]:
        """The transactions that the next fsync covers, in the order of their zxids."""
        records, self._records = self._records, []
        return records

    def durable(self, count: int) -> None:
        """The disk holds `count` more of them."""
        for _ in range(count):
            self._next.process(self._waiting.popleft())
