"""A journal: one file of records that only grows. One write and one fsync make a whole batch durable (group commit).

When a node is switched on, a record that was half written at the end is cut off: nobody was promised it. Damage before
the end is refused, for there something was lost that somebody was promised. One process per journal. An fsync that
fails is never tried again: the kernel may have dropped the pages, and would report success (Rebello et al., 2020).
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
from consensus_lab.net.journal_format import MAGIC, framed, next_intact, scan

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
        """How many bytes of a torn tail were cut off when it was opened."""
        self.syncs = 0
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
        self._write(b"".join([framed(self.codec.encode(record)) for record in records]))

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
        if len(data) < len(MAGIC) and MAGIC.startswith(data):  # new, or the power failed while it was made
            self._begin(data)
            return
        self._check_magic(data)
        found = scan(data)
        self._check_middle(data, found.end)
        self.records = tuple(self._decoded(offset, content) for offset, content in found.records)
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
        directory = os.open(self.path.parent, os.O_RDONLY)
        try:
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
                f"a record is damaged, but an intact one follows at byte {later}: what was durable has changed on the "
                "disk. Restore this file from a copy, or remove it and let the node join anew; do not cut it by hand",
            )

    def _decoded(self, offset: int, content: bytes) -> Any:
        try:
            return self.codec.decode(content)
        except MalformedError as error:
            sentence = f"an intact record makes no sense to this program: {error}. Was it written by another protocol?"
            raise JournalCorruptError(self.path, offset, sentence) from error

    def _cut_tail(self, end: int, size: int) -> None:
        self.cut = size - end
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
        self.syncs += 1

    def _failure(self, error: OSError) -> JournalError:
        self._failed = True
        return JournalFailedError(self.path, f"the disk refused: {error.strerror}; what it holds now is unknown")
