"""A journal's bytes: a first line that names the format, then each record with its length and checksum.

    consensus-lab journal 1\\n | length (4) | CRC32 (4) | content | length | CRC32 | content | ...

The checksum covers the length too. This module knows bytes only: no file, no vocabulary.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

from consensus_lab.net.errors import UnencodableError

MAGIC = b"consensus-lab journal 1\n"
HEAD = struct.Struct("!II")
LONGEST = 16 * 1024 * 1024  # bytes of one record


class Scanned(NamedTuple):
    """What a file holds: its records, each with its offset, and where the first byte stands that is none of them."""

    records: tuple[tuple[int, bytes], ...]
    end: int


def framed(content: bytes) -> bytes:
    """One record. Raises UnencodableError for one that is too long to be read back."""
    if len(content) > LONGEST:
        raise UnencodableError(f"a record of {len(content):,} bytes does not fit: at most {LONGEST:,} are allowed")
    return HEAD.pack(len(content), checksum(len(content), content)) + content


def checksum(length: int, content: bytes) -> int:
    """Of the length and the content, so that a stretch of zeros is no record."""
    return zlib.crc32(content, zlib.crc32(length.to_bytes(4, "big")))


def record_at(data: bytes, offset: int) -> bytes | None:
    """The content of the whole and intact record that begins here; None when there is none."""
    if offset + HEAD.size > len(data):
        return None
    length, expected = HEAD.unpack_from(data, offset)
    begin = offset + HEAD.size
    if length > LONGEST or begin + length > len(data):
        return None
    content = data[begin : begin + length]
    return content if checksum(length, content) == expected else None


def scan(data: bytes) -> Scanned:
    """Every record from the start, up to the first that is not intact."""
    records, offset = [], len(MAGIC)
    while (content := record_at(data, offset)) is not None:
        records.append((offset, content))
        offset += HEAD.size + len(content)
    return Scanned(tuple(records), min(offset, len(data)))


def next_intact(data: bytes, offset: int) -> int | None:
    """Where after `offset` an intact record begins, at any byte: what tells a torn tail from a corrupt middle."""
    return next((later for later in range(offset + 1, len(data)) if record_at(data, later) is not None), None)
