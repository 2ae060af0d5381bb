"""In place: nodes that change as they run, for protocols whose states hardly ever repeat. Nothing is remembered.

To look a reaction up is many times as fast as to find it out; to find it out so that it can be looked up (a copy, all
of it compared by value) takes some times as long as to let it happen. So a campaign that meets something new too
often goes on here. What a run sees of either is the same (see `reflexes`), and so are its choices.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from consensus_lab.check.freeze import freeze_message
from consensus_lab.check.fuzz.chains import Chain, Item
from consensus_lab.check.fuzz.events import Alarm, Event, Fsync, Letter, Request
from consensus_lab.check.fuzz.reflexes import Opening, Reaction, Setting, Standing
from consensus_lab.check.fuzz.watching import Lookout
from consensus_lab.check.local import Broken, Parcel
from consensus_lab.kernel import (
    CLIENT,
    Address,
    CancelTimer,
    Cast,
    Decide,
    Decision,
    Disconnected,
    Effect,
    Node,
    Recovered,
    Send,
    SetTimer,
)
from consensus_lab.kernel.notation import render
from consensus_lab.sim import Choice, Crash, Recover, RuleFailed, World
from consensus_lab.sim.growing import Growing
from consensus_lab.sim.machine import booted, microseconds


class InPlace:
    """The nodes of the run that was opened last."""

    known = 0  # it keeps no reactions

    def __init__(self, cast: Cast, lookout: Lookout) -> None:
        self.cast = cast
        self.lookout = lookout
        lookout.keeps = False  # what is derived from a process may be part of it, which changes
        self._first = World.of(cast)
        self._nodes: dict[Address, Node] = {}
        self._alarms: dict[Hashable, Alarm] = {}
        self._hearing = {me for me, process in cast.processes.items() if process.hears(Disconnected)}

    @property
    def opening(self) -> Opening:
        """A new beginning, with nodes of its own."""
        world = self._first
        self._nodes = {me: machine.node.copy() for me, machine in world.machines.items() if machine.node}
        settings = [
            (self._alarm(me, armed.timer), armed.low, armed.high - armed.low)
            for me, machine in world.machines.items()
            for armed in machine.timers
        ]
        return Opening(
            {me: self._standing(me, {alarm for alarm, _, _ in settings if alarm.me == me}) for me in world.machines},
            {me: Chain.empty() for me in world.machines},
            Chain.empty().plus(_told(me, value) for me, value in world.decisions),
            {me: Fsync(me) for me in world.machines},
            tuple(settings),
            tuple(Letter(Parcel(e.sender, e.to, e.message)) for e in world.network.flight),
            tuple(Request(Parcel(CLIENT, to, content)) for to, content in world.requests),
        )

    def _standing(self, me: Address, alarms: Iterable[Alarm]) -> Standing:
        node = self._nodes[me]
        seen = self.lookout.seen(me, node.process)
        return Standing(me, node.process, len(node.unwritten), frozenset(alarms), seen)

    def _alarm(self, me: Address, timer: Any) -> Alarm:
        return self._alarms.setdefault((me, freeze_message(timer)), Alarm(me, timer))

    def notice(self, peer: Address, me: Address) -> Letter | None:
        """What tells `me` that its connection to `peer` is lost; None if it does not listen."""
        return Letter(Parcel(peer, me, Disconnected(peer))) if me in self._hearing else None

    def look_again(self) -> None:
        """There is nothing to look at again: the next run begins with new nodes."""

    # -- what events do -----------------------------------------------------------------------------------------------

    def react(self, before: Standing, event: Event) -> Reaction:
        """It happens. Raises local.Broken when a rule raises."""
        node = self._nodes[before.me]
        if isinstance(event, Fsync):
            records = node.take_records()
            return self._reaction(before, node.durable(len(records)), records)
        if isinstance(event, Alarm):
            before.alarms -= {event}
            return self._reaction(before, self._handle(node, before.me, event.timer, event.choice))
        assert event.parcel is not None, "what is neither a disk nor a timer is a message"
        return self._reaction(before, self._handle(node, event.parcel.sender, event.parcel.message, event.choice))

    def _handle(self, node: Node, sender: Address, message: Any, choice: Choice) -> tuple[Effect, ...]:
        try:
            asked, free = node.handle(sender, message)
            for effect in asked:
                if isinstance(effect, Send) and effect.to not in self._first.machines and effect.to != CLIENT:
                    raise ValueError(f"it sends to {effect.to!r}, who is nobody here")
        except Exception as error:
            rule = node.rule.method if node.rule else "rule_for"
            raise Broken(choice, RuleFailed(node.me, node.process, rule, render(message), error)) from error
        return free

    def crash(self, before: Standing, crash: Crash) -> Reaction:
        """The node is gone, and with it all but the first records that are not written yet."""
        node = self._nodes.pop(before.me)
        return self._reaction(before, (), node.unwritten[: crash.kept])

    def recover(self, before: Standing, journal: Chain) -> Reaction:
        """A new node, with this journal."""
        choice = Recover(before.me)
        try:
            node = booted(before.me, self.cast.fresh(before.me), Growing(journal.items))
        except RuleFailed as failure:
            raise Broken(choice, failure) from failure
        self._nodes[before.me] = node
        free = self._handle(node, before.me, Recovered(), choice) if node.process.hears(Recovered) else ()
        return self._reaction(before, free)

    # -- and what comes of them ---------------------------------------------------------------------------------------

    def _reaction(self, node: Standing, free: Iterable[Effect], records: Iterable[Any] = ()) -> Reaction:
        sent: list[Letter] = []
        told: list[Item] = []
        running: dict[Alarm, Setting | None] = dict.fromkeys(node.alarms)
        for effect in free:
            match effect:
                case Send(to, message, _) if to != CLIENT:
                    sent.append(Letter(Parcel(node.me, to, message)))
                case SetTimer(timer, low, high):
                    alarm = self._alarm(node.me, timer)
                    running[alarm] = (alarm, microseconds(low), microseconds(high) - microseconds(low))
                case CancelTimer(timer):
                    running.pop(self._alarm(node.me, timer), None)
                case Decide(value):
                    told.append(_told(node.me, value))
        if node.me not in self._nodes:
            running.clear()
        stopped = tuple(node.alarms - running.keys())
        settings = tuple(setting for setting in running.values() if setting)
        writes, shifts = self._move(node, frozenset(running))
        written = tuple((freeze_message(record), record) for record in records)
        return Reaction(node, tuple(sent), settings, stopped, writes, written, tuple(told), shifts)

    def _move(self, node: Standing, alarms: frozenset[Alarm]) -> tuple[bool, tuple[tuple[int, int], ...]]:
        """The standing becomes what its node is by now: whether its disk has something to do, and what watches see."""
        now = self._nodes.get(node.me)
        before, wrote = node.seen, node.unwritten
        process = now.process if now else None
        if process is not node.process:
            node.process, node.twin = process, None
        node.unwritten, node.alarms = len(now.unwritten) if now else 0, alarms
        node.seen = self.lookout.seen(node.me, process)
        return node.unwritten > 0 and not wrote, self.lookout.shifts(node.me, before, node.seen)


def _told(me: Address, value: Any) -> Item:
    return (me, freeze_message(value)), Decision(me, value)
