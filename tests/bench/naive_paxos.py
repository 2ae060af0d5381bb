"""Stateright's Paxos with two clients for other model checkers: each step runs the rule of a copied process.

Run as a program by `rivals`, with the rival's own Python: it imports the kernel and the model, and nothing else of
ours. A state is (frozen processes, messages in flight, history); the history keeps, as in `registers.commute`, only
which returns came before which invocations.
"""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

from consensus_lab.kernel import Context, Process, Start
from consensus_lab.kernel.effect import Decide, Send
from tests.check.models import paxos

CAST = paxos.cast(2)
NODES = tuple(CAST.processes)
KNOWN: dict[Any, Process] = {}
"""Processes by their frozen form."""

Sent = tuple[str, str, Any]
State = tuple[tuple[Any, ...], tuple[Sent, ...], tuple[tuple[str, ...], ...]]


def frozen(process: Process) -> Any:
    """A process as a value that can be hashed."""
    form = (type(process), tuple((name, plain(value)) for name, value in vars(process).items()))
    KNOWN.setdefault(form, process)
    return form


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return frozenset(value.items())
    return frozenset(value) if isinstance(value, set) else value


def in_order(flight: Iterable[Sent]) -> tuple[Sent, ...]:
    return tuple(sorted(flight, key=repr))


def step(state: State, node: int, sender: str, message: Any) -> State:
    """One rule of a copy of one process."""
    processes, flight, history = state
    process = KNOWN[processes[node]].clone()
    ctx = Context(NODES[node], sender, 0.0)
    process.receive(message, ctx)
    sent = [(NODES[node], each.to, each.message) for each in ctx.effects if isinstance(each, Send)]
    for told in (each.value for each in ctx.effects if isinstance(each, Decide)):
        history = told_after(history, NODES[node], told)
    return (*processes[:node], frozen(process), *processes[node + 1 :]), in_order([*flight, *sent]), history


def told_after(history: Any, node: str, told: Any) -> Any:
    kind, entry = type(told).__name__, f"{node} {told!r}"
    if history and history[-1][0] == kind:
        return (*history[:-1], (kind, *sorted((*history[-1][1:], entry))))
    return (*history, (kind, entry))


def initial() -> State:
    state: State = (tuple(map(frozen, CAST.processes.values())), (), ())
    for node, address in enumerate(NODES):
        if CAST.processes[address].hears(Start):
            state = step(state, node, address, Start())
    return state


def deliverable(state: State) -> Iterator[tuple[str, int, Sent]]:
    """Every message that finds a rule."""
    processes, flight, _ = state
    for sent in dict.fromkeys(flight):
        node = NODES.index(sent[1])
        if KNOWN[processes[node]].rule_for(sent[2]) is not None:
            yield repr(sent), node, sent


def delivered(state: State, node: int, sent: Sent) -> State:
    processes, flight, history = state
    at = flight.index(sent)
    return step((processes, (*flight[:at], *flight[at + 1 :]), history), node, sent[0], sent[2])


def by_minicheck() -> int:
    """Its own breadth-first search; the count is that of the states that its transitions were asked for."""
    from minicheck import Protocol, check_safety  # type: ignore[import-not-found]

    asked = set()

    def transitions(state: State) -> list[tuple[str, State]]:
        asked.add(state)
        return [(label, delivered(state, node, sent)) for label, node, sent in deliverable(state)]

    fields = ("processes", "flight", "history")
    check_safety(Protocol("paxos", False, fields, initial(), transitions, {"fine": lambda view: True}))
    return len(asked)


def by_musil() -> int:
    from musil import Action, Model, check  # type: ignore[import-not-found]

    def actions(state: State) -> Iterator[Any]:
        for label, node, sent in deliverable(state):
            yield Action(label, lambda _: True, lambda before, n=node, s=sent: delivered(before, n, s))

    model = Model([initial()], actions_fn=actions, invariants={"fine": lambda state: True}, terminal=lambda state: True)
    return int(check(model).states_explored)


if __name__ == "__main__":
    begun = time.process_time()
    states = {"minicheck": by_minicheck, "musil": by_musil}[sys.argv[1]]()
    print(states, time.process_time() - begun)
