"""Snapshots on disk: finds the newest whole one, and writes one beside the running server.

A snapshot is written under another name and gets its own when all of it is durable: one that was cut off by a crash is
never taken for a whole one, nor is it a reason to delete older ones. (Apache: FileSnap.java, SnapStream.java; there it
is written in place, and told by its last bytes.)
"""

from __future__ import annotations

import asyncio
import gzip
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from consensus_lab.serve.data_dir import DataDir, NamedFile, sync_folder
from consensus_lab.serve.errors import DamagedError
from consensus_lab.zookeeper.data_node import DataNode
from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.database import Database
from consensus_lab.zookeeper.digest import VERSION
from consensus_lab.zookeeper.snapshot import (
    LAST_BYTES,
    Closing,
    Digest,
    Node,
    SnapshotError,
    SnapshotReader,
    chunks,
)

ATTEMPTS = 100  # so many snapshots are tried before giving up, as with Apache
GZIP_MAGIC = b"\x1f\x8b"


# -- reading -----------------------------------------------------------------------------------------------------------


def restore_newest(folder: DataDir, tree: DataTree, warn: Callable[[str], None]) -> tuple[NamedFile, Database] | None:
    """Read the newest whole snapshot into `tree`. Returns its file, too; None if there is no file that could be one.

    Raises DamagedError if there are such files and none can be read.
    """
    candidates = [file for file in folder.snapshots() if looks_whole(file.path)][:ATTEMPTS]
    for file in candidates:
        try:
            return file, restore(contents(file.path), file.zxid, tree)
        except (SnapshotError, OSError, EOFError, zlib.error) as error:
            warn(f"{file.path} is passed over: {error}")
    if candidates:
        raise DamagedError(f"{folder.snapshot_dir}: no snapshot in it can be read")
    return None


def looks_whole(path: Path) -> bool:
    """Whether it ends as a whole one does, or is compressed (SnapStream.isValidSnapshot)."""
    with path.open("rb") as file:
        if path.suffix == ".gz":
            return file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        if os.fstat(file.fileno()).st_size < 2 * len(LAST_BYTES):
            return False
        file.seek(-len(LAST_BYTES), os.SEEK_END)
        return file.read() == LAST_BYTES


def contents(path: Path) -> bytes:
    """The bytes of a snapshot, unpacked."""
    if path.suffix == ".snappy":
        raise SnapshotError(0, "it is compressed by snappy, which is not read here; gz is")
    if path.suffix == ".gz":
        with gzip.open(path, "rb") as file:
            return file.read()
    return path.read_bytes()


def restore(data: bytes, zxid: int, tree: DataTree) -> Database:
    """Read a snapshot named after `zxid` into `tree`, whatever was in it. Raises SnapshotError."""
    reader = SnapshotReader(data)
    tree.clear()
    for number, acl in reader.lists.items():
        tree.acls.restore(number, acl)
    for path, content, number, stat in reader.nodes():
        try:
            tree.restore(path, DataNode.restored(content, number, stat))
        except KeyError:
            raise SnapshotError(0, f"the node {path} comes before its parent") from None
    digest, _ = reader.finish()
    tree.restored()
    tree.last_processed_zxid = zxid
    database = Database(tree, reader.sessions)
    if digest is not None:
        database.digest_from_zxid = digest.zxid
    return database


# -- writing -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Style:
    """How snapshots are written: what compression adds to their names, and what stands behind the first seal."""

    suffix: str = ""
    digest: bool = True
    last_zxid: bool = True


PLAIN = Style()
"""As Apache writes them unless it is told otherwise."""


def pieces(database: Database, style: Style) -> Iterator[bytes]:
    """The snapshot of a database that may change between two pieces."""
    tree = database.tree

    def closing() -> Closing:
        zxid = tree.last_processed_zxid
        return Digest(zxid, VERSION, tree.digest) if style.digest else None, zxid if style.last_zxid else None

    lists = dict(tree.acls.lists)
    return chunks(dict(database.sessions), lists, told_nodes(tree, lists), closing)


def told_nodes(tree: DataTree, lists: Iterable[int]) -> Iterator[Node]:
    """Every node, parents first. A list that came after the lists were told is told as the open one.

    No harm is done: the transaction that gave the node its list comes after the snapshot's zxid, and will be replayed.
    """
    for path, node in tree.walk():
        yield Node(path, node.data, node.acl if node.acl in lists else -1, node.persisted())


def write_snapshot(folder: DataDir, database: Database, style: Style = PLAIN) -> Path:
    """Write a snapshot at once, while nobody changes the database. Returns its path."""
    target = folder.snapshot_named(database.tree.last_processed_zxid, style.suffix)
    temporary = unfinished(target)
    with opened(temporary) as file:
        for piece in pieces(database, style):
            file.write(piece)
    return finish(temporary, target)


async def write_beside(folder: DataDir, database: Database, style: Style, thread: Executor) -> Path:
    """Write a fuzzy snapshot beside the running server: a piece of the tree is read, then others have their turn.

    The loop only encodes; summing up, compressing and writing are a thread's. Raises OSError.
    """
    target = folder.snapshot_named(database.tree.last_processed_zxid, style.suffix)
    temporary = unfinished(target)
    loop = asyncio.get_running_loop()
    try:
        with opened(temporary) as file:
            for piece in pieces(database, style):
                await loop.run_in_executor(thread, file.write, piece)
        return await loop.run_in_executor(thread, finish, temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def unfinished(target: Path) -> Path:
    """The name of a snapshot while it is being written."""
    return target.with_name(f".{target.name}.tmp")


def opened(path: Path) -> IO[bytes] | gzip.GzipFile:
    """A file to be written, compressed if its name will say so."""
    if ".gz" in path.suffixes:
        return gzip.open(path, "wb", compresslevel=6)
    return path.open("wb")


def finish(temporary: Path, target: Path) -> Path:
    """Make a written snapshot durable, and then give it its name."""
    with temporary.open("r+b") as file:
        os.fsync(file.fileno())
    temporary.rename(target)
    sync_folder(target.parent)
    return target
