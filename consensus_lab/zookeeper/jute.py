"""Jute, ZooKeeper's encoding: records declared once, in the order of ``zookeeper.jute``, as bytes and back.

Everything is big-endian. A boolean is 1 byte, an int 4, a long 8; a buffer is its length and its bytes, a ustring the
buffer of its UTF-8, a vector its count and its elements; length or count -1 says null. A record is its fields in order,
with no tag and no length of its own. A record class states its fields once, by annotation, and both directions are
read off that. No length is trusted: it is checked before memory is taken. What a record means is not known here.
(Apache: BinaryInputArchive.java, BinaryOutputArchive.java.)
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass, fields
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints

MAX_BUFFER = 0xFFFFF
"""Bytes: the longest frame, ``jute.maxbuffer``. A buffer inside may be that much longer again (the "extra size")."""

T = TypeVar("T")

Boolean = Annotated[bool, "boolean"]
Int = Annotated[int, "int"]
Long = Annotated[int, "long"]
Buffer = Annotated[bytes, "buffer"]
Ustring = Annotated[str, "ustring"]
Vector = Annotated[tuple[T, ...], "vector"]


class JuteError(Exception):
    """These bytes are no such record: too short, an unreasonable length, or null where that means nothing."""


@dataclass_transform(frozen_default=True, field_specifiers=())
def record(cls: type[T]) -> type[T]:
    """Make a class a jute record, a frozen dataclass whose annotations are Int, Ustring, Vector[...], another record.

    A field that may be null says so: ``Buffer | None``. That it is frozen the type checker sees to: a constructor
    that enforces it takes three times as long, and a server makes a record for every write.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)


class InputArchive:
    """Reads values off bytes, from `at` on. Raises JuteError; `at` then stands somewhere inside the bad value."""

    __slots__ = ("at", "data", "longest")

    def __init__(self, data: bytes | memoryview, at: int = 0, longest: int = 2 * MAX_BUFFER) -> None:
        self.data = data
        self.at = at
        self.longest = longest  # bytes, of a buffer or ustring

    @property
    def rest(self) -> int:
        """How many bytes are left."""
        return len(self.data) - self.at

    def read_boolean(self) -> bool:
        return bool(self._unpack(_BYTE))

    def read_int(self) -> int:
        return self._unpack(_INT)

    def read_long(self) -> int:
        return self._unpack(_LONG)

    def read_buffer(self) -> bytes | None:
        length = self._unpack(_INT)
        if length == -1:
            return None
        if not 0 <= length <= self.longest:
            raise JuteError(f"Unreasonable length = {length}")
        start, self.at = self.at, self.at + length
        if self.at > len(self.data):
            raise JuteError(f"{length} bytes are announced where {len(self.data) - start} follow")
        return bytes(self.data[start : self.at])

    def read_ustring(self) -> str | None:
        """A text. What is no UTF-8 reads as U+FFFD, as in Java."""
        data = self.read_buffer()
        return None if data is None else text_of(data)

    def read_vector(self, read: Callable[[InputArchive], T]) -> tuple[T, ...] | None:
        """A vector of what `read` reads. Every element takes bytes, so a mad count runs out of them, not of memory."""
        count = self._unpack(_INT)
        return None if count == -1 else tuple(read(self) for _ in range(count))

    def read_record(self, cls: type[T]) -> T:
        return cls(*[read(self) for _, read, _ in SCHEMAS[cls]])

    def _unpack(self, shape: struct.Struct) -> int:
        try:
            (value,) = shape.unpack_from(self.data, self.at)
        except struct.error:
            raise JuteError(f"{shape.size} bytes are needed where {self.rest} follow") from None
        self.at += shape.size
        return int(value)


class OutputArchive:
    """Collects values as bytes, in `parts`. Raises struct.error for a number that its type cannot hold."""

    __slots__ = ("parts",)

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write_boolean(self, value: bool) -> None:
        self.parts.append(b"\1" if value else b"\0")

    def write_int(self, value: int) -> None:
        self.parts.append(_INT.pack(value))

    def write_long(self, value: int) -> None:
        self.parts.append(_LONG.pack(value))

    def write_buffer(self, value: bytes | None) -> None:
        self.parts += (NULL,) if value is None else (_INT.pack(len(value)), value)

    def write_ustring(self, value: str | None) -> None:
        self.write_buffer(None if value is None else utf8(value))

    def write_vector(self, values: tuple[T, ...] | None, write: Callable[[OutputArchive, T], None]) -> None:
        self.write_int(-1 if values is None else len(values))
        for value in values or ():
            write(self, value)

    def write_record(self, value: Any) -> None:
        for name, _, write in SCHEMAS[type(value)]:
            write(self, getattr(value, name))

    def getvalue(self) -> bytes:
        """All that was written so far."""
        return b"".join(self.parts)


Reader = Callable[[InputArchive], Any]
Writer = Callable[[OutputArchive, Any], None]


def encode(value: Any) -> bytes:
    """The bytes of one record."""
    archive = OutputArchive()
    archive.write_record(value)
    return archive.getvalue()


def decode(cls: type[T], data: bytes | memoryview, at: int = 0) -> T:
    """The record that begins at `at`; bytes after it are ignored, as in Java. Raises JuteError."""
    return InputArchive(data, at).read_record(cls)


def text_of(data: bytes) -> str:
    """The text that Java reads: whatever is no UTF-8 is U+FFFD, and one for a surrogate as for any other character."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return _SURROGATE.sub("\ufffd".encode(), data).decode("utf-8", "replace")


def utf8(text: str) -> bytes:
    """The bytes of a text as Java's archive writes them: a character beyond U+FFFF as its two surrogates."""
    if text.isascii():
        return text.encode()
    if max(text) <= "\uffff":
        return text.encode("utf-8", "surrogatepass")
    units = memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")
    return "".join(map(chr, units)).encode("utf-8", "surrogatepass")


class Schemas(dict[type, tuple[tuple[str, Reader, Writer], ...]]):
    """Of a record class, how each field is called, read and written, in order: found out once, at the first use."""

    def __missing__(self, cls: type) -> tuple[tuple[str, Reader, Writer], ...]:
        hints = get_type_hints(cls, include_extras=True)
        self[cls] = tuple((field.name, *_coding(hints[field.name])) for field in fields(cls))
        return self[cls]


SCHEMAS = Schemas()


def _coding(kind: Any) -> tuple[Reader, Writer]:
    if get_origin(kind) in (Union, UnionType):
        (kind,) = (option for option in get_args(kind) if option is not NoneType)
        return _nullable_coding(kind)
    read, write = _nullable_coding(kind)
    return lambda archive: _not_null(read(archive)), write


def _nullable_coding(kind: Any) -> tuple[Reader, Writer]:
    name = getattr(kind, "__metadata__", ("record",))[0]
    if name == "record":
        return lambda archive: archive.read_record(kind), lambda archive, value: archive.write_record(value)
    if name == "vector":
        return _vector_coding(get_args(get_args(kind)[0])[0])
    return getattr(InputArchive, f"read_{name}"), getattr(OutputArchive, f"write_{name}")


def _vector_coding(element: Any) -> tuple[Reader, Writer]:
    read, write = _coding(element)
    return lambda archive: archive.read_vector(read), lambda archive, values: archive.write_vector(values, write)


def _not_null(value: Any) -> Any:
    if value is None:
        raise JuteError("null stands where a value belongs")
    return value


_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_BYTE = struct.Struct(">b")
_INT = struct.Struct(">i")
_LONG = struct.Struct(">q")
NULL = _INT.pack(-1)
"""A null buffer, ustring or vector."""
