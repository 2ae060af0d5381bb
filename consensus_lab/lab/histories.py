"""Histories: read from a file, or off a run: what clients asked of a world, and what they were answered.

How the words of a protocol read as calls and answers is a `Reading`, one for each protocol that serves clients. To whom
a request went, and how often, makes no difference. Who calls real processes records with `Recorder` instead.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from consensus_lab.check.linearizability import History, Operation
from consensus_lab.check.linearizability.notation import FORMAT, HistoryFile, read
from consensus_lab.kernel import CLIENT, trace
from consensus_lab.kernel.effect import Decide, Effect, Send
from consensus_lab.kernel.trace import BadText
from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.replaying import load_trace, replay
from consensus_lab.lab.scenario import load_scenario
from consensus_lab.protocols.multi_paxos.key_value import Add, Get, Put
from consensus_lab.protocols.multi_paxos.messages import Invoked, Returned
from consensus_lab.sim import Submit, WorldStep


@dataclass(frozen=True)
class Call:
    """Something said as a call: `token` is what its answer names it by."""

    token: Hashable
    client: str
    verb: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Answer:
    """Something said as the answer to the call of this token."""

    token: Hashable
    value: Any = None


@dataclass(frozen=True)
class Reading:
    """How a request, a message to the client or a decision reads: as a call, as an answer, or (None) as neither."""

    model: str
    read: Callable[[Any], Call | Answer | None]


# -- off a run ---------------------------------------------------------------------------------------------------------


def history_of(steps: Iterable[WorldStep], reading: Reading) -> History:
    """What clients saw of this run, each call and each answer at a moment of its own.

    A request that is said again is the same call, and only its first answer counts.
    """
    operations: dict[Hashable, Operation] = {}
    for moment, said in enumerate(said for step in steps for said in said_in(step)):
        match reading.read(said):
            case Call(token, client, verb, arguments) if token not in operations:
                operations[token] = Operation(client, verb, arguments, moment)
            case Answer(token, value) if token in operations and operations[token].returned is None:
                operations[token] = replace(operations[token], returned=moment, answer=value)
    return tuple(operations.values())


def said_in(step: WorldStep) -> Iterator[Any]:
    """What was submitted in this step, then what left for the client or was decided, in order."""
    if isinstance(step.choice, Submit):
        yield step.choice.request
    held = {id(effect) for effect in step.held}
    left: Iterable[Effect] = (*(effect for effect in step.asked if id(effect) not in held), *step.freed)
    for effect in left:
        if isinstance(effect, Decide):
            yield effect.value
        elif isinstance(effect, Send) and effect.to == CLIENT:
            yield effect.message


# -- by protocol -------------------------------------------------------------------------------------------------------


def read_key_value(said: Any) -> Call | Answer | None:
    """The words of Multi-Paxos: its clients announce what they ask for and what they are answered."""
    match said:
        case Invoked(request):
            verb, *arguments = called(request.operation)
            return Call((request.client, request.number), request.client, str(verb), tuple(arguments))
        case Returned(request, reply):
            return Answer((request.client, request.number), reply.result)
    return None


def called(operation: Put | Add | Get) -> tuple[Any, ...]:
    """An operation as a verb of the kv model, with its arguments. Its Put answers with the value that was there."""
    match operation:
        case Put(key, value):
            return "swap", key, value
        case Add(key, amount):
            return "add", key, amount
        case Get(key):
            return "get", key


READINGS = {"multi-paxos": Reading("kv", read_key_value)}


# -- by name -----------------------------------------------------------------------------------------------------------


def history_named(target: str) -> HistoryFile:
    """The history of a file, of a trace played again, or of a scenario performed. Raises BadInput for none of them."""
    text = beginning(target)
    if text.startswith(FORMAT):
        try:
            return read(Path(target).read_text(encoding="utf-8"))
        except (BadText, UnicodeDecodeError) as error:
            raise BadInput(f"{target}: {error}") from None
    if text.startswith(trace.FORMAT):
        record, cast = load_trace(Path(target))
        return _read_off(cast.protocol, replay(record, cast).trace)
    try:
        performance = load_scenario(target).perform()
    except BadInput as error:
        raise BadInput(f"{error}; and a history begins with {FORMAT!r}") from None
    return _read_off(performance.scenario.cast.protocol, performance.trace)


def beginning(target: str) -> str:
    """How a file begins; empty when it is none."""
    if not os.path.isfile(target):
        return ""
    try:
        with open(target, encoding="utf-8", errors="replace") as file:
            return file.readline()
    except OSError as error:
        raise BadInput(f"cannot read {target}: {error.strerror}") from None


def _read_off(protocol: str, steps: Iterable[WorldStep]) -> HistoryFile:
    reading = READINGS.get(protocol)
    if reading is None:
        raise BadInput(f"{protocol} serves no clients; a history can be read off runs of {', '.join(READINGS)}")
    return HistoryFile(history_of(steps, reading), reading.model)
