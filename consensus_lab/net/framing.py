"""Frames: four bytes that say how long, then that many bytes. Whoever lies about the length is cut off at once.

The length is checked before a byte of the content is kept, so nobody can make a node hold more than one frame for
them. This module refuses to know what is in a frame.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from consensus_lab.net.errors import FrameError, UnencodableError

LENGTH = struct.Struct("!I")
LONGEST = 16 * 1024 * 1024  # bytes of content


def framed(content: bytes) -> bytes:
    """One frame. Raises UnencodableError when no receiver would take it."""
    if len(content) > LONGEST:
        raise UnencodableError(f"a message of {len(content):,} bytes does not fit into a frame of {LONGEST:,}")
    return LENGTH.pack(len(content)) + content


class Frames:
    """Cuts a stream of bytes into frames of at most `longest` bytes."""

    def __init__(self, longest: int = LONGEST) -> None:
        self.longest = longest
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The frames that these bytes complete. Raises FrameError as soon as a length is out of bounds."""
        buffer = self._buffer
        buffer += data
        start = 0
        try:
            while len(buffer) - start >= LENGTH.size:
                (length,) = LENGTH.unpack_from(buffer, start)
                if length > self.longest:
                    raise FrameError(f"a frame says it has {length:,} bytes; at most {self.longest:,} are allowed")
                end = start + LENGTH.size + length
                if len(buffer) < end:
                    return
                content = bytes(buffer[start + LENGTH.size : end])
                start = end
                yield content
        finally:
            del buffer[:start]
