"""The transaction log on disk: appends batches, keeps zeros ahead of itself, rolls to a new file, and cuts one off.

One thread writes it (`group_commit.py`). An fsync that fails is never tried again: the kernel may have dropped the
pages, and would report success (Rebello et al., 2020). What transactions mean is not known here.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from time import monotonic

from consensus_lab.net.journal import datasync
from consensus_lab.serve.data_dir import DataDir, sync_folder
from consensus_lab.serve.errors import DiskError
from consensus_lab.zookeeper.txn_log import HEADER, end_of, entry, padded_size, zxid_of


class LogFile:
    """The log that is being written. A file is made when its first transaction comes, and is named after it."""

    def __init__(self, folder: DataDir, *, block: int = 65_536 * 1024, limit: int = -1, sync: bool = True) -> None:
        self._folder = folder
        self._block = block  # bytes of zeros laid ahead at a time
        self._limit = limit  # bytes; a longer file is left for a new one; at most 0: none
        self._sync = sync
        self._file = -1
        self._position = 0
        self._size = 0
        self.last_sync_ms = 0.0

    def append(self, bodies: Sequence[bytes]) -> int:
        """Make these transactions durable, by one write and one fsync. Returns bytes written; raises DiskError."""
        try:
            if self._file < 0:
                self._begin(zxid_of(bodies[0]))
            data = entry(*bodies)
            self._lay_zeros()
            self._write(data)
            self._make_durable()
        except OSError as error:
            raise DiskError(f"{self._folder.log_dir}: the disk refused the log: {error.strerror}") from error
        if 0 < self._limit < self._position:
            self.roll()
        return len(data)

    def roll(self) -> None:
        """The next transaction opens a new file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    close = roll

    def _begin(self, zxid: int) -> None:
        """A file with nothing but its header. What has that name was never promised: its first zxid is given anew."""
        path = self._folder.log_named(zxid)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        self._position = self._size = 0
        self._write(HEADER)
        self._size = self._position
        sync_folder(self._folder.log_dir)

    def _lay_zeros(self) -> None:
        """A file that does not grow needs no new metadata with each fsync. A sparse end will do, as with Apache."""
        size = padded_size(self._position, self._size, self._block)
        if size != self._size:
            os.ftruncate(self._file, size)
            self._size = size

    def _write(self, data: bytes) -> None:
        written = os.pwrite(self._file, data, self._position)
        while written < len(data):  # a signal, or a disk that is nearly full and will now say so
            written += os.pwrite(self._file, data[written:], self._position + written)
        self._position += len(data)

    def _make_durable(self) -> None:
        began = monotonic()
        if self._sync:
            datasync(self._file)
        self.last_sync_ms = (monotonic() - began) * 1000


def truncate(folder: DataDir, zxid: int) -> None:
    """Cut the logs right after `zxid`: what a leader says of a history that was never committed (TRUNC)."""
    first, *later = folder.logs_after(zxid)
    data = first.path.read_bytes()
    with open(first.path, "r+b") as file:
        file.truncate(end_of(data, zxid))
        os.fsync(file.fileno())
    for log in later:
        log.path.unlink()
    sync_folder(folder.log_dir)
