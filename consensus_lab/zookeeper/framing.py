"""Frames: a length of four bytes and so many bytes, both ways. Whose they are, and what is in them, is not known here.

(Apache: NIOServerCnxn.java, ClientCnxnSocketNIO.java.)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from consensus_lab.zookeeper.jute import MAX_BUFFER

LENGTH = struct.Struct(">i")


class FrameError(Exception):
    """A length that no frame may have: whoever sent it is cut off without a word, as Apache's server does."""


def framed(payload: bytes) -> bytes:
    """One frame on the wire."""
    return LENGTH.pack(len(payload)) + payload


class Frames:
    """Cuts a stream into payloads. A length is judged when its four bytes are there, before the frame is awaited."""

    def __init__(self, longest: int = MAX_BUFFER) -> None:
        self._longest = longest
        self._rest = b""

    @property
    def rest(self) -> bytes:
        """What came after the last whole frame."""
        return self._rest

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Every payload that is whole now. Raises FrameError once the whole ones before it are told."""
        data = self._rest + data if self._rest else data
        at = 0
        try:
            while len(data) - at >= LENGTH.size:
                (length,) = LENGTH.unpack_from(data, at)
                if not 0 <= length <= self._longest:
                    raise FrameError(f"a frame of {length} bytes, where 0 to {self._longest} are allowed")
                end = at + LENGTH.size + length
                if end > len(data):
                    break
                yield data[at + LENGTH.size : end]
                at = end
        finally:
            self._rest = data[at:]
