"""The same words said to Apache's server and to ours; what comes back must read the same.

Only what differs between any two runs of one server is blanked: times of day, the ids of sessions, addresses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.interop.server import server_process
from tests.serve.apache import apache

LINES = ("tickTime=200", "extendedTypesEnabled=true")
BLANKED = (
    (re.compile(r"\w{3} \w{3} +\d+ \d\d:\d\d:\d\d ([A-Z]{2,5} )?\d{4}"), "TIME"),
    (re.compile(r"\b(0x)?10[0-9a-f]{13,14}\b"), "SESSION"),
    (re.compile(r"time = \d+ msec"), "TOOK"),
    (re.compile(r"127\.0\.0\.1:\d+"), "SERVER"),
)


def on_both(folder: Path, talk: Callable[[int], str], *lines: str) -> tuple[str, str]:
    """What `talk(port)` heard: (from Apache's server, from ours), with what always differs blanked."""
    theirs, ours = folder / "theirs", folder / "ours"
    theirs.mkdir()
    ours.mkdir()
    with apache(theirs, *LINES, *lines) as server:
        expected = blank(talk(server.port))
    with server_process(ours, *LINES, *lines) as server:
        return expected, blank(talk(server.port))


def blank(text: str) -> str:
    """The same text without what differs between any two runs."""
    for pattern, word in BLANKED:
        text = pattern.sub(word, text)
    return text


def lines_of(text: str) -> list[str]:
    """Its lines, sorted: a client that prints from several threads and on both outputs mixes them as it happens."""
    return sorted(line for line in text.splitlines() if line)
