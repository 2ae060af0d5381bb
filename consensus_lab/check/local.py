"""Local states: all that one node can be, each kept once, with what every event makes of it.

A step is a pure function of (local state, event), so a rule runs once for each distinct pair and never once for each
global state. What a step does is not written here a second time: it is taken in a `World` that holds that one node, one
message and nothing else, and read off. Whoever else is in the real world cannot matter to it: that is what local means.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from consensus_lab.check.coverage import watcher
from consensus_lab.check.freeze import freeze_message, freeze_process
from consensus_lab.kernel import CLIENT, Address, Cast, Effect, Links, Process
from consensus_lab.kernel.effect import Decide, Send
from consensus_lab.kernel.notation import alike
from consensus_lab.sim import Choice, Crash, Deliver, Fire, Recover, RuleFailed, Submit, Sync, Wipe, World, WorldStep
from consensus_lab.sim.machine import Armed, Machine
from consensus_lab.sim.network import Envelope, Network


@dataclass(frozen=True, slots=True, eq=False)
class Parcel:
    """A message on its way, without its history; from the client it is a request not submitted yet."""

    sender: Address
    to: Address
    message: Any

    @property
    def is_request(self) -> bool:
        return self.sender == CLIENT

    @property
    def link(self) -> tuple[Address, Address]:
        return (self.sender, self.to)

    @property
    def arrival(self) -> Choice:
        """The choice by which it is received."""
        return Submit(self.to, self.message) if self.is_request else Deliver(self.sender, self.to, self.message)


class Outcome(NamedTuple):
    """What one event makes of a local state: the next one, and what was sent."""

    local: Local
    sent: tuple[Parcel, ...]
    heard: bool  # whether there was a rule for it
    told: tuple[Any, ...]  # what it decided
    most_alike: int  # how many equal messages (or decisions) of this node wait for its disk, at most
    armed: tuple[Armed, ...]  # the timers that it set, for those who draw when they fire


class Broken(Exception):
    """A process's own rule raised during the search: at which choice. The RuleFailed is its cause."""

    def __init__(self, choice: Choice, failure: RuleFailed) -> None:
        super().__init__(str(failure))
        self.choice = choice
        self.failure = failure


def interrupted(me: Address, choice: Choice, stop: KeyboardInterrupt) -> Broken | None:
    """A rule that somebody did not want to wait for, told like one that raised; None when it was no rule that ran."""
    frames = [frame for frame, _ in traceback.walk_tb(stop.__traceback__)]
    rules = (frame for frame in frames if isinstance(frame.f_locals.get("self"), Process))
    rule = next((frame for frame in rules if frame.f_code.co_name not in ("receive", "rule_for")), None)
    if rule is None:
        return None
    still = KeyboardInterrupt("it was still running").with_traceback(stop.__traceback__)
    failure = RuleFailed(me, rule.f_locals["self"], rule.f_code.co_name, f"'{choice}'", still)
    failure.__cause__ = still
    return Broken(choice, failure)


class Local:
    """One node at one moment, as far as its future and any invariant can tell."""

    def __init__(self, index: int, me: Address, machine: Machine, announced: tuple[Any, ...], owner: Locals) -> None:
        self.index = index
        self.me = me
        self.machine = machine
        self.process: Process | None = machine.node.process if machine.node else None  # None while it is down
        self.announced = announced  # what it decided, in order, across crashes; the same again at once counts once
        self._owner = owner
        self._received: dict[Parcel, Outcome] = {}

    def receive(self, parcel: Parcel) -> Outcome:
        """It is delivered, or submitted, this message."""
        known = self._received.get(parcel)
        if known is None:
            known = self._received[parcel] = self._owner.step(self, parcel.arrival, parcel)
        return known

    @property
    def outcomes(self) -> Iterator[Outcome]:
        """What events have made of it, as far as the search has asked."""
        yield from self._received.values()
        kinds = (vars(self).get(kind, ()) for kind in ("firings", "syncs", "crashes", "recoveries", "wipes"))
        yield from (outcome for choices in kinds for _, outcome in choices)

    @cached_property
    def firings(self) -> tuple[tuple[Choice, Outcome], ...]:
        """What each of its running timers does when it fires."""
        return self._each(Fire(self.me, armed.timer) for armed in self.machine.timers)

    @cached_property
    def syncs(self) -> tuple[tuple[Choice, Outcome], ...]:
        """What its disk's catching up does, when it has something to catch up with."""
        return self._each([Sync(self.me)] if self.machine.unwritten else [])

    @cached_property
    def crashes(self) -> tuple[tuple[Choice, Outcome], ...]:
        """What each crash does: any number of unwritten records may have reached the disk. A torn one has not."""
        kept = range(len(self.machine.unwritten) + 1) if self.machine.up else ()
        return self._each(Crash(self.me, count) for count in kept)

    @cached_property
    def recoveries(self) -> tuple[tuple[Choice, Outcome], ...]:
        """What switching it on again does, when it is down."""
        return self._each([] if self.machine.up else [Recover(self.me)])

    @cached_property
    def wipes(self) -> tuple[tuple[Choice, Outcome], ...]:
        """What the loss of its disk does, when it is down and there is something to lose."""
        return self._each([] if self.machine.up or not self.machine.disk.records else [Wipe(self.me)])

    def _each(self, choices: Iterable[Choice]) -> tuple[tuple[Choice, Outcome], ...]:
        return tuple((choice, self._owner.step(self, choice)) for choice in choices)


class Locals:
    """Every local state met so far, by node, and how often a rule ran to find them."""

    def __init__(self, cast: Cast, *, remembers: bool, freeze: Freezer | None = None) -> None:
        self.cast = cast
        self.freeze = freeze or (lambda _, machine: freeze_machine(machine))
        self.remembers = remembers  # whether a node's decisions are part of its local state
        self.steps = 0
        self.coverage = watcher.get()
        if self.coverage is not None:
            self.coverage.expect(cast)
        self.known: dict[Address, list[Local]] = {address: [] for address in cast.addresses}
        self._endless: dict[tuple[Local, str], Broken] = {}  # what nobody wanted to wait for any longer
        self._ids: dict[Hashable, Local] = {}
        self._parcels: dict[Hashable, Parcel] = {}
        self._elsewhere = {address: Machine(None) for address in cast.addresses}

    def step(self, local: Local, choice: Choice, parcel: Parcel | None = None) -> Outcome:
        """Take one choice in a world with nobody else. Raises Broken when a rule does."""
        self.steps += 1
        if self._endless and (local, str(choice)) in self._endless:
            raise self._endless[local, str(choice)]
        try:
            step = self._alone(local, parcel).step(choice, at=0)
        except RuleFailed as failure:
            raise Broken(choice, failure) from failure
        except KeyboardInterrupt as stop:
            broken = interrupted(local.me, choice, stop)
            if broken is None:
                raise
            self._endless[local, str(choice)] = broken
            raise broken from stop
        if self.coverage is not None:
            self.coverage.note(local.process, step)
        return self._read(local, step)

    def _alone(self, local: Local, parcel: Parcel | None) -> World:
        machines = {**self._elsewhere, local.me: local.machine}
        if parcel is None:
            return World(self.cast, machines, Network(Links.BAG), ())
        if parcel.is_request:
            return World(self.cast, machines, Network(Links.BAG), ((parcel.to, parcel.message),))
        arriving = Envelope(0, parcel.sender, parcel.to, parcel.message, sent=0, step=0, depth=0)
        return World(self.cast, machines, Network(Links.BAG, (arriving,)), ())

    def _read(self, before: Local, step: WorldStep) -> Outcome:
        world = step.world
        told = tuple(value for _, value in world.decisions)
        announced = self.announced(told, before.announced)
        sent = tuple(self.parcel(e.sender, e.to, e.message) for e in world.network.flight)
        machine = world.machines[before.me]
        armed = tuple(a for a in machine.timers if not any(a is old for old in before.machine.timers))
        local = self.find(before.me, machine, announced)
        return Outcome(local, sent, step.rule != "no rule", told, _most_alike(machine), armed)

    def announced(self, told: Iterable[Any], before: tuple[Any, ...] = ()) -> tuple[Any, ...]:
        """What a node has decided; saying the same twice in a row says nothing new."""
        for value in told if self.remembers else ():
            before = before if before and alike(before[-1], value) else (*before, value)
        return before

    def find(self, me: Address, machine: Machine, announced: tuple[Any, ...]) -> Local:
        """The one local state that is like this. Raises Unfreezable when its parts cannot be compared."""
        key = (me, self.freeze(me, machine), tuple(map(freeze_message, announced)))
        found = self._ids.get(key)
        if found is None:
            found = self._ids[key] = Local(len(self.known[me]), me, machine, announced, self)
            self.known[me].append(found)
        return found

    def parcel(self, sender: Address, to: Address, message: Any) -> Parcel:
        """The one parcel that is like this."""
        return self._parcels.setdefault((sender, to, freeze_message(message)), Parcel(sender, to, message))


def _most_alike(machine: Machine) -> int:
    held = machine.node.held if machine.node else ()
    return max(Counter(_freeze_effect(effect) for _, effect in held).values(), default=0)


Freezer = Callable[[Address, Machine], Hashable]
"""What of a node's machine tells two local states apart."""


def freeze_machine(machine: Machine) -> Hashable:
    """All of a machine that the future depends on: no serial numbers, no times, and records counted from the synced."""
    records = tuple(map(freeze_message, machine.disk.records))
    return (records, freeze_process(machine.node.process), *freeze_owed(machine)) if machine.node else records


def freeze_owed(machine: Machine) -> tuple[Hashable, ...]:
    """What a machine that is up has still to do: for its disk, to others, and later."""
    node = machine.node
    assert node is not None
    unwritten = tuple(map(freeze_message, node.unwritten))
    held = tuple((needed - node.synced, _freeze_effect(effect)) for needed, effect in node.held)
    timers = frozenset(freeze_message(armed.timer) for armed in machine.timers)
    return unwritten, held, node.forced - node.synced, timers


def _freeze_effect(effect: Effect) -> Hashable:
    if isinstance(effect, Send):
        return Send, effect.to, freeze_message(effect.message)
    assert isinstance(effect, Decide), "nothing else waits for the disk"
    return Decide, freeze_message(effect.value)
