"""Snapshots, byte for byte Apache's."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from zlib import adler32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.zookeeper.records import ACL, Id, StatPersisted
from consensus_lab.zookeeper.snapshot import LAST_BYTES, Closing, Digest, Node, Snapshot, SnapshotError, chunks
from consensus_lab.zookeeper.snapshot import read_snapshot as read

longs = st.integers(-(2**63), 2**63 - 1)
ints = st.integers(-(2**31), 2**31 - 1)
stats = st.builds(StatPersisted, longs, longs, longs, longs, ints, ints, ints, longs, longs)
words = st.text(st.characters(codec="utf-8", max_codepoint=0xFFFF), max_size=5)
paths = words.filter(lambda path: path != "/")
nodes = st.builds(Node, paths, st.none() | st.binary(max_size=40), longs, stats)
lists = st.lists(st.builds(ACL, ints, st.builds(Id, words, words))).map(tuple)
digests = st.none() | st.builds(Digest, longs, st.just(2), st.integers(0, 2**64 - 1))
snapshots = st.builds(
    Snapshot,
    st.dictionaries(longs, ints, max_size=3),
    st.dictionaries(longs, lists, max_size=3),
    st.lists(nodes, max_size=5),
    digests,
    st.none() | longs,
)


def written(snapshot: Snapshot) -> bytes:
    closing: Closing = (snapshot.digest, snapshot.last_zxid)
    return b"".join(chunks(snapshot.sessions, snapshot.lists, snapshot.nodes, lambda: closing))


@given(snapshots)
def test_what_was_written_is_read(snapshot: Snapshot) -> None:
    data = written(snapshot)
    assert read(data) == snapshot
    assert data.endswith(LAST_BYTES)


@given(snapshots, st.data())
def test_a_snapshot_that_was_cut_before_its_first_seal_is_refused(snapshot: Snapshot, data: st.DataObject) -> None:
    whole = written(Snapshot(*snapshot[:3]))
    with pytest.raises(SnapshotError):
        read(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(snapshots, st.data())
def test_one_changed_bit_is_noticed(snapshot: Snapshot, data: st.DataObject) -> None:
    whole = bytearray(written(snapshot))
    at = data.draw(st.integers(0, len(whole) - 1).filter(lambda at: at % 2 == 0))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    with suppress(SnapshotError):
        assert read(bytes(whole)) == snapshot  # a seal's text is not looked at, as with Apache


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    for header in (b"", written(Snapshot({}, {}, []))[:16]):
        with pytest.raises(SnapshotError):
            read(header + data)


def test_the_layout_is_that_of_apache() -> None:
    stat = StatPersisted(1, 2, 3, 4, 5, 6, 7, 8, 9)
    data = written(Snapshot({0x10: 4000}, {1: (ACL(1, Id("world", "anyone")),)}, [Node("", b"", -1, stat)]))
    head = bytes.fromhex(
        "5a4b534e 00000002 ffffffffffffffff"
        "00000001 0000000000000010 00000fa0"
        "00000001 0000000000000001 00000001 00000001 00000005 776f726c64 00000006 616e796f6e65"
        "00000000 00000000 ffffffffffffffff"
    )
    body = head + struct.pack(">qqqqiiiqq", 1, 2, 3, 4, 5, 6, 7, 8, 9) + b"\0\0\0\1/"
    assert data == body + struct.pack(">q", adler32(body)) + b"\0\0\0\1/"


def test_the_tree_is_asked_for_its_digest_only_when_its_nodes_have_been_told() -> None:
    told: list[str] = []

    def nodes() -> Iterator[Node]:
        told.append("nodes")
        yield from ()

    def closing() -> Closing:
        told.append("digest")
        return None, None

    assert b"".join(chunks({}, {}, nodes(), closing))
    assert told == ["nodes", "digest"]
