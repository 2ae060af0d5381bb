"""What a server knows when it is switched on: the newest whole snapshot, and the log replayed over it.

Apache reads on where a log file ends too early, whatever the next one holds. Here a transaction that is missing between
two others is damage, and the server does not start: it may have been promised. (Apache: FileTxnSnapLog.java.)
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from consensus_lab.serve.data_dir import DataDir, NamedFile
from consensus_lab.serve.errors import DamagedError
from consensus_lab.serve.snapshot_file import PLAIN, Style, restore_newest, write_snapshot
from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.database import Database
from consensus_lab.zookeeper.jute import JuteError
from consensus_lab.zookeeper.txn_log import Entry, LogError, entries
from consensus_lab.zookeeper.txns import decode_txn

EPOCH = 32  # a zxid's upper bits: a new leader begins a new one, and its zxids anew


@dataclass(frozen=True, slots=True)
class Recovered:
    """A database, and where it came from."""

    database: Database
    snapshot: Path | None
    replayed: int  # transactions


def recover(
    folder: DataDir,
    tree: DataTree,
    warn: Callable[[str], None],
    *,
    trust_empty: bool = False,
    style: Style = PLAIN,
) -> Recovered:
    """Read the data directory into `tree`. An empty one gets its first snapshot. Raises DamagedError."""
    found = restore_newest(folder, tree, warn)
    if found is None:
        return start_afresh(folder, tree, warn, trust_empty=trust_empty, style=style)
    file, database = found
    replayed = replay(folder, database)
    if database.digest_from_zxid > tree.last_processed_zxid:
        lost = f"{tree.last_processed_zxid + 1:#x} to {database.digest_from_zxid:#x}"
        raise DamagedError(f"{folder.log_dir}: the transactions {lost} are missing, of which {file.path} holds a part")
    if database.mismatches:
        warn(f"{folder.log_dir}: {database.mismatches} digests in the log differ from those of the replayed tree")
    return Recovered(database, file.path, replayed)


def start_afresh(
    folder: DataDir, tree: DataTree, warn: Callable[[str], None], *, trust_empty: bool, style: Style
) -> Recovered:
    """No snapshot: right for a new server, and for nobody else. Raises DamagedError if there are transactions."""
    database = Database(tree)
    if next(transactions(folder, 0), None) is None:
        return Recovered(database, write_snapshot(folder, database, style), 0)
    if not trust_empty:
        raise DamagedError(
            f"{folder.snapshot_dir}: there is no snapshot, but {folder.log_dir} holds transactions, so a snapshot was "
            "lost; snapshot.trust.empty=true replays the log all the same, as after an upgrade from before 3.5"
        )
    warn(f"{folder.snapshot_dir}: there is no snapshot; the whole log is replayed")
    return Recovered(database, None, replay(folder, database))


def replay(folder: DataDir, database: Database) -> int:
    """Apply every transaction after the snapshot's. Returns how many there were."""
    count = 0
    for log, found in transactions(folder, database.tree.last_processed_zxid):
        try:
            logged = decode_txn(found.body)
            database.replay(*logged)
        except JuteError as error:
            raise DamagedError(f"{log.path}: the transaction {found.zxid:#x} cannot be read: {error}") from error
        count += 1
    return count


def transactions(folder: DataDir, after: int) -> Iterator[tuple[NamedFile, Entry]]:
    """The transactions after a zxid, each with its file. Raises DamagedError also for one that is missing."""
    last = after
    logs = folder.logs_after(after)
    for log in logs:
        for found in read_log(log, is_last=log is logs[-1]):
            if found.zxid <= last:
                continue
            if last and found.zxid != last + 1 and found.zxid >> EPOCH == last >> EPOCH:
                lost = f"{last + 1:#x} to {found.zxid - 1:#x}"
                raise DamagedError(f"{log.path}: the transactions {lost} are missing before it")
            last = found.zxid
            yield log, found


def read_log(log: NamedFile, *, is_last: bool) -> Iterator[Entry]:
    """The entries of one file. An empty last one was begun when the server died: it is deleted, as Apache does."""
    size = log.path.stat().st_size
    if not size and is_last:
        log.path.unlink()
        return
    with log.path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
    try:
        yield from entries(memoryview(data))
    except LogError as error:
        raise DamagedError(f"{log.path}: at byte {error.offset}: {error}") from error
