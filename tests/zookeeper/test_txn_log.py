"""The transaction log, byte for byte Apache's."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.zookeeper.jute import encode
from consensus_lab.zookeeper.records import CreateSessionTxn, TxnDigest, TxnHeader
from consensus_lab.zookeeper.txn_log import HEADER, LogError, end_of, entries, entry, padded_size, zxid_of

# The first entry of a log of Apache ZooKeeper 3.9.5: a session is created, by a server with the digest on.
FROM_APACHE = bytes.fromhex(
    "5a4b4c47000000020000000000000000"
    "00000000a9d8099c00000030"
    "01000032990f0000000000000000000100000001000001a2029011c8fffffff6"
    "00004e20"
    "000000020000000051c6d660"
    "42"
)
BODY = encode(TxnHeader(7, 8, 9, 10, 11)) + b"what happened"
bodies = st.lists(st.binary(min_size=36, max_size=99), max_size=9)


def test_an_entry_of_apache_is_made_and_read_byte_for_byte() -> None:
    header = TxnHeader(0x01000032990F0000, 0, 0x100000001, 0x1A2029011C8, -10)
    body = encode(header) + encode(CreateSessionTxn(20_000)) + encode(TxnDigest(2, 0x51C6D660))
    assert HEADER + entry(body) == FROM_APACHE
    (found,) = entries(FROM_APACHE)
    assert (found.zxid, found.body, found.end) == (0x100000001, body, len(FROM_APACHE))


@given(bodies)
def test_what_was_written_is_read(written: list[bytes]) -> None:
    data = HEADER + b"".join(map(entry, written)) + bytes(100)
    assert [found.body for found in entries(data)] == written


@given(bodies, st.data())
def test_a_log_that_was_cut_anywhere_ends_after_its_last_whole_entry(written: list[bytes], data: st.DataObject) -> None:
    whole = HEADER + b"".join(map(entry, written))
    cut = data.draw(st.integers(len(HEADER), len(whole)))
    for torn in (whole[:cut], whole[:cut] + bytes(len(whole) - cut)):
        ends = [found.end for found in entries(torn)]
        assert [found.body for found in entries(torn)] == written[: len(ends)]
        assert len(ends) in (sum(end <= cut for end in (found.end for found in entries(whole))), len(written))


def test_damage_inside_a_whole_entry_is_an_error_and_no_end() -> None:
    good, bad = entry(BODY), bytearray(entry(BODY))
    bad[20] ^= 1
    reading = entries(HEADER + good + bytes(bad) + good)
    assert next(reading).body == BODY
    with pytest.raises(LogError, match="checksum") as told:
        next(reading)
    assert told.value.offset == len(HEADER) + len(good)


@pytest.mark.parametrize("data", [b"", HEADER[:9], b"ZKSN" + HEADER[4:]])
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(LogError):
        list(entries(data))


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with suppress(LogError):
        for found in entries(HEADER + data):
            assert zxid_of(found.body) == found.zxid


@pytest.mark.parametrize(
    ("position", "size", "expected"),
    [(16, 16, 80), (10_000, 16_384, 16_384), (12_288, 16_384, 16_448), (16_384, 16_384, 16_448), (100, 64, 128)],
)
def test_zeros_are_laid_when_fewer_than_4096_bytes_are_left(position: int, size: int, expected: int) -> None:
    assert padded_size(position, size, 64) == expected


def test_without_a_block_no_zeros_are_laid() -> None:
    assert padded_size(16, 16, 0) == 16


def test_a_log_is_cut_right_after_a_transaction() -> None:
    logged = [encode(TxnHeader(1, 1, zxid, 1, -1)) for zxid in (5, 6, 7)]
    data = HEADER + b"".join(map(entry, logged))
    assert [found.zxid for found in entries(data[: end_of(data, 6)])] == [5, 6]
    assert end_of(data, 4) == len(HEADER)
    assert end_of(data, 9) == len(data)
