"""The kinds of values that a configuration holds: how each is read, and what is allowed, in a few words.

It refuses to know which key has which kind; that is said in `settings.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST = 2**31 - 1
MOST_LONG = 2**63 - 1
HOUR = 3_600_000
UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": HOUR, "d": 24 * HOUR}


@dataclass(frozen=True, slots=True)
class Kind:
    """Reads one kind of value: `read` raises ValueError for what is not `allowed`."""

    read: Callable[[str], Any]
    allowed: str


def number(least: int = -MOST - 1, most: int = MOST) -> Kind:
    """A whole number in decimal, as Integer.parseInt and Long.parseLong take it."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,19}", text) or not least <= int(text) <= most:
            raise ValueError
        return int(text)

    if most < MOST:
        return Kind(read, f"a whole number from {least} to {most}")
    return Kind(read, "a whole number" if least < 0 else f"a whole number of at least {least}")


def choice(**words: Any) -> Kind:
    """One of a few words, in any case."""

    def read(text: str) -> Any:
        try:
            return words[text.lower()]
        except KeyError:
            raise ValueError from None

    *first, last = words
    return Kind(read, f"{', '.join(first)} or {last}" if first else last)


def interval(text: str) -> int:
    """A time in ms: a bare number counts hours, ``10m`` and the like their unit (Apache: common/Time.java)."""
    match = re.fullmatch(r"([0-9]{1,12})(ms|[smhd])?", text.lower())
    if not match:
        raise ValueError
    return int(match[1]) * (UNITS[match[2]] if match[2] else HOUR)


def address(text: str) -> str:
    """A host name or address; nothing with a blank in it can be one."""
    if not text or re.search(r"\s", text):
        raise ValueError
    return text


def folder(text: str) -> Path:
    """A folder's path; the empty one is nowhere."""
    if not text:
        raise ValueError
    return Path(text)


def words(text: str) -> tuple[str, ...]:
    """A list between commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def compression(text: str) -> str:
    """How a snapshot is compressed; the empty word is Apache's for not at all (SnapStream.StreamMode)."""
    if text.lower() not in ("", "gz"):
        raise ValueError
    return text.lower()


FLAG = choice(true=True, false=False)
YES_NO = choice(yes=True, no=False)
PORT = number(0, 65535)
COUNT = number(0)
MILLISECONDS = number(0)
INTERVAL = Kind(interval, "a number of hours, or a time such as 90m or 12h")
FOLDER = Kind(folder, "the path of a folder")
FILE = Kind(folder, "the path of a file")
TEXT = Kind(str, "any text")
ADDRESS = Kind(address, "a host name or an IP address")
COMPRESSION = Kind(compression, "gz, or nothing for no compression (snappy is not written here)")
WORDS = Kind(words, "words between commas")
