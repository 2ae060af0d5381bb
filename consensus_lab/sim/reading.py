"""Reads a choice from its text, in a given world: ``deliver c -> p1 VoteRequest(T1)``, ``crash p1 torn``.

A message may be written in full or by its name alone, when only one in flight there has that name: so traces and
scenarios survive an edit of a message's fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from consensus_lab.kernel.notation import Vocabulary, parse, render
from consensus_lab.sim.choice import Choice, Impossible
from consensus_lab.sim.faults import (
    Crash,
    Cut,
    Delay,
    Drop,
    Duplicate,
    Heal,
    HealAll,
    Partition,
    Pause,
    Recover,
    Reset,
    Resume,
)
from consensus_lab.sim.moves import Deliver, Fire, Submit, Sync
from consensus_lab.sim.world import World

OF_ENVELOPE = {kind.verb: kind for kind in (Deliver, Drop, Duplicate, Delay)}
OF_NODE: dict[str, Callable[[str], Choice]] = {kind.verb: kind for kind in (Sync, Recover, Pause, Resume)}
OF_LINK = {kind.verb: kind for kind in (Cut, Heal, Reset)}

USAGE = {
    **{verb: f"{verb} FROM -> TO MESSAGE" for verb in OF_ENVELOPE},
    **{verb: f"{verb} NODE" for verb in OF_NODE},
    **{verb: f"{verb} FROM -> TO" for verb in OF_LINK},
    "heal": "heal FROM -> TO, or heal all",
    "fire": "fire NODE TIMER",
    "submit": "submit NODE REQUEST",
    "crash": "crash NODE [keeping COUNT] [torn]",
    "partition": "partition NODE ... | NODE ... [| ...]",
}
ENDPOINTS = re.compile(r"(\S+)\s*->\s*(\S+)\s*(.*)")
CRASH = re.compile(r"(\S+)(?:\s+keeping\s+(\d+))?(\s+torn)?")


class BadChoice(ValueError):
    """This text is no choice at all: says how one is written."""


def read_choice(text: str, world: World, words: Vocabulary | None = None) -> Choice:
    """The choice that `text` names in `world`.

    Raises BadChoice when it is not written as a choice, Impossible when no such thing can happen in this world.
    `words` are the messages a client may submit beyond those the cast lists.
    """
    verb, _, rest = text.strip().partition(" ")
    choice = _read(verb, rest.strip(), world, words)
    if choice is None:
        how = USAGE.get(verb)
        expected = f"it is written '{how}'" if how else f"a choice begins with one of {', '.join(sorted(USAGE))}"
        raise BadChoice(f"cannot read {text.strip()!r}: {expected}")
    reason = world.refusal(choice)
    if reason is not None:
        raise Impossible(choice, reason, world.moves())
    return choice


def _read(verb: str, rest: str, world: World, words: Vocabulary | None) -> Choice | None:
    if verb in OF_ENVELOPE:
        return _of_envelope(verb, rest, world)
    if verb in OF_NODE:
        return OF_NODE[verb](rest) if rest and " " not in rest else None
    if verb == "heal" and rest == "all":
        return HealAll()
    if verb in OF_LINK:
        found = ENDPOINTS.fullmatch(rest)
        return OF_LINK[verb](found[1], found[2]) if found and not found[3] else None
    other = {"fire": _fire, "submit": _submit, "crash": _crash, "partition": _partition}.get(verb)
    return other(rest, world, words) if other else None


def _of_envelope(verb: str, rest: str, world: World) -> Choice | None:
    found = ENDPOINTS.fullmatch(rest)
    if found is None or not found[3]:
        return None
    sender, to, wanted = found.groups()
    on_link = [envelope.message for envelope in world.network.on((sender, to))]
    return OF_ENVELOPE[verb](sender, to, _one_of(on_link, wanted, f"{verb} {rest}", "in flight there", world))


def _fire(rest: str, world: World, words: Vocabulary | None) -> Choice | None:
    node, _, wanted = rest.partition(" ")
    if node not in world.machines or not wanted:
        return None
    timers = [armed.timer for armed in world.machines[node].timers]
    return Fire(node, _one_of(timers, wanted, f"fire {rest}", f"running at {node}", world))


def _submit(rest: str, world: World, words: Vocabulary | None) -> Choice | None:
    node, _, wanted = rest.partition(" ")
    if node not in world.machines or not wanted:
        return None
    listed = [request for to, request in world.requests if to == node]
    matching = _matching(listed, wanted)
    if not matching and words is not None:
        try:
            request = parse(wanted, words)
            hash(request)
        except ValueError as error:
            raise BadChoice(str(error)) from None
        except TypeError:
            raise BadChoice(f"{wanted} holds a list or a dict, and a message never changes: write a tuple") from None
        return Submit(node, request)
    return Submit(node, _one_of(listed, wanted, f"submit {rest}", f"to be submitted to {node}", world))


def _crash(rest: str, world: World, words: Vocabulary | None) -> Choice | None:
    found = CRASH.fullmatch(rest)
    return Crash(found[1], int(found[2] or 0), bool(found[3])) if found else None


def _partition(rest: str, world: World, words: Vocabulary | None) -> Choice | None:
    sides = tuple(frozenset(side.split()) for side in rest.split("|"))
    return Partition(sides) if all(sides) else None


def _one_of(messages: Iterable[Any], wanted: str, choice: str, where: str, world: World) -> Any:
    matching = _matching(messages, wanted)
    if not matching:
        raise Impossible(choice, f"no {wanted.strip()} is {where}", world.moves())
    if len(matching) > 1:
        raise Impossible(choice, f"more than one is {where}: {', '.join(map(render, matching))}", world.moves())
    return matching[0]


def _matching(messages: Iterable[Any], wanted: str) -> list[Any]:
    """The message with this very text; failing that, those with its name. Each distinct one once."""
    distinct = {render(message): message for message in messages}
    if wanted.strip() in distinct:
        return [distinct[wanted.strip()]]
    name = wanted.partition("(")[0].strip()
    return [message for message in distinct.values() if type(message).__name__ == name]
