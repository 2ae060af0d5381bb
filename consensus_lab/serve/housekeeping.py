"""What keeps the data directory in bounds: snapshots when the log has grown, and purging of what is older.

A snapshot is due after more than half of snapCount transactions, plus a random part of the other half, so that the
servers of an ensemble do not all write theirs at once; likewise by size. (Apache: SyncRequestProcessor.java,
DatadirCleanupManager.java, PurgeTxnLog.java.)
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from consensus_lab.serve.data_dir import DataDir
from consensus_lab.serve.errors import ServeError
from consensus_lab.serve.metrics import Metrics
from consensus_lab.serve.settings import Settings
from consensus_lab.serve.snapshot_file import Style, looks_whole, write_beside
from consensus_lab.zookeeper.database import Database

LEAST_KEPT = 3  # snapshots: purging keeps no fewer, whatever is asked

Log = Callable[[str], None]


class SnapshotRule:
    """Counts what is logged, and says when a snapshot is due."""

    def __init__(self, count: int, size: int, draw: Callable[[], float] = random.random) -> None:
        self._count = count
        self._size = size  # bytes; at most 0: no bound
        self._draw = draw
        self.begin()

    def begin(self) -> None:
        """Count from nothing, towards a new bound."""
        self._txns = self._bytes = 0
        self._txns_due = self._count // 2 + int(self._draw() * (self._count // 2))
        self._bytes_due = self._size // 2 + int(self._draw() * (self._size // 2))

    def is_due(self, txns: int, written: int) -> bool:
        """So much more was logged: whether it is time."""
        self._txns += txns
        self._bytes += written
        return self._txns > self._txns_due or (self._size > 0 and self._bytes > self._bytes_due)


class Snapshots:
    """Writes snapshots beside the running server, one at a time. `last` is the newest: its zxid and time (s)."""

    def __init__(self, folder: DataDir, settings: Settings, metrics: Metrics, log: Log) -> None:
        self.last = (-1, -1)
        self._folder = folder
        method = settings.snapshot_compression
        self.style = Style(f".{method}" if method else "", settings.digest_enabled, settings.serialize_last_zxid)
        self._metrics = metrics
        self._log = log
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="Snapshot Thread")
        self._running: asyncio.Task[tuple[Path, int]] | None = None

    def begin(self, database: Database) -> None:
        """Take one now, unless one is being taken; a failure is told, and the server serves on."""
        if self._running is not None and not self._running.done():
            self._log("snapshot: one is still being written, so none is begun")
            return
        self._running = asyncio.create_task(self.take(database))
        self._running.add_done_callback(self._tell)

    async def take(self, database: Database) -> tuple[Path, int]:
        """Take one. Returns its path and its zxid; raises OSError or ServeError."""
        zxid = database.tree.last_processed_zxid
        began = time.monotonic()
        path = await write_beside(self._folder, database, self.style, self._thread)
        took = int((time.monotonic() - began) * 1000)
        self._metrics.summaries["snapshottime"].add(took)
        self.last = (zxid, int(time.time()))
        self._log(f"snapshot: {path} written in {took} ms")
        return path, zxid

    async def stop(self) -> None:
        """End a snapshot that is being written; the next start makes up for it."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])
        self._thread.shutdown()

    def _tell(self, task: asyncio.Task[tuple[Path, int]]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, OSError | ServeError):
            self._metrics.counters["snapshot_error_count"].add()
            self._log(f"snapshot: not written: {error}")
        elif error is not None:
            raise error


class PurgeTask:
    """Purges now, and then every so often; without an interval never."""

    def __init__(self, folder: DataDir, settings: Settings, log: Log) -> None:
        self._folder = folder
        self._keep = max(settings.purge_retain, LEAST_KEPT)
        self._interval = settings.purge_interval / 1000
        self._log = log
        self._next: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """The first purge is at once, as with Apache."""
        if self._interval > 0:
            self._run()

    def stop(self) -> None:
        if self._next is not None:
            self._next.cancel()

    def _run(self) -> None:
        try:
            gone = purge(self._folder, self._keep)
        except OSError as error:
            self._log(f"purge: {error}")
        else:
            self._log(f"purge: {len(gone)} files deleted, {self._keep} snapshots kept")
        self._next = asyncio.get_running_loop().call_later(self._interval, self._run)


def purge(folder: DataDir, keep: int) -> list[Path]:
    """Delete all but the newest `keep` whole snapshots and the logs they need. Returns what was deleted."""
    kept = [file for file in folder.snapshots() if looks_whole(file.path)][:keep]
    return folder.purge(kept[-1].zxid) if len(kept) else []
