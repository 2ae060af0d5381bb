"""A snapshot as bytes: sessions, access control lists and nodes, sealed by checksums. Bytes to values and back.

    file   = FileHeader {"ZKSN", 2, -1}, sessions, lists, nodes, seal [, digest, seal [, last zxid, seal]]
    seal   = long Adler-32 of every byte before it, ustring "/"

The digest came with ZooKeeper 3.6 and the last zxid with 3.9: older files end earlier, and older readers stop reading
there. A snapshot is fuzzy: the tree may change while it is written, and replaying the log from the snapshot's zxid on
sets right what was caught half-way. That parents come before children is the caller's care; which file this is, whether
it is compressed, and what a node means is not known here. (Apache: FileSnap.java, SerializeUtils.java.)
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple
from zlib import adler32

from consensus_lab.zookeeper.jute import InputArchive, JuteError, OutputArchive, encode, utf8
from consensus_lab.zookeeper.records.data import ACL, StatPersisted
from consensus_lab.zookeeper.records.persistence import FileHeader

MAGIC = int.from_bytes(b"ZKSN", "big")
VERSION = 2
HEADER = encode(FileHeader(MAGIC, VERSION, -1))
DIGEST_VERSION = 2
END_OF_NODES = b"\0\0\0\1/"
LAST_BYTES = END_OF_NODES
"""What every whole snapshot ends with, and by which Apache tells it from one that was cut off."""

INT = struct.Struct(">i")
LONG = struct.Struct(">q")
NODE = struct.Struct(">qqqqqiiiqq")  # the list's number and StatPersisted
NO_DATA = INT.pack(-1)
SEALED_ZXID = LONG.size * 2 + len(END_OF_NODES)
LONGEST = 1 << 30  # bytes of one path or one node's data that are believed
BATCH = 512  # nodes: so many bytes at a time are summed and written


class SnapshotError(Exception):
    """These bytes are no whole snapshot: `offset` says where that shows."""

    def __init__(self, offset: int, sentence: str) -> None:
        super().__init__(sentence)
        self.offset = offset


class Node(NamedTuple):
    """One node: its path (the root's is empty), its data, the number of its list, its persisted stat."""

    path: str
    data: bytes | None
    acl: int
    stat: StatPersisted


class Digest(NamedTuple):
    """The digest of the whole tree as it was after the transaction `zxid`."""

    zxid: int
    version: int
    value: int


Closing = tuple[Digest | None, int | None]
"""What newer versions write behind the first seal: the digest, and the last transaction that the tree has seen."""


class Snapshot(NamedTuple):
    """What a snapshot holds. Sessions are id to timeout (ms); lists are number to entries."""

    sessions: dict[int, int]
    lists: dict[int, tuple[ACL, ...]]
    nodes: list[Node]
    digest: Digest | None = None
    last_zxid: int | None = None


# -- values to bytes ---------------------------------------------------------------------------------------------------


def opening(sessions: Mapping[int, int], lists: Mapping[int, tuple[ACL, ...]]) -> bytes:
    """Everything before the nodes."""
    archive = OutputArchive()
    archive.parts.append(HEADER)
    archive.write_int(len(sessions))
    for session, timeout in sessions.items():
        archive.write_long(session)
        archive.write_int(timeout)
    archive.write_int(len(lists))
    for number, acl in lists.items():
        archive.write_long(number)
        archive.write_vector(acl, OutputArchive.write_record)
    return archive.getvalue()


def encoded(node: Node) -> bytes:
    """One node."""
    path = utf8(node.path)
    data = NO_DATA if node.data is None else INT.pack(len(node.data)) + node.data
    stat = node.stat
    return (
        INT.pack(len(path))
        + path
        + data
        + NODE.pack(
            node.acl,
            stat.czxid,
            stat.mzxid,
            stat.ctime,
            stat.mtime,
            stat.version,
            stat.cversion,
            stat.aversion,
            stat.ephemeral_owner,
            stat.pzxid,
        )
    )


def chunks(
    sessions: Mapping[int, int],
    lists: Mapping[int, tuple[ACL, ...]],
    nodes: Iterable[Node],
    closing: Callable[[], Closing] = lambda: (None, None),
) -> Iterator[bytes]:
    """A snapshot, piece by piece: between two pieces the tree may change, and `nodes` be the wiser for it.

    `closing` is asked when the nodes have been told, for what the tree has come to by then.
    """
    summed = Sealing()
    yield summed.add(opening(sessions, lists))
    batch: list[bytes] = []
    for node in nodes:
        batch.append(encoded(node))
        if len(batch) == BATCH:
            yield summed.add(b"".join(batch))
            batch.clear()
    yield summed.add(b"".join((*batch, END_OF_NODES)))
    yield summed.seal()
    digest, last_zxid = closing()
    if digest is not None:
        yield summed.add(LONG.pack(digest.zxid) + INT.pack(digest.version) + LONG.pack(signed(digest.value)))
        yield summed.seal()
    if last_zxid is not None:
        yield summed.add(LONG.pack(last_zxid))
        yield summed.seal()


class Sealing:
    """The checksum of all that was added so far."""

    def __init__(self) -> None:
        self._sum = 1

    def add(self, data: bytes) -> bytes:
        self._sum = adler32(data, self._sum)
        return data

    def seal(self) -> bytes:
        """The checksum so far, itself added."""
        return self.add(LONG.pack(self._sum) + END_OF_NODES)


def signed(value: int) -> int:
    """A number of 64 bits as Java's long holds it."""
    return value - (1 << 64) if value >= 1 << 63 else value


# -- bytes to values ---------------------------------------------------------------------------------------------------


class SnapshotReader:
    """Reads a snapshot in its order: sessions and lists at once, then `nodes` to the last, then `finish`.

    Whatever was read counts only when `finish` has found every seal right. Each step raises SnapshotError.
    """

    def __init__(self, data: bytes | memoryview, longest: int = LONGEST) -> None:
        self._archive = InputArchive(data, longest=longest)
        try:
            self.sessions, self.lists = read_opening(self._archive)
        except JuteError as error:
            raise SnapshotError(self._archive.at, str(error)) from error

    def nodes(self) -> Iterator[Node]:
        """Every node, parents first."""
        return read_nodes(self._archive)

    def finish(self) -> Closing:
        """The digest and the last zxid, as far as they are there."""
        try:
            check_seal(self._archive)
            return read_rest(self._archive)
        except JuteError as error:
            raise SnapshotError(self._archive.at, str(error)) from error


def read_snapshot(data: bytes | memoryview, longest: int = LONGEST) -> Snapshot:
    """What these bytes hold, all at once. Raises SnapshotError unless every seal that is there fits."""
    reader = SnapshotReader(data, longest)
    nodes = list(reader.nodes())
    return Snapshot(reader.sessions, reader.lists, nodes, *reader.finish())


def read_opening(archive: InputArchive) -> tuple[dict[int, int], dict[int, tuple[ACL, ...]]]:
    """Header, sessions and lists."""
    header = archive.read_record(FileHeader)
    if header.magic != MAGIC:
        raise SnapshotError(0, f"a snapshot begins with {MAGIC:#x}, and this with {header.magic & 0xFFFFFFFF:#x}")
    sessions = {archive.read_long(): archive.read_int() for _ in range(archive.read_int())}
    lists = {archive.read_long(): read_list(archive) for _ in range(archive.read_int())}
    return sessions, lists


def read_list(archive: InputArchive) -> tuple[ACL, ...]:
    return archive.read_vector(lambda inner: inner.read_record(ACL)) or ()


def read_nodes(archive: InputArchive) -> Iterator[Node]:
    """Nodes up to the path ``/``, which ends them."""
    data, at, size = memoryview(archive.data), archive.at, len(archive.data)
    try:
        while True:
            start, at = at, at + INT.size
            length = INT.unpack_from(data, start)[0]
            path = str(data[at : at + check_length(length, size - at, start)], "utf-8", "replace")
            at += length
            if path == "/":
                break
            length, at = INT.unpack_from(data, at)[0], at + INT.size
            content = None
            if length != -1:
                content = bytes(data[at : at + check_length(length, size - at, start)])
                at += length
            number, *stat = NODE.unpack_from(data, at)
            at += NODE.size
            yield Node(path, content, number, StatPersisted(*stat))
    except struct.error as error:
        raise SnapshotError(at, "the nodes end before they say so") from error
    archive.at = at


def check_length(length: int, left: int, at: int) -> int:
    """A length, if so many bytes follow."""
    if not 0 <= length <= left:
        raise SnapshotError(at, f"{length} bytes are announced where {left} follow")
    return length


def check_seal(archive: InputArchive) -> None:
    """The checksum that stands here is that of every byte before it."""
    end = archive.at
    found = archive.read_long()
    archive.read_ustring()
    if found != adler32(memoryview(archive.data)[:end]):
        raise SnapshotError(end, "the checksum does not fit the bytes before it")


def read_rest(archive: InputArchive) -> Closing:
    """What newer versions wrote behind the first seal, as far as it is there; the digest may be left out."""
    digest = last_zxid = None
    if archive.rest > SEALED_ZXID:
        digest = Digest(archive.read_long(), archive.read_int(), archive.read_long() % (1 << 64))
        check_seal(archive)
    if archive.rest:
        last_zxid = archive.read_long()
        check_seal(archive)
    return digest, last_zxid
