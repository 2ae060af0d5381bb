"""The encoding of everything: what the bytes are, and what is refused before it costs anything."""

import contextlib
import struct
from dataclasses import fields
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.zookeeper import records
from consensus_lab.zookeeper.jute import (
    MAX_BUFFER,
    InputArchive,
    JuteError,
    OutputArchive,
    decode,
    encode,
    text_of,
    utf8,
)
from consensus_lab.zookeeper.records import ACL, CreateRequest, GetDataRequest, Id, MultiTxn, SetWatches, Txn

RECORDS = [getattr(records, name) for name in records.__all__]

PLAIN = {
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "buffer": st.binary(max_size=20),
    "ustring": st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=20),
}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value that a field of this kind may have."""
    if get_origin(kind) in (Union, UnionType):
        (inner,) = (option for option in get_args(kind) if option is not NoneType)
        return st.none() | values(inner)
    name = getattr(kind, "__metadata__", ("record",))[0]
    if name == "record":
        return of(kind)
    if name == "vector":
        return st.lists(values(get_args(get_args(kind)[0])[0]), max_size=4).map(tuple)
    return PLAIN[name]


def of(cls: type) -> st.SearchStrategy[Any]:
    """Any record of a class."""
    hints = get_type_hints(cls, include_extras=True)
    return st.builds(cls, *(values(hints[field.name]) for field in fields(cls)))


@pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)
@settings(max_examples=20)
@given(data=st.data())
def test_what_was_written_is_what_is_read(cls: type, data: st.DataObject) -> None:
    value = data.draw(of(cls))
    archive = InputArchive(encode(value) + b"what follows")
    assert archive.read_record(cls) == value
    assert archive.rest == len(b"what follows")


@pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)
@settings(max_examples=30)
@given(noise=st.binary(max_size=200))
def test_noise_is_read_or_refused_and_nothing_else_happens(cls: type, noise: bytes) -> None:
    with contextlib.suppress(JuteError):
        decode(cls, noise)


def test_a_record_is_its_fields_in_order_with_no_tag_and_no_length() -> None:
    request = CreateRequest("/a", b"xyz", (ACL(31, Id("world", "anyone")),), 1)
    assert encode(request) == (
        b"\0\0\0\2/a" + b"\0\0\0\3xyz" + b"\0\0\0\1" + b"\0\0\0\37\0\0\0\5world\0\0\0\6anyone" + b"\0\0\0\1"
    )


def test_null_is_length_minus_one() -> None:
    assert encode(CreateRequest("", None, None, 0)) == b"\0\0\0\0" + b"\xff\xff\xff\xff" * 2 + b"\0\0\0\0"


@pytest.mark.parametrize("length", [-2, 2 * MAX_BUFFER + 1, 2**31 - 1, -(2**31)])
def test_an_unreasonable_length_is_refused_by_its_number(length: int) -> None:
    archive = InputArchive(struct.pack(">i", length) + bytes(100))
    with pytest.raises(JuteError, match=f"Unreasonable length = {length}"):
        archive.read_buffer()


def test_a_buffer_longer_than_what_follows_is_refused() -> None:
    with pytest.raises(JuteError, match="5 bytes are announced where 4 follow"):
        InputArchive(b"\0\0\0\5abcd").read_ustring()


def test_a_vector_of_two_thousand_million_elements_takes_no_memory() -> None:
    with pytest.raises(JuteError, match="4 bytes are needed where 0 follow"):
        decode(MultiTxn, struct.pack(">i", 2**31 - 1))


def test_a_vector_of_fewer_than_no_elements_is_empty_as_in_java() -> None:
    assert decode(MultiTxn, struct.pack(">i", -7)) == MultiTxn(())


def test_null_where_it_means_nothing_is_refused() -> None:
    with pytest.raises(JuteError, match="null stands where a value belongs"):
        decode(GetDataRequest, b"\xff\xff\xff\xff\0")
    with pytest.raises(JuteError, match="null stands where a value belongs"):
        decode(SetWatches, bytes(8) + b"\xff\xff\xff\xff" * 3)


def test_a_null_vector_of_acl_is_legal_on_the_wire() -> None:
    assert decode(CreateRequest, encode(CreateRequest("/a", b"", None, 0))).acl is None


def test_any_byte_but_zero_is_true() -> None:
    assert decode(GetDataRequest, b"\0\0\0\1/\7").watch is True


def test_what_is_no_utf8_reads_as_replacement_characters() -> None:
    assert InputArchive(b"\0\0\0\2/\xff").read_ustring() == "/\ufffd"
    assert text_of(utf8("/𝕏")) == "/\ufffd\ufffd"


def test_a_character_beyond_the_basic_plane_is_written_as_two_surrogates() -> None:
    assert utf8("/𝕏") == b"/\xed\xa0\xb5\xed\xb5\x8f"
    assert utf8("/ä€") == "/ä€".encode()


def test_a_number_too_large_for_its_type_is_a_mistake_of_ours() -> None:
    with pytest.raises(struct.error):
        OutputArchive().write_int(2**31)


def test_records_are_equal_only_within_their_class() -> None:
    assert Txn(1, b"") == Txn(1, b"")
    assert records.ExistsRequest("/a", False) != GetDataRequest("/a", False)
