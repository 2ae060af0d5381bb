"""States that are alike, taken for one: what `kernel.Recurrence` says of a protocol, applied to the states of a search.

A protocol that counts its ballots up for ever is never twice in the same state; but it is again and again in a state
that is like an earlier one, with all ballots as much higher. Here the lowest of a state's numbers is brought down to 1,
and two journals are alike when a process that replays them comes out alike. It refuses to know what is searched for.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from functools import partial
from typing import Any

from consensus_lab.check.freeze import freeze_process
from consensus_lab.check.local import Local, Parcel, freeze_machine, freeze_owed
from consensus_lab.check.space import Space
from consensus_lab.kernel import Address, Cast, Process, Recurrence
from consensus_lab.sim.growing import Growing
from consensus_lab.sim.machine import Machine, booted


class Quotient:
    """Brings the states of one space down to those that stand for all that are alike.

    Not where messages are kept in lines (FIFO links) or counted apart (duplicates): there each state stands for itself.
    What a node contributes depends only on what it sees of a state, so it is found once for each such sight.
    """

    def __init__(self, space: Space, recurrence: Recurrence, apart: int) -> None:
        self.space = space
        self.recurrence = recurrence
        self.counts = recurrence.counted and not (space.bound.network == "fifo" or space.bound.duplicates)
        self.apart = apart  # how far the numbers of one state may be from each other
        self._extremes: dict[tuple[int, int], tuple[int, ...]] = {}
        self._deltas: dict[tuple[int, int, int], int] = {}

    def lowest(self, state: int) -> tuple[int, int] | None:
        """The state that stands for this one, and how much lower it is; None when its numbers are too far apart."""
        if not self.counts:
            return state, 0
        sights = [(node, state & mask) for node, mask in enumerate(self.space.masks)]
        numbers = [number for sight in sights for number in self._numbers(sight)]
        if not numbers:
            return state, 0
        by = min(numbers) - 1
        if max(numbers) - by > self.apart + 1:
            return None
        return state + sum(self._delta((*sight, by)) for sight in sights) if by else state, by

    def _numbers(self, sight: tuple[int, int]) -> tuple[int, ...]:
        """The extremes of the numbers in a node, and in what is on its way to it."""
        if sight not in self._extremes:
            local, inbox = self._look(*sight)
            found = self.recurrence.numbers((self._remembered(local), [parcel.message for parcel, _ in inbox]))
            self._extremes[sight] = (min(found), max(found)) if found else ()
        return self._extremes[sight]

    def _look(self, node: int, seen: int) -> tuple[Local, list[tuple[Parcel, int]]]:
        me = self.space.cast.addresses[node]
        return self.space.local(me, seen), list(self.space.flight.inbox(node, seen))

    def _remembered(self, local: Local) -> tuple[Any, ...]:
        """All in a node that may hold a number that still matters: of its journal, what a replay makes of it."""
        machine = local.machine
        after_crash = booted(local.me, self.space.cast.fresh(local.me), machine.disk.records).process.facts()
        owed = (after_crash, machine.unwritten, [armed.timer for armed in machine.timers])
        if machine.node is None:
            return owed
        return (machine.node.process.facts(), [effect for _, effect in machine.node.held], *owed)

    def _delta(self, sight: tuple[int, int, int]) -> int:
        """What to add so that every number of a node, and of what is on its way to it, is so much lower."""
        if sight not in self._deltas:
            node, seen, by = sight
            local, inbox = self._look(node, seen)
            delta = (self._lowered(local, by).index - local.index) * self.space.at[local.me].unit
            for parcel, count in inbox:
                message = self.recurrence.raised(parcel.message, -by)
                lowered = self.space.locals.parcel(parcel.sender, parcel.to, message)
                delta += count * (self.space.flight.place(lowered).unit - self.space.flight.place(parcel).unit)
            self._deltas[sight] = delta
        return self._deltas[sight]

    def _lowered(self, local: Local, by: int) -> Local:
        announced = self.recurrence.raised(local.announced, -by)
        machine = raised_machine(self.recurrence, local.machine, -by)
        return self.space.locals.find(local.me, machine, announced)


def raised_machine(recurrence: Recurrence, machine: Machine, by: int) -> Machine:
    """The same machine with every number counted so much higher."""
    raised = partial(recurrence.raised, by=by)
    disk = replace(machine.disk, records=Growing(map(raised, machine.disk.records)), torn=raised(machine.disk.torn))
    node = machine.node.copy() if machine.node else None
    if node is not None:
        for name, value in node.process.facts().items():
            setattr(node.process, name, raised(value))
        node.unwritten, node.held = raised(node.unwritten), raised(node.held)
    return replace(machine, node=node, disk=disk, timers=raised(machine.timers))


class Freezer:
    """Tells a cast's machines apart by what they have still to do, what they are, and what their journals make of them.

    How long a timer waits is no part of it, nor how a journal came to say what it says.
    """

    def __init__(self, cast: Cast, recurrence: Recurrence) -> None:
        self.cast = cast
        self.pacing = recurrence.pacing

    def __call__(self, me: Address, machine: Machine) -> Hashable:
        if not self.cast.recurrence:
            return freeze_machine(machine)
        journal = self._process(booted(me, self.cast.fresh(me), machine.disk.records).process)
        return (journal, self._process(machine.node.process), *freeze_owed(machine)) if machine.node else journal

    def _process(self, process: Process) -> Hashable:
        """A process without what only paces it."""
        twin = process.clone()
        for name in self.pacing & vars(twin).keys():
            setattr(twin, name, None)
        return freeze_process(twin)
