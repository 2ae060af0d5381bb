"""Histories that others published, with what is known of them, read from the formats in which they were published.

See porcupine/README.md for where they come from and under which licence.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from consensus_lab.check.linearizability import UNKNOWN, History, Operation

ARCHIVE = Path(__file__).parent / "porcupine" / "histories.zip"
VERDICTS = Path(__file__).parent / "porcupine" / "verdicts.txt"

ETCD = re.compile(r"INFO\s+jepsen\.util - (\d+)\s+:(invoke|ok|fail|info)\s+:(read|write|cas)\s+(.*)")
KEY_VALUE = re.compile(r'\{:process (\d+), :type :(invoke|ok), :f :(\w+), :key "(.*?)", :value (?:nil|"(.*)")\}')


def verdicts() -> dict[str, bool]:
    """Whether each published history is linearizable, by its name."""
    rows = [line.split() for line in VERDICTS.read_text().splitlines()]
    return {name: verdict == "linearizable" for name, verdict in rows}


@cache
def history(name: str) -> History:
    """A published history by its name, such as etcd_017 or c10-bad."""
    folder, suffix, reader = ("jepsen", "log", of_etcd) if name.startswith("etcd") else ("kv", "txt", of_key_value)
    with zipfile.ZipFile(ARCHIVE) as archive:
        return reader(archive.read(f"{folder}/{name}.{suffix}").decode().splitlines())


def of_etcd(lines: Iterable[str]) -> History:
    """A log of Jepsen's register test: a line for each call and for each return, its place in the file its moment."""
    return paired(event for line in lines if (found := ETCD.match(line)) for event in [etcd_event(*found.groups())])


def etcd_event(client: str, kind: str, verb: str, told: str) -> tuple[str, str, str, tuple[Any, ...], Any]:
    values = tuple(map(int, re.findall(r"\d+", told)))
    if told == ":timed-out" and verb != "read":
        return client, "never", verb, (), UNKNOWN
    answers = {"read": values[0] if values else None, "write": None, "cas": kind == "ok"}
    return client, kind, verb, () if verb == "read" else values, UNKNOWN if told == ":timed-out" else answers[verb]


def of_key_value(lines: Iterable[str]) -> History:
    """A log of a key-value store whose missing values read as the empty text."""
    found = (KEY_VALUE.fullmatch(line) for line in lines)
    return paired(key_value_event(*line.groups(default="")) for line in found if line)


def key_value_event(client: str, kind: str, verb: str, key: str, value: str) -> tuple[str, str, str, Any, Any]:
    return client, kind, verb, (key,) if verb == "get" else (key, value), (value or None) if verb == "get" else None


def paired(events: Iterable[tuple[str, str, str, tuple[Any, ...], Any]]) -> History:
    """Operations from their calls and returns."""
    return tuple(sorted(_paired(events), key=lambda operation: operation.called))


def _paired(events: Iterable[tuple[str, str, str, tuple[Any, ...], Any]]) -> Iterator[Operation]:
    calls: dict[str, Operation] = {}
    for moment, (client, kind, verb, arguments, answer) in enumerate(events):
        if kind == "invoke":
            calls[client] = Operation(client, verb, arguments, moment)
        elif kind == "never":
            yield calls.pop(client)
        else:
            call = calls.pop(client)
            yield Operation(client, verb, call.arguments, call.called, moment, answer)
    yield from calls.values()
