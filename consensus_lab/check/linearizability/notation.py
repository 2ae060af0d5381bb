"""A history as text: a line for each operation, such as ``c2  25..75  read() -> 100``.

    consensus-lab history 1
    model: register
    initial: 0

    c1   0..100  write(100)
    c2  25..75   read() -> 100
    c3  30..60   read() -> ?
    c4  40..     cas(100, 7)

First the client, then when it called and when the call returned, on any one clock; what never returned has no end. An
answer is left out where it is None, and a question mark where nobody saw it. Values are written as in traces. A model
and its initial state may be named, and a line may end in a comment after ``#``. The notation refuses to know any model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from consensus_lab.check.linearizability.history import UNKNOWN, History, Operation
from consensus_lab.kernel.notation import parse, render
from consensus_lab.kernel.trace import QUOTED, BadText

FORMAT = "consensus-lab history 1"
TEXT = rf"(?:{QUOTED}|[^'\"#])*?"
LINE = re.compile(
    rf"(?P<client>\S+)\s+(?P<called>-?\d+)\.\.(?P<returned>-?\d*)\s+(?P<verb>\w+)\((?P<arguments>{TEXT})\)"
    rf"(?:\s*->\s*(?P<answer>{TEXT}))?\s*(?:#.*)?"
)
EXPECTED = "expected 'CLIENT  CALLED..RETURNED  VERB(ARGUMENTS) -> ANSWER', such as 'c2 25..75 read() -> 100'"


@dataclass(frozen=True)
class HistoryFile:
    """A history as read, with the model it names and the initial state; both may be missing."""

    history: History
    model: str = ""
    initial: tuple[Any, ...] = ()  # the one state, if it is named


def write(file: HistoryFile) -> str:
    """The text of a history."""
    rows = [(op.client, _interval(op), _written(op)) for op in file.history]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    header = [f"model: {file.model}"] if file.model else []
    header += [f"initial: {render(state)}" for state in file.initial]
    lines = (f"{client:<{widths[0]}}  {interval:<{widths[1]}}  {told}" for client, interval, told in rows)
    return "\n".join([FORMAT, *header, "", *lines]) + "\n"


def _interval(operation: Operation) -> str:
    return f"{operation.called}..{'' if operation.returned is None else operation.returned}"


def _written(operation: Operation) -> str:
    return operation.call if operation.returned is None else str(operation)


def read(text: str) -> HistoryFile:
    """Read a history's text. Raises BadText naming the line that is no header and no operation."""
    numbered = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    if not numbered or numbered[0][1] != FORMAT:
        raise BadText(f"not a history: it must begin with {FORMAT!r}", 1)
    told = [(number, line) for number, line in numbered[1:] if line and not line.startswith("#")]
    header = {found[1]: found[2] for _, line in told if (found := re.fullmatch(r"(model|initial):\s*(.*)", line))}
    operations = [row for row in told if not re.match(r"(model|initial):", row[1])]
    initial = (_value(header["initial"], 1),) if "initial" in header else ()
    return HistoryFile(tuple(_operations(operations)), header.get("model", ""), initial)


def _operations(numbered: Iterable[tuple[int, str]]) -> Iterator[Operation]:
    for number, line in numbered:
        found = LINE.fullmatch(line)
        if found is None:
            raise BadText(f"{EXPECTED}, got {line!r}", number)
        try:
            yield _operation(found, number)
        except ValueError as error:
            raise error if isinstance(error, BadText) else BadText(str(error), number) from None


def _operation(found: re.Match[str], number: int) -> Operation:
    arguments = found["arguments"].strip()
    values = _value(f"({arguments.removesuffix(',')},)", number) if arguments else ()
    returned = int(found["returned"]) if found["returned"] else None
    return Operation(found["client"], found["verb"], values, int(found["called"]), returned, _answer(found, number))


def _answer(found: re.Match[str], number: int) -> Any:
    written = (found["answer"] or "").strip()
    if written == UNKNOWN.value or not found["returned"]:
        if written not in ("", UNKNOWN.value):
            raise BadText(f"{found['verb']} has the answer {written}, but never returned", number)
        return UNKNOWN
    return _value(written, number) if written else None


def _value(text: str, number: int) -> Any:
    try:
        return parse(text, {})
    except ValueError as error:
        raise BadText(str(error), number) from None
