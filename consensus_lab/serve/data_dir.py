"""The data directory: which files it holds, what their names say, and which of them are no longer needed.

    dataDir/version-2/snapshot.HEX[.gz]     HEX: the last zxid applied when the snapshot began
    dataLogDir/version-2/log.HEX            HEX: the zxid of its first transaction

What is in the files is read and written elsewhere. (Apache: FileTxnSnapLog.java, Util.java, PurgeTxnLog.java.)
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from consensus_lab.serve.errors import DataDirError, DiskError

LOG = re.compile(r"log\.([0-9a-f]{1,16})")
SNAPSHOT = re.compile(r"snapshot\.([0-9a-f]{1,16})(\.gz|\.snappy)?")
UNFINISHED = re.compile(r"\.snapshot\.[0-9a-f]{1,16}(\.gz)?\.tmp")


@dataclass(frozen=True, slots=True, order=True)
class NamedFile:
    """A file whose name tells a zxid."""

    zxid: int
    path: Path


@dataclass(frozen=True, slots=True)
class DataDir:
    """The two folders of one server, which may be one and the same."""

    snapshot_dir: Path
    log_dir: Path

    def open(self, *, autocreate: bool = True) -> None:
        """Make what is missing and refuse what cannot be right. Raises DataDirError."""
        for folder in (self.log_dir, self.snapshot_dir):
            make_folder(folder, autocreate)
        if self.log_dir != self.snapshot_dir:
            refuse_kind(self.log_dir, SNAPSHOT, "the folder of logs holds snapshots")
            refuse_kind(self.snapshot_dir, LOG, "the folder of snapshots holds logs")

    def sweep(self) -> None:
        """Delete snapshots that were never finished; nobody else may be writing one."""
        for leftover in self.snapshot_dir.iterdir():
            if UNFINISHED.fullmatch(leftover.name):
                leftover.unlink(missing_ok=True)

    def logs(self) -> list[NamedFile]:
        """Every log, the oldest first."""
        return named(self.log_dir, LOG)

    def snapshots(self) -> list[NamedFile]:
        """Every snapshot, the newest first."""
        return named(self.snapshot_dir, SNAPSHOT)[::-1]

    def logs_after(self, zxid: int) -> list[NamedFile]:
        """The logs that may hold transactions after this one: from the last that begins at or before it."""
        logs = self.logs()
        first = max((log.zxid for log in logs if log.zxid <= zxid), default=0)
        return [log for log in logs if log.zxid >= first]

    def log_named(self, zxid: int) -> Path:
        return self.log_dir / f"log.{zxid:x}"

    def snapshot_named(self, zxid: int, suffix: str = "") -> Path:
        return self.snapshot_dir / f"snapshot.{zxid:x}{suffix}"

    def purge(self, oldest_kept: int) -> list[Path]:
        """Delete what nobody needs who keeps the snapshot of `oldest_kept`; returns what was deleted."""
        needed = {log.path for log in self.logs_after(oldest_kept)}
        old = [file.path for file in self.logs() + self.snapshots() if file.zxid < oldest_kept]
        gone = [path for path in old if path not in needed]
        for path in gone:
            path.unlink(missing_ok=True)
        return gone

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else of ours serves from here meanwhile. Raises DataDirError."""
        descriptor = os.open(self.log_dir, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise DataDirError(f"{self.log_dir}: another server serves from this folder") from None
        finally:
            os.close(descriptor)


def make_folder(folder: Path, autocreate: bool) -> None:
    """The folder exists and can be written to."""
    if not folder.is_dir():
        if not autocreate:
            raise DataDirError(f"{folder}: there is no such folder, and zookeeper.datadir.autocreate is false")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataDirError(f"{folder}: the folder cannot be made: {error.strerror}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise DataDirError(f"{folder}: the folder cannot be written to")


def refuse_kind(folder: Path, kind: re.Pattern[str], sentence: str) -> None:
    if named(folder, kind):
        raise DataDirError(f"{folder}: {sentence}; are dataDir and dataLogDir what they were?")


def named(folder: Path, kind: re.Pattern[str]) -> list[NamedFile]:
    """The files of one kind, by the zxid in their names."""
    matches = ((kind.fullmatch(path.name), path) for path in folder.iterdir())
    return sorted(NamedFile(int(match[1], 16), path) for match, path in matches if match)


def sync_folder(folder: Path) -> None:
    """Make names that were made or changed in it durable. Raises DiskError."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise DiskError(f"{folder}: {error.strerror}") from error


def size_of(folder: Path) -> int:
    """Bytes in the files of a folder (ZooKeeperServer.dirSize)."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
