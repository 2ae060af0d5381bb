"""Group commit: one thread writes and fsyncs what has gathered, while the loop goes on gathering.

The longer an fsync takes, the more transactions share the next one. What is durable is told to the loop in the order it
came. After the first failure nothing is written any more: what the disk holds is unknown, and nothing may be promised.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

from consensus_lab.serve.errors import DiskError
from consensus_lab.serve.log_file import LogFile

ROLL = object()
STOP = object()


class GroupCommit:
    """The thread that owns the log. `durable(count, bytes)` and `failed(error)` are called on the loop."""

    def __init__(
        self, log: LogFile, durable: Callable[[int, int], None], failed: Callable[[DiskError], None], most: int = 1000
    ) -> None:
        self._log = log
        self._durable = durable
        self._failed = failed
        self._most = most or 1 << 30  # transactions in one batch; 0: no bound
        self._queue: SimpleQueue[object] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="SyncThread", daemon=True)
        self._thread.start()

    def submit(self, bodies: list[bytes]) -> None:
        """Write these transactions with the next batch."""
        self._queue.put(bodies)

    def roll(self) -> None:
        """What is submitted from now on goes into a new file."""
        self._queue.put(ROLL)

    def stop(self) -> None:
        """Write what was submitted, and end the thread. Returns when it has ended."""
        self._queue.put(STOP)
        self._thread.join()
        self._log.close()

    # -- the thread ------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        order: object = None
        while order is not STOP:
            batch: list[bytes] = []
            order = self._gather(batch)
            if batch and not self._write(batch):
                return
            if order is ROLL:
                self._log.roll()

    def _gather(self, batch: list[bytes]) -> object:
        """Take what is there, and at least one thing. Returns the order that ends the batch, if one does."""
        taken = self._queue.get()
        while isinstance(taken, list):
            batch += taken
            if len(batch) >= self._most or self._queue.empty():
                return None
            taken = self._queue.get()
        return taken

    def _write(self, batch: list[bytes]) -> bool:
        try:
            written = self._log.append(batch)
        except Exception as error:  # whatever it was, the batch is not durable, and nobody else would notice
            self._tell(self._failed, error if isinstance(error, DiskError) else DiskError(f"the log: {error!r}"))
            return False
        self._tell(self._durable, len(batch), written)
        return True

    def _tell(self, whom: Callable[..., None], *what: object) -> None:
        with suppress(RuntimeError):  # the loop has ended: nobody is left to be told
            self._loop.call_soon_threadsafe(whom, *what)
