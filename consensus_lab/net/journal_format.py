"""A journal's bytes: a first line that names the format, then each batch with its length and checksum.

    consensus-lab journal 2\\n | mark (4) | length (4) | CRC32 (4) | content | mark | length | CRC32 | content | ...

A batch is what one fsync made durable: all of it counts, or none. The checksum covers where the batch stands, so that
what a disk brings back from elsewhere is no batch here. This module knows bytes only: no file, no vocabulary.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

from consensus_lab.net.errors import UnencodableError

MAGIC = b"consensus-lab journal 2\n"
MARK = b"\0\x01\x02\n"  # no text of JSON holds these bytes
HEAD = struct.Struct("!4sII")
LONGEST = 1024 * 1024 * 1024  # bytes of one batch


class Scanned(NamedTuple):
    """What a file holds: its batches, each with its offset, and where the first byte stands that is none of them."""

    batches: tuple[tuple[int, bytes], ...]
    end: int


def framed(content: bytes, offset: int) -> bytes:
    """One batch that is to stand at `offset`. Raises UnencodableError for one that is too long to be read back."""
    if len(content) > LONGEST:
        raise UnencodableError(f"a batch of {len(content):,} bytes does not fit: at most {LONGEST:,} are allowed")
    return HEAD.pack(MARK, len(content), checksum(offset, content)) + content


def checksum(offset: int, content: bytes | memoryview) -> int:
    """Of the place, the length and the content."""
    return zlib.crc32(content, zlib.crc32(struct.pack("!QI", offset, len(content))))


def batch_at(data: bytes, offset: int) -> bytes | None:
    """The content of the whole and intact batch that begins here; None when there is none."""
    if offset + HEAD.size > len(data):
        return None
    mark, length, expected = HEAD.unpack_from(data, offset)
    begin = offset + HEAD.size
    if mark != MARK or begin + length > len(data):
        return None
    content = memoryview(data)[begin : begin + length]
    return bytes(content) if checksum(offset, content) == expected else None


def scan(data: bytes) -> Scanned:
    """Every batch from the start, up to the first that is not intact."""
    batches, offset = [], len(MAGIC)
    while (content := batch_at(data, offset)) is not None:
        batches.append((offset, content))
        offset += HEAD.size + len(content)
    return Scanned(tuple(batches), min(offset, len(data)))


def next_intact(data: bytes, offset: int) -> int | None:
    """Where after `offset` an intact batch begins: what tells an unfinished last one from damage before it."""
    later = data.find(MARK, offset + 1)
    while later >= 0 and batch_at(data, later) is None:
        later = data.find(MARK, later + 1)
    return later if later >= 0 else None


def unfinished_magic(data: bytes) -> bool:
    """Whether this may be a new file whose first line was not durable yet: a beginning of it, then perhaps zeros."""
    return len(data) <= len(MAGIC) and data != MAGIC and MAGIC.startswith(data.rstrip(b"\0"))
