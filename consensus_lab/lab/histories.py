"""Histories from runs: what a client submitted to a world, and what the world answered.

How a request and an answer read as a call is the protocol's matter, and is handed in as a `Reading`; to whom a request
went, and how often, makes no difference. A client of real processes records with `Recorder` instead.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from consensus_lab.check.linearizability import History, Operation
from consensus_lab.kernel import CLIENT
from consensus_lab.kernel.effect import Effect, Send
from consensus_lab.sim import Submit, WorldStep


@dataclass(frozen=True)
class Call:
    """A request as a call: `token` is what its answer names it by."""

    token: Hashable
    client: str
    verb: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Answer:
    """A message to the client as the answer to the call of this token."""

    token: Hashable
    value: Any = None


@dataclass(frozen=True)
class Reading:
    """How the words of a protocol read as calls and answers; None: it is none."""

    called: Callable[[Any], Call | None]
    answered: Callable[[Any], Answer | None]


def history_of(steps: Iterable[WorldStep], reading: Reading) -> History:
    """What clients saw of this run. A step takes two moments: calls come in at the first, answers leave at the second.

    A request submitted again is the same call, and only its first answer counts.
    """
    operations: dict[Hashable, Operation] = {}
    for number, step in enumerate(steps):
        call = reading.called(step.choice.request) if isinstance(step.choice, Submit) else None
        if call is not None and call.token not in operations:
            operations[call.token] = Operation(call.client, call.verb, call.arguments, 2 * number)
        for answer in filter(None, map(reading.answered, told_to_client(step))):
            asked = operations.get(answer.token)
            if asked is not None and asked.returned is None:
                operations[answer.token] = replace(asked, returned=2 * number + 1, answer=answer.value)
    return tuple(operations.values())


def told_to_client(step: WorldStep) -> Iterator[Any]:
    """What left for the client in this step."""
    held = {id(effect) for effect in step.held}
    left: Iterable[Effect] = (*(effect for effect in step.asked if id(effect) not in held), *step.freed)
    return (effect.message for effect in left if isinstance(effect, Send) and effect.to == CLIENT)
