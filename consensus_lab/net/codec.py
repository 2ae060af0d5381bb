"""Messages and records as bytes and back: JSON, by class name through a vocabulary. Nothing is ever executed.

JSON says None, bool, int, float and str by itself. Everything else is an array that opens with its name: a message is
``["Yes","T1"]``, an enum's member ``["State","READY"]``, a tuple ``["()",1,2]``. So the structure survives exactly,
types included. A codec refuses to know what any message means.
"""

from __future__ import annotations

import json
import zlib
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from enum import Enum
from operator import attrgetter
from typing import Any, NoReturn

from consensus_lab.kernel.notation import Vocabulary
from consensus_lab.net.errors import MalformedError, UnencodableError

ATOMS = frozenset({type(None), bool, int, float, str})  # what JSON can say, and says back with the same type
TUPLE, LIST, FROZENSET, SET, DICT, BYTES = "()", "[]", "{}", "{*}", "{:}", "b''"  # none of them could name a class

Writer = Callable[[Any], Any]
Reader = Callable[[list[Any]], Any]


def _refuse_object(pairs: object) -> NoReturn:
    raise MalformedError("a JSON object stands where an array or a plain value belongs")


_to_json = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_read_json = json.JSONDecoder(object_pairs_hook=_refuse_object).raw_decode


def _from_json(text: str) -> Any:
    """One JSON value, and nothing around it."""
    value, end = _read_json(text)
    if end != len(text):
        raise MalformedError(f"{text[end : end + 40]!r} follows where the message has ended")
    return value


class Codec:
    """Writes and reads the classes of one vocabulary (``kernel.notation.vocabulary(module)``), and plain values.

    A class of the vocabulary takes part if it is a dataclass, a NamedTuple or an Enum.
    """

    def __init__(self, words: Vocabulary) -> None:
        self.words = words
        self._writers: dict[type, Writer] = dict(self._plain_writers())
        self._readers: dict[str, Reader] = dict(self._plain_readers())
        shapes = {name: shape for name, kind in sorted(words.items()) if (shape := shape_of(kind)) is not None}
        for name, shape in shapes.items():
            self._learn(name, words[name], shape)
        self.fingerprint = f"{zlib.crc32(repr(shapes).encode()):08x}"
        """Tells two versions of a vocabulary apart: it changes with every name, field or member of an enum."""

    def encode(self, value: Any) -> bytes:
        """The bytes of a value. Raises UnencodableError, naming what has no word."""
        try:
            return _to_json(self._write(value)).encode()
        except UnicodeEncodeError as error:
            raise UnencodableError(f"cannot write {error.object[:40]!r}: it is not valid Unicode") from None
        except RecursionError:
            raise UnencodableError(f"cannot write a {type(value).__name__}: it is nested too deeply") from None
        except ValueError as error:  # an integer of more digits than Python would read back
            raise UnencodableError(f"cannot write a {type(value).__name__}: {error}") from None

    def decode(self, data: bytes | bytearray | memoryview) -> Any:
        """The value of these bytes. Raises MalformedError, naming what is unknown or does not fit."""
        try:
            return self._read(_from_json(str(data, "utf-8")))
        except MalformedError:
            raise
        except RecursionError:
            raise MalformedError(f"cannot read {excerpt(data)}: it is nested too deeply") from None
        except (ValueError, TypeError) as error:
            raise MalformedError(f"cannot read {excerpt(data)}: {error}") from None

    # -- writing ---------------------------------------------------------------------------------------------------

    def _write(self, value: Any) -> Any:
        kind = type(value)
        if kind in ATOMS:
            return value
        writer = self._writers.get(kind)
        if writer is None:
            known = ", ".join(sorted(self.words))
            raise UnencodableError(f"cannot write {value!r}: {kind.__qualname__} is no word here; known are {known}")
        return writer(value)

    def _plain_writers(self) -> Iterable[tuple[type, Writer]]:
        write = self._write
        yield tuple, lambda value: [TUPLE, *map(write, value)]
        yield list, lambda value: [LIST, *map(write, value)]
        yield frozenset, lambda value: [FROZENSET, *in_order(map(write, value))]
        yield set, lambda value: [SET, *in_order(map(write, value))]
        yield dict, lambda value: [DICT, *(write(part) for pair in value.items() for part in pair)]
        yield bytes, lambda value: [BYTES, b2a_base64(value, newline=False).decode()]

    # -- reading ---------------------------------------------------------------------------------------------------

    def _read(self, item: Any) -> Any:
        if type(item) is not list:
            return item
        reader = self._readers.get(item[0]) if item and type(item[0]) is str else None
        if reader is None:
            known = ", ".join(sorted(self.words))
            raise MalformedError(f"no message is named {item[0] if item else ''!r}; known are {known}")
        return reader(item)

    def _plain_readers(self) -> Iterable[tuple[str, Reader]]:
        read = self._read
        yield TUPLE, lambda item: tuple(map(read, item[1:]))
        yield LIST, lambda item: list(map(read, item[1:]))
        yield FROZENSET, lambda item: frozenset(map(read, item[1:]))
        yield SET, lambda item: set(map(read, item[1:]))
        yield DICT, lambda item: dict(zip(map(read, item[1::2]), map(read, item[2::2]), strict=True))
        yield BYTES, read_bytes

    # -- the vocabulary --------------------------------------------------------------------------------------------

    def _learn(self, name: str, kind: type, shape: tuple[str, ...]) -> None:
        if issubclass(kind, Enum):
            self._writers[kind] = lambda value: [name, value.name]
            self._readers[name] = member_reader(name, dict(kind.__members__))
        else:
            self._writers[kind] = self._record_writer(name, kind, shape)
            self._readers[name] = self._record_reader(name, kind, shape)

    def _record_writer(self, name: str, kind: type, names: tuple[str, ...]) -> Writer:
        write, parts = self._write, parts_of(kind, names)
        return lambda value: [name, *[part if type(part) in ATOMS else write(part) for part in parts(value)]]

    def _record_reader(self, name: str, kind: type, names: tuple[str, ...]) -> Reader:
        length, read, build = len(names) + 1, self._read, builder(kind, names)

        def read_record(item: list[Any]) -> Any:
            if len(item) != length:
                raise MalformedError(f"{name} is written {name}({', '.join(names)}), not with {len(item) - 1} fields")
            return build(*[part if type(part) is not list else read(part) for part in item[1:]])

        return read_record


def shape_of(kind: type) -> tuple[str, ...] | None:
    """The names of a message's fields or of an enum's members; None for a class that cannot travel."""
    if issubclass(kind, Enum):
        return tuple(kind.__members__)
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind) if field.init)
    names: tuple[str, ...] | None = getattr(kind, "_fields", None)
    return names


def parts_of(kind: type, names: tuple[str, ...]) -> Callable[[Any], Iterable[Any]]:
    """How to take one apart into its fields, in order."""
    if not is_dataclass(kind):
        return tuple
    if len(names) == 1:
        only = attrgetter(*names)
        return lambda value: (only(value),)
    return attrgetter(*names) if names else lambda value: ()


def builder(kind: Any, names: tuple[str, ...]) -> Callable[..., Any]:
    """How to build one from its fields in order: by position, unless it insists on names."""
    build: Callable[..., Any] = kind
    if is_dataclass(kind) and any(field.kw_only for field in fields(kind)):
        return lambda *values: build(**dict(zip(names, values, strict=True)))
    return build


def member_reader(name: str, members: dict[str, Any]) -> Reader:
    """Reads ``["State","READY"]``."""

    def read_member(item: list[Any]) -> Any:
        if len(item) != 2 or type(item[1]) is not str or item[1] not in members:
            raise MalformedError(f"{name} has no member {item[1:]!r}; it has {', '.join(members)}")
        return members[item[1]]

    return read_member


def read_bytes(item: list[Any]) -> bytes:
    """Reads ``["b''","base64"]``."""
    if len(item) != 2 or type(item[1]) is not str:
        raise MalformedError("bytes are written as one text in base64")
    return a2b_base64(item[1], strict_mode=True)


def in_order(items: Iterable[Any]) -> list[Any]:
    """The parts of a set in an order that does not depend on the run (law 4)."""
    return sorted(items, key=repr)


def excerpt(data: bytes | bytearray | memoryview) -> str:
    """The beginning of some bytes, for an error message."""
    return repr(bytes(data[:40])) + (" ..." if len(data) > 40 else "")
