"""Reads a choice from its text, in a given world: ``deliver c -> p1 VoteRequest(T1)``, ``crash p1 torn``.

A message may be written in full or by its name alone, when only one in flight there has that name: so traces and
scenarios survive an edit of a message's fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import is_dataclass
from typing import Any

from consensus_lab.kernel import Links
from consensus_lab.kernel.message import unchanging
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
    Wipe,
)
from consensus_lab.sim.moves import Deliver, Fire, Submit, Sync
from consensus_lab.sim.world import World

OF_ENVELOPE = {kind.verb: kind for kind in (Deliver, Drop, Duplicate, Delay)}
OF_NODE: dict[str, Callable[[str], Choice]] = {kind.verb: kind for kind in (Sync, Recover, Pause, Resume, Wipe)}
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
CRASH = re.compile(r"(\S+)(?:\s+keeping\s+([0-9]{1,9}))?(\s+torn)?")


class BadChoice(ValueError):
    """This text is no choice at all: says how one is written."""


def read_choice(text: str, world: World, words: Vocabulary | None = None, *, by_name: bool = False) -> Choice:
    """The choice that `text` names in `world`.

    Raises BadChoice when it is not written as a choice, Impossible when no such thing can happen in this world.
    `words` are the messages a client may submit beyond those the cast lists. `by_name`: a message written in full may
    stand for the only one of its name, as when a trace is replayed after the message's fields were edited.
    """
    choice = _Reader(world, words, by_name).read(text)
    verb = text.split(maxsplit=1)[0] if text.strip() else ""
    if choice is None:
        how = USAGE.get(verb)
        expected = f"it is written '{how}'" if how else f"a choice begins with one of {', '.join(sorted(USAGE))}"
        raise BadChoice(f"cannot read {text.strip()!r}: {expected}")
    reason = world.refusal(choice)
    if reason is not None:
        raise Impossible(choice, reason, world.moves())
    return choice


class _Reader:
    """Reads in one world. Each method returns None when the text is no choice of its kind at all."""

    def __init__(self, world: World, words: Vocabulary | None, by_name: bool) -> None:
        self.world = world
        self.words = words
        self.by_name = by_name

    def read(self, text: str) -> Choice | None:
        verb, _, rest = text.strip().partition(" ")
        rest = rest.strip()
        if verb in OF_ENVELOPE:
            return self.of_envelope(verb, rest)
        if verb in OF_NODE:
            return OF_NODE[verb](rest) if rest and " " not in rest else None
        if verb == "heal" and rest == "all":
            return HealAll()
        if verb in OF_LINK:
            found = ENDPOINTS.fullmatch(rest)
            return OF_LINK[verb](found[1], found[2]) if found and not found[3] else None
        other = {"fire": self.fire, "submit": self.submit, "crash": _crash, "partition": _partition}.get(verb)
        return other(rest) if other else None

    def of_envelope(self, verb: str, rest: str) -> Choice | None:
        found = ENDPOINTS.fullmatch(rest)
        if found is None or not found[3]:
            return None
        sender, to, wanted = found.groups()
        on_link = [envelope.message for envelope in self.world.network.on((sender, to))]
        if self.world.network.links is Links.FIFO:
            on_link = self.matching(on_link, wanted)[:1]  # of several with this name only the oldest can be meant
        return OF_ENVELOPE[verb](sender, to, self.one_of(on_link, wanted, f"{verb} {rest}", "in flight there"))

    def fire(self, rest: str) -> Choice | None:
        node, _, wanted = rest.partition(" ")
        if node not in self.world.machines or not wanted:
            return None
        timers = [armed.timer for armed in self.world.machines[node].timers]
        return Fire(node, self.one_of(timers, wanted, f"fire {rest}", f"running at {node}"))

    def submit(self, rest: str) -> Choice | None:
        node, _, wanted = rest.partition(" ")
        if node not in self.world.machines or not wanted:
            return None
        listed = [request for to, request in self.world.requests if to == node]
        if not self.matching(listed, wanted) and self.words is not None:
            return Submit(node, _request(wanted, self.words))
        return Submit(node, self.one_of(listed, wanted, f"submit {rest}", f"to be submitted to {node}"))

    def one_of(self, messages: Iterable[Any], wanted: str, choice: str, where: str) -> Any:
        matching = self.matching(messages, wanted)
        if not matching:
            raise Impossible(choice, f"no {wanted.strip()} is {where}", self.world.moves())
        if len(matching) > 1:
            several = ", ".join(map(render, matching))
            raise Impossible(choice, f"more than one is {where}: {several}", self.world.moves())
        return matching[0]

    def matching(self, messages: Iterable[Any], wanted: str) -> list[Any]:
        """The message with this very text; those of this name, when only a name was written. Each distinct one once."""
        distinct = {render(message): message for message in messages}
        if wanted.strip() in distinct:
            return [distinct[wanted.strip()]]
        name, bracket, _ = wanted.strip().partition("(")
        if bracket and not self.by_name:
            return []
        return [message for message in distinct.values() if type(message).__name__ == name]


def _request(text: str, words: Vocabulary) -> Any:
    """A message that the cast does not list. Raises BadChoice for what is no message, or could change."""
    try:
        request = unchanging(parse(f"{text}()" if text in words else text, words))
    except (ValueError, TypeError) as error:
        raise BadChoice(str(error)) from None
    if not is_dataclass(request):
        raise BadChoice(f"a client submits a message such as {' or '.join(sorted(words)[:3])}, not {text.strip()}")
    return request


def _crash(rest: str) -> Choice | None:
    found = CRASH.fullmatch(rest)
    return Crash(found[1], int(found[2] or 0), bool(found[3])) if found else None


def _partition(rest: str) -> Choice | None:
    sides = tuple(frozenset(side.split()) for side in rest.split("|"))
    return Partition(sides) if all(sides) else None
