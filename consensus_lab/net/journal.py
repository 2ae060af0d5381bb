"""A journal: one file of batches that only grows. One write and one fsync make a whole batch durable (group commit).

When the power fails before an fsync returns, the disk may hold any part of that batch: its pages go out in any order,
and what is missing reads as zeros. Nobody was promised any of it, and there is one such batch at most, the last. So
when a node is switched on:

- whatever follows the last intact batch is cut off as a whole, however it looks;
- unless an intact batch follows it. That one was begun after all before it was durable, so what is damaged had been
  promised: the journal is refused.

What this cannot see is a disk that later damages, or loses, the last batch after it was durable: that looks just like a
batch that never was. Against such a disk only a copy elsewhere helps.

One process per journal. An fsync that fails is never tried again: the kernel may have dropped the pages, and would
report success (Rebello et al., 2020).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from consensus_lab.net.codec import Codec
from consensus_lab.net.errors import (
    JournalCorruptError,
    JournalError,
    JournalFailedError,
    JournalInUseError,
    MalformedError,
)
from consensus_lab.net.journal_format import MAGIC, framed, next_intact, scan, unfinished_magic

datasync = getattr(os, "fdatasync", os.fsync)  # macOS has only the slower of the two


class Journal:
    """The records of one node on its disk. Opening it replays it; `commit` is `kernel.bus.Journal`.

    Raises JournalInUseError, JournalCorruptError (damage in the middle, or another kind of file) and
    JournalFailedError (the disk refused).
    """

    def __init__(self, path: Path, codec: Codec) -> None:
        self.path = path
        self.codec = codec
        self.existed = path.exists()
        """Whether the node has been switched on before, and so recovers."""
        self.records: tuple[Any, ...] = ()
        """What the file held when it was opened, oldest first."""
        self.cut = 0
        """How many bytes of an unfinished batch were cut off when it was opened."""
        self.syncs = 0
        self._size = 0
        self._failed = False
        self._file = self._open()
        try:
            self._lock()
            self._replay()
        except BaseException:
            self.close()
            raise

    def commit(self, records: Sequence[Any]) -> None:
        """Make these records durable, in this order: when it returns, no crash can take them back.

        Raises JournalFailedError; from then on it accepts nothing. Raises UnencodableError, having written nothing.
        """
        self._write(framed(self.codec.encode(tuple(records)), self._size))

    def close(self) -> None:
        """Let another process open it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    # -- opening ---------------------------------------------------------------------------------------------------

    def _open(self) -> int:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise JournalFailedError(self.path, f"cannot open this journal: {error.strerror}") from error

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sentence = "another process has this journal open; a journal belongs to one node, and a node to one process"
            raise JournalInUseError(self.path, sentence) from None

    def _replay(self) -> None:
        data = self._contents()
        if unfinished_magic(data):  # new, or the power failed while it was made
            self._begin(data)
        else:
            self._read(data)
        self._settle()

    def _read(self, data: bytes) -> None:
        self._check_magic(data)
        found = scan(data)
        self._check_middle(data, found.end)
        self.records = tuple(record for batch in found.batches for record in self._decoded(*batch))
        self._cut_tail(found.end, len(data))

    def _contents(self) -> bytes:
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise JournalFailedError(self.path, f"cannot read this journal: {error.strerror}") from error

    def _begin(self, begun: bytes) -> None:
        self.cut = len(begun)
        self._truncate(0)
        self._write(MAGIC)

    def _settle(self) -> None:
        """Make durable all that was found, before anybody acts on it: its writer may have died before its fsync."""
        directory = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(self._file)
            os.fsync(directory)  # else a crash could take the whole file back
        except OSError as error:
            raise self._failure(error) from error
        finally:
            os.close(directory)

    def _check_magic(self, data: bytes) -> None:
        if data.startswith(MAGIC):
            return
        if data.startswith(MAGIC[:-2]):
            sentence = f"this journal is of another version; this program reads {MAGIC.decode().strip()!r}"
        else:
            sentence = f"this is no journal: it should begin with {MAGIC.decode().strip()!r}"
        raise JournalCorruptError(self.path, 0, f"{sentence}. Move it away, or name another data directory")

    def _check_middle(self, data: bytes, end: int) -> None:
        later = next_intact(data, end) if end < len(data) else None
        if later is not None:
            raise JournalCorruptError(
                self.path,
                end,
                f"a batch of records is damaged, but an intact one follows at byte {later}: what was durable has "
                "changed on the disk. Restore this file from a copy, or remove it and let the node join anew; do not "
                "cut it by hand",
            )

    def _decoded(self, offset: int, content: bytes) -> tuple[Any, ...]:
        try:
            batch = self.codec.decode(content)
            if type(batch) is not tuple:
                raise MalformedError(f"{batch!r} is no tuple of records")
        except MalformedError as error:
            sentence = f"an intact batch makes no sense to this program: {error}. Was it written by another protocol?"
            raise JournalCorruptError(self.path, offset, sentence) from error
        return batch

    def _cut_tail(self, end: int, size: int) -> None:
        self.cut = size - end
        self._size = end
        if self.cut:
            self._truncate(end)

    # -- the disk --------------------------------------------------------------------------------------------------

    def _truncate(self, size: int) -> None:
        try:
            os.ftruncate(self._file, size)
            os.fsync(self._file)
        except OSError as error:
            raise self._failure(error) from error

    def _write(self, data: bytes) -> None:
        if self._failed or self._file < 0:
            raise JournalFailedError(self.path, "closed" if self._file < 0 else "an earlier write to it failed")
        try:
            written = os.write(self._file, data)
            while written < len(data):  # a signal, or a disk that is nearly full and will now say so
                written += os.write(self._file, data[written:])
            datasync(self._file)
        except OSError as error:
            raise self._failure(error) from error
        self._size += len(data)
        self.syncs += 1

    def _failure(self, error: OSError) -> JournalError:
        self._failed = True
        return JournalFailedError(self.path, f"the disk refused: {error.strerror}; what it holds now is unknown")


def recorded(data: bytes, codec: Codec) -> tuple[Any, ...]:
    """The records in a journal's bytes, up to the first that are not intact: for whoever only looks on."""
    return tuple(record for _, content in scan(data).batches for record in codec.decode(content))
