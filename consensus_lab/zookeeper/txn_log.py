"""The transaction log as bytes: a header, and entries with a checksum each. Bytes to entries and back, no more.

    file   = FileHeader {"ZKLG", 2, 0}, entry ..., zeros
    entry  = long Adler-32 of body, buffer body, byte "B"
    body   = TxnHeader, the transaction's record, TxnDigest

A file is written into zeros that were put there beforehand, so an entry of length 0 ends it; so does one that is not
whole, since a crash leaves that behind and nobody was promised it. A whole entry with a wrong checksum is damage: it
may have been promised, and whoever reads on would serve a tree that never was. It is not known here which file this is,
what its transactions mean, and when a disk has them. (Apache: FileTxnLog.java, FilePadding.java, TxnLogToolkit.java.)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple
from zlib import adler32

from consensus_lab.zookeeper.jute import JuteError, decode, encode
from consensus_lab.zookeeper.records.persistence import FileHeader

MAGIC = int.from_bytes(b"ZKLG", "big")
VERSION = 2
HEADER = encode(FileHeader(MAGIC, VERSION, 0))
MARGIN = 4096
"""Bytes: nearer than this to the end of its zeros, a file gets more of them."""

END_OF_RECORD = b"B"
SUM_AND_LENGTH = struct.Struct(">qi")
ZXID = struct.Struct(">q")
ZXID_AT = 12  # in a body: behind TxnHeader's client id and cxid


class LogError(Exception):
    """These bytes are no transaction log, or a damaged one: `offset` says where."""

    def __init__(self, offset: int, sentence: str) -> None:
        super().__init__(sentence)
        self.offset = offset


class Entry(NamedTuple):
    """One transaction: its number, its body, and where in the file it begins and ends (bytes)."""

    zxid: int
    body: bytes
    start: int
    end: int


def entry(*bodies: bytes) -> bytes:
    """Transactions as they stand in a file, one behind the other."""
    pack = SUM_AND_LENGTH.pack
    return END_OF_RECORD.join([*[pack(adler32(body), len(body)) + body for body in bodies], b""])


def zxid_of(body: bytes) -> int:
    """The number of the transaction in this body."""
    zxid: int = ZXID.unpack_from(body, ZXID_AT)[0]
    return zxid


def read_header(data: bytes | memoryview) -> FileHeader:
    """The header of a file. Raises LogError when it is that of something else, or not whole."""
    try:
        header = decode(FileHeader, data)
    except JuteError as error:
        raise LogError(0, f"the header of a transaction log takes {len(HEADER)} bytes; here are {len(data)}") from error
    if header.magic != MAGIC:
        raise LogError(0, f"a transaction log begins with {MAGIC:#x}, and this with {header.magic & 0xFFFFFFFF:#x}")
    return header


def entries(data: bytes | memoryview) -> Iterator[Entry]:
    """The whole entries of a file, its header judged first. Raises LogError for damage, after what stands before it."""
    read_header(data)
    data = memoryview(data)
    start = len(HEADER)
    while (end := whole_entry(data, start)) is not None:
        checksum, _ = SUM_AND_LENGTH.unpack_from(data, start)
        body = bytes(data[start + SUM_AND_LENGTH.size : end - len(END_OF_RECORD)])
        if checksum != adler32(body):
            raise LogError(start, "the checksum of an entry does not fit its bytes")
        if len(body) < ZXID_AT + ZXID.size:
            raise LogError(start, f"an entry of {len(body)} bytes has no room for a transaction's header")
        yield Entry(zxid_of(body), body, start, end)
        start = end


def whole_entry(data: memoryview, start: int) -> int | None:
    """Where the entry at `start` ends; None if the log ends here."""
    if len(data) < start + SUM_AND_LENGTH.size:
        return None
    length: int = SUM_AND_LENGTH.unpack_from(data, start)[1]
    end = start + SUM_AND_LENGTH.size + length + len(END_OF_RECORD)
    if length <= 0 or len(data) < end or data[end - 1 : end] != END_OF_RECORD:
        return None
    return end


def padded_size(position: int, size: int, block: int) -> int:
    """How long a file written up to `position` should be, if it is `size` long: near its end a `block` is added."""
    if block <= 0 or position + MARGIN < size:
        return size
    if position > size:  # more was written than there were zeros
        return (position + block) // block * block
    return size + block


def end_of(data: bytes | memoryview, zxid: int) -> int:
    """Where a log must be cut to hold nothing after `zxid`. Raises LogError as `entries` does."""
    end = len(HEADER)
    for found in entries(data):
        if found.zxid > zxid:
            break
        end = found.end
    return end
