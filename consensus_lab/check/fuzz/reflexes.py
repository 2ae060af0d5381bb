"""Reflexes: what each event makes of a node, found out once and remembered for all seeds of a campaign.

A step is a pure function of (what a node is, event): see `check.local`, which takes it in a `World` with nobody else.
Here the disk is put aside, for a running node cannot see it: of all the journals that a node may have written, only its
recovery need know. So a random run is a walk from one standing to the next by looking them up, with a rule run only
where no seed has been before. It refuses to know when anything happens, and what is claimed of it.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from consensus_lab.check.freeze import freeze_message
from consensus_lab.check.fuzz.chains import Chain, Item
from consensus_lab.check.fuzz.events import Alarm, Event, Fsync, Letter, Request
from consensus_lab.check.fuzz.watching import Lookout
from consensus_lab.check.local import Local, Locals, Outcome, Parcel
from consensus_lab.kernel import CLIENT, Address, Cast, Decision, Disconnected, Process
from consensus_lab.sim import Choice, Crash, Recover, World
from consensus_lab.sim.growing import Growing
from consensus_lab.sim.machine import Armed, Disk, Machine

Setting = tuple[Alarm, int, int]
"""A timer that was set: the alarm, the least microseconds until it rings, and how many more there may be."""

Shift = tuple[int, int]
"""The number of a watch, and what to add to its sight (see `watching`)."""


class Reaction(NamedTuple):
    """What one event makes of a node, and what it makes the node do to its surroundings."""

    after: Standing
    sent: tuple[Letter, ...]
    set: tuple[Setting, ...]
    stopped: tuple[Alarm, ...]
    writes: bool  # from now on its disk has something to do
    written: tuple[Item, ...]  # what reached its disk
    told: tuple[Item, ...]  # what it decided
    shifts: tuple[Shift, ...]


class Standing:
    """One node at one moment, but for what its disk holds. `seen`: what each watch sees of it, as a number."""

    __slots__ = ("alarms", "me", "process", "reactions", "seen", "twin", "unwritten")

    def __init__(
        self,
        me: Address,
        process: Process | None,
        unwritten: int,
        alarms: frozenset[Alarm],
        seen: tuple[int, ...],
    ) -> None:
        self.me = me
        self.process = process  # None while it is down
        self.unwritten = unwritten  # records
        self.alarms = alarms  # that are running
        self.seen = seen
        self.twin: Process | None = None  # the process for a watch to look at, once one has
        self.reactions: dict[object, Reaction] = {}


class Opening(NamedTuple):
    """A cast that has just been switched on."""

    standings: dict[Address, Standing]
    journals: dict[Address, Chain]
    decisions: Chain
    fsyncs: dict[Address, Fsync]
    set: tuple[Setting, ...]
    sent: tuple[Letter, ...]
    requests: tuple[Letter, ...]


class Nodes(Protocol):
    """What a run asks of all nodes together: how it begins, and what each event makes of one of them."""

    cast: Cast
    lookout: Lookout

    @property
    def opening(self) -> Opening: ...
    @property
    def known(self) -> int: ...
    def react(self, before: Standing, event: Event) -> Reaction: ...
    def crash(self, before: Standing, crash: Crash) -> Reaction: ...
    def recover(self, before: Standing, journal: Chain) -> Reaction: ...
    def notice(self, peer: Address, me: Address) -> Letter | None: ...
    def look_again(self) -> None: ...


class Reflexes:
    """Every standing met so far, with the reactions found out."""

    def __init__(self, cast: Cast, lookout: Lookout) -> None:
        self.cast = cast
        self.lookout = lookout
        self.locals = Locals(cast, remembers=False)
        self.known = 0  # reactions
        self._standings: dict[Local, Standing] = {}
        self._locals: dict[Standing, Local] = {}
        self._letters: dict[Parcel, Letter] = {}
        self._alarms: dict[Hashable, Alarm] = {}
        self.opening = self._open(World.of(cast))
        self._hearing = {me for me, process in cast.processes.items() if process.hears(Disconnected)}

    def _open(self, world: World) -> Opening:
        """How every run begins."""
        remembered = {me: self.locals.find(me, machine, ()) for me, machine in world.machines.items()}
        decided = Chain.empty().plus(
            ((me, freeze_message(value)), Decision(me, value)) for me, value in world.decisions
        )
        return Opening(
            {me: self.standing(local) for me, local in remembered.items()},
            {me: Chain.empty() for me in remembered},
            decided,
            {me: Fsync(me) for me in remembered},
            tuple(self.setting(me, armed) for me, machine in world.machines.items() for armed in machine.timers),
            tuple(self.letter(self.locals.parcel(e.sender, e.to, e.message)) for e in world.network.flight),
            tuple(self.letter(self.locals.parcel(CLIENT, to, content)) for to, content in world.requests),
        )

    def react(self, before: Standing, event: Event) -> Reaction:
        """What this event makes of it. Raises local.Broken when a rule raises."""
        found = before.reactions.get(event)
        if found is None:
            found = before.reactions[event] = self._step(before, self._locals[before], event.choice, event.parcel)
        return found

    def crash(self, before: Standing, crash: Crash) -> Reaction:
        """The node loses all but the first `kept` records that are not written yet."""
        found = before.reactions.get(crash.kept)
        if found is None:
            whole = Crash(crash.node, crash.kept)  # a torn record is cut off at recovery: for the node there is none
            found = before.reactions[crash.kept] = self._step(before, self._locals[before], whole)
        return found

    def recover(self, before: Standing, journal: Chain) -> Reaction:
        """The node is switched on with this journal."""
        found = before.reactions.get(journal)
        if found is None:
            down = self.locals.find(before.me, Machine(None, Disk(Growing(journal.items))), ())
            found = self._step(before, down, Recover(before.me))._replace(written=())
            before.reactions[journal] = found
        return found

    def look_again(self) -> None:
        """The watches begin anew, and see other things: what was found out about nodes is as true as it was."""
        for standing in self._standings.values():
            standing.seen = self.lookout.seen(standing.me, standing.process)
        for standing in self._standings.values():
            for event, reaction in standing.reactions.items():
                shifts = self.lookout.shifts(standing.me, standing.seen, reaction.after.seen)
                standing.reactions[event] = reaction._replace(shifts=shifts)

    def _step(self, before: Standing, local: Local, choice: Choice, parcel: Parcel | None = None) -> Reaction:
        outcome = self.locals.step(local, choice, parcel)
        self.known += 1
        after = self.standing(outcome.local)
        return Reaction(
            after,
            tuple(map(self.letter, outcome.sent)),
            tuple(self.setting(before.me, armed) for armed in outcome.armed),
            tuple(before.alarms - after.alarms),
            after.unwritten > 0 and not before.unwritten,
            tuple((freeze_message(record), record) for record in outcome.local.machine.disk.records),
            self._told(before.me, outcome),
            self.lookout.shifts(before.me, before.seen, after.seen),
        )

    def _told(self, me: Address, outcome: Outcome) -> tuple[Item, ...]:
        return tuple(((me, freeze_message(value)), Decision(me, value)) for value in outcome.told)

    def standing(self, local: Local) -> Standing:
        """The one standing that this local state is, its disk put aside."""
        if len(local.machine.disk.records) or local.machine.disk.torn is not None:
            local = self.locals.find(local.me, replace(local.machine, disk=Disk()), ())
        found = self._standings.get(local)
        if found is None:
            alarms = frozenset(self.alarm(local.me, armed.timer) for armed in local.machine.timers)
            unwritten, seen = len(local.machine.unwritten), self.lookout.seen(local.me, local.process)
            found = self._standings[local] = Standing(local.me, local.process, unwritten, alarms, seen)
            self._locals[found] = local
        return found

    def letter(self, parcel: Parcel) -> Letter:
        """The one letter with this content, between these two."""
        found = self._letters.get(parcel)
        if found is None:
            found = self._letters[parcel] = (Request if parcel.is_request else Letter)(parcel)
        return found

    def notice(self, peer: Address, me: Address) -> Letter | None:
        """What tells `me` that its connection to `peer` is lost; None if it does not listen."""
        return self.letter(self.locals.parcel(peer, me, Disconnected(peer))) if me in self._hearing else None

    def alarm(self, me: Address, timer: Any) -> Alarm:
        """The one alarm for this timer of this node."""
        key = (me, freeze_message(timer))
        found = self._alarms.get(key)
        if found is None:
            found = self._alarms[key] = Alarm(me, timer)
        return found

    def setting(self, me: Address, armed: Armed) -> Setting:
        """A timer as it was set."""
        return self.alarm(me, armed.timer), armed.low, armed.high - armed.low
