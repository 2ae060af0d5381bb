"""The short ways say what the long ones would say."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE, READ_ACL_UNSAFE
from consensus_lab.zookeeper.authority import Authority
from consensus_lab.zookeeper.connection import Connection
from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.jute import JuteError, encode
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.processors.hot import CreateDecoder, HotReads, decode_set_data
from consensus_lab.zookeeper.processors.reads import Reads
from consensus_lab.zookeeper.records import (
    ACL,
    CreateRequest,
    CreateTxn,
    GetDataRequest,
    Id,
    SetDataRequest,
    SetDataTxn,
)
from consensus_lab.zookeeper.requests import decode_request
from consensus_lab.zookeeper.settings import Settings
from consensus_lab.zookeeper.txns import encode_create, encode_set_data

SECRET = (ACL(31, Id("digest", "nobody:x")),)
LISTS = st.sampled_from([None, (), OPEN_ACL_UNSAFE, READ_ACL_UNSAFE, SECRET, (ACL(31, Id(None, "x")),)])
TEXT = st.text(max_size=8)
DATA = st.none() | st.binary(max_size=12)
INT = st.integers(-(2**31), 2**31 - 1)

SET_DATA = st.builds(SetDataRequest, TEXT, DATA, INT)
CREATE = st.builds(CreateRequest, TEXT, DATA, LISTS, INT)


def damaged(records: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """Bytes of a record, cut, lengthened, or with a byte changed."""

    def damage(data: bytes, at: int, byte: int, how: int) -> bytes:
        at = at % (len(data) + 1)
        return [data, data[:at], data[:at] + bytes([byte]) + data[at + 1 :], data + data[:at]][how]

    return st.builds(damage, records.map(encode), st.integers(0, 99), st.integers(0, 255), st.integers(0, 3))


def outcome(decode: Any, *args: Any) -> Any:
    with suppress(JuteError):
        return decode(*args)
    return "no such record"


@settings(max_examples=400)
@given(damaged(SET_DATA), st.binary(max_size=8))
@example(b"\xff\xff\xff\xff" + bytes(8), b"")
def test_set_data_is_read_as_the_general_codec_reads_it(data: bytes, around: bytes) -> None:
    expected = outcome(decode_request, OpCode.set_data, data)
    assert outcome(decode_set_data, around + data + around, len(around), len(around) + len(data)) == expected


@settings(max_examples=400)
@given(damaged(CREATE), st.binary(max_size=8))
def test_create_is_read_as_the_general_codec_reads_it(data: bytes, around: bytes) -> None:
    creates = CreateDecoder()
    expected = outcome(decode_request, OpCode.create, data)
    for _ in range(2):  # the second time, it knows the list
        assert (
            outcome(creates.decode, OpCode.create, around + data + around, len(around), len(around) + len(data))
            == expected
        )


@given(st.builds(SetDataTxn, TEXT, DATA, INT))
def test_a_set_data_transaction_is_written_as_the_general_codec_writes_it(txn: SetDataTxn) -> None:
    assert encode_set_data(txn) == encode(txn)


@given(st.builds(CreateTxn, TEXT, DATA, LISTS, st.booleans(), INT))
def test_a_create_transaction_is_written_as_the_general_codec_writes_it(txn: CreateTxn) -> None:
    assert encode_create(txn) == encode(txn)


class Asked:
    """A tree, and two connections that are asked the same on the two ways."""

    def __init__(self) -> None:
        self.tree = DataTree()
        for path, data, acl in (("/a", b"xyz", OPEN_ACL_UNSAFE), ("/a/b", None, READ_ACL_UNSAFE), ("/s", b"", SECRET)):
            self.tree.create(path, data, acl, 0, -1, 5, 5)
        authority = Authority(Settings())
        self.reads = Reads(self.tree, Settings(), authority)
        self.hot = HotReads(self.tree, self.reads)
        self.connections = [Connection("10.0.0.1", (), authority, {}, 0) for _ in range(2)]

    def compare(self, type: OpCode, data: bytes, around: bytes) -> None:
        """Ask both ways; they say the same, and leave the same watches behind."""
        short, long = self.connections
        args = (7, around + data + around, len(around), len(around) + len(data))
        getattr(self.hot, type.name)(short, *args)
        self.reads.answer(type, long, *args)
        assert b"".join(short.out) == b"".join(long.out)
        assert short.sent == long.sent == 1
        for watches in (self.tree.data_watches, self.tree.child_watches):
            assert [watches.watching(path, short) for path in ("/a", "/a/b", "/s")] == [
                watches.watching(path, long) for path in ("/a", "/a/b", "/s")
            ]


PATHS = st.sampled_from(["/", "", "/a", "/a/b", "/s", "/no", "/zookeeper/config"])
READ = st.builds(GetDataRequest, PATHS, st.booleans())


@pytest.mark.parametrize("type", [OpCode.get_data, OpCode.exists, OpCode.get_children, OpCode.ping])
@given(data=damaged(READ), around=st.binary(max_size=8))
@example(data=b"\xff\xff\xff\xff\0", around=b"")
@example(data=b"\0\0\0\2/\xff\0", around=b"")
def test_a_read_is_answered_as_the_long_way_answers_it(type: OpCode, data: bytes, around: bytes) -> None:
    Asked().compare(type, data, around)


def test_what_is_kept_for_a_read_is_given_up_when_the_node_changes() -> None:
    asked = Asked()
    for change in (
        lambda: asked.tree.set_data("/a", b"new", 1, 6, 6),
        lambda: asked.tree.create("/a/c", b"", None, 0, -1, 7, 7),
        lambda: asked.tree.delete("/a/c", 8),
        lambda: asked.tree.set_acl("/a", READ_ACL_UNSAFE, 1),
        lambda: asked.tree.set_acl("/a", SECRET, 2),
    ):
        change()
        for type in (OpCode.get_data, OpCode.exists, OpCode.get_children):
            asked.connections = Asked().connections
            asked.compare(type, encode(GetDataRequest("/a", False)), b"")
