"""Java's .properties syntax (java.util.Properties, load): text to keys and values, each with the line it stands on.

It refuses to know what any key means.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from consensus_lab.kernel.bad_input import BadInput

BLANKS = " \t\f"
ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}
HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")


@dataclass(frozen=True, slots=True)
class Property:
    """A key and its value; `where` says which line of which file gave it, or which flag."""

    key: str
    value: str
    where: str


def read_properties(path: Path) -> list[Property]:
    """The properties of a file (ISO 8859-1, as Java reads it). Raises BadInput when it cannot be read."""
    try:
        text = path.read_bytes().decode("latin-1")
    except OSError as error:
        raise BadInput(f"{path}: the configuration cannot be read: {error.strerror}") from error
    return parse_properties(text, str(path))


def parse_properties(text: str, name: str) -> list[Property]:
    """The properties of a text, in order; `name` is what it is called in sentences."""
    return [split_line(line, f"{name}, line {number}") for number, line in logical_lines(text)]


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines joined where a backslash ends them, without blanks and comments; with the number of their first line."""
    natural = iter(enumerate(re.split(r"\r\n|\r|\n", text), start=1))
    for number, line in natural:
        line = line.lstrip(BLANKS)
        if not line or line[0] in "#!":
            continue
        while ends_in_continuation(line):
            line = line[:-1] + next(natural, (0, ""))[1].lstrip(BLANKS)
        yield number, line


def ends_in_continuation(line: str) -> bool:
    """An odd number of backslashes ends it: the last one is not escaped itself."""
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def split_line(line: str, where: str) -> Property:
    """A key ends at the first unescaped ``=``, ``:`` or blank; blanks around one of them belong to neither side."""
    end = 0
    while end < len(line) and line[end] not in "=:" + BLANKS:
        end += 2 if line[end] == "\\" else 1
    rest = line[end:].lstrip(BLANKS)
    if rest[:1] in ("=", ":"):
        rest = rest[1:].lstrip(BLANKS)
    # Apache trims both when it reads the file (QuorumPeerConfig.parseProperties).
    return Property(unescape(line[:end], where).strip(), unescape(rest, where).strip(), where)


def unescape(text: str, where: str) -> str:
    """Resolve ``\\t``, ``\\uXXXX`` and the like; a backslash before any other character is dropped."""

    def resolve(match: re.Match[str]) -> str:
        escaped = match[1]
        if not escaped.startswith("u"):
            return ESCAPES.get(escaped, escaped)
        if len(escaped) != 5:
            raise BadInput(f"{where}: \\u is followed by four hexadecimal digits, as in \\u00e9")
        return chr(int(escaped[1:], 16))

    resolved = re.sub(r"\\(u[0-9a-fA-F]{4}|.|$)", resolve, text)
    return HALVES.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), resolved)


def flags(jvmflags: str) -> list[Property]:
    """The ``-Dname=value`` of $JVMFLAGS; what else a JVM is told means nothing here and is passed over."""
    try:
        words = shlex.split(jvmflags)
    except ValueError as error:
        raise BadInput(f"$JVMFLAGS cannot be read as a command line: {error}") from error
    pairs = (word[2:].partition("=") for word in words if word.startswith("-D"))
    return [Property(key, value, f"$JVMFLAGS, -D{key}") for key, _, value in pairs]
