"""A draft: the next world while it is being written. Here effects of a step turn into envelopes, timers and records.

It refuses to know when any of them arrives, fires or reaches the disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from consensus_lab.kernel import (
    CLIENT,
    Address,
    CancelTimer,
    Decide,
    Decision,
    Disconnected,
    Effect,
    Links,
    Node,
    Send,
    SetTimer,
)
from consensus_lab.kernel.notation import render
from consensus_lab.kernel.trace import MICROSECOND
from consensus_lab.sim.choice import RuleFailed
from consensus_lab.sim.machine import Armed, Machine, microseconds
from consensus_lab.sim.network import Envelope

if TYPE_CHECKING:
    from consensus_lab.sim.world import World


PARTS = ("cast", "machines", "network", "requests", "decisions", "answers", "now", "serial", "faults", "timeouts")


class Draft:
    """Begins as the world it follows; ends as its successor's parts, with an account of the step."""

    def __init__(self, world: World, now: int) -> None:
        self.cast = world.cast
        self.machines = dict(world.machines)
        self.network = world.network
        self.requests = world.requests
        self.decisions = world.decisions
        self.answers = world.answers
        self.now = now
        self.steps = world.steps
        self.serial = world.serial
        self.faults = world.faults
        self.timeouts = world.timeouts
        self.rule = ""
        self.asked: tuple[Effect, ...] = ()
        self.held: tuple[Effect, ...] = ()
        self.freed: tuple[Effect, ...] = ()

    def parts(self) -> dict[str, Any]:
        """What the successor is made of, but for its step number."""
        return {name: getattr(self, name) for name in PARTS}

    def change(self, address: Address, **changes: Any) -> None:
        """Change one machine."""
        self.machines[address] = replace(self.machines[address], **changes)

    def number(self) -> int:
        """The next serial number."""
        self.serial += 1
        return self.serial

    # -- processes -------------------------------------------------------------------------------------------------

    def act(self, me: Address, sender: Address, message: Any) -> None:
        """Let the process of `me` handle a message, and do at once whatever of its effects is free."""
        before = self.machines[me].node
        assert before is not None, f"{me} is down"
        node = before.copy()
        asked, free = self._handle(node, sender, message)
        self.rule = node.rule.method if node.rule else "no rule"
        self.asked += asked
        fresh = tuple(effect for _, effect in node.held[len(before.held) :])
        self.held += fresh
        machine = self.machines[me]
        dirty = machine.dirty if before.unwritten else self.now
        self.change(me, node=node, dirty=dirty, held=machine.held + (machine.depth,) * len(fresh))
        self.perform(me, free, (machine.depth,) * len(free))

    def _handle(self, node: Node, sender: Address, message: Any) -> tuple[tuple[Effect, ...], tuple[Effect, ...]]:
        try:
            asked, free = node.handle(sender, message, self.now / MICROSECOND)
            for effect in asked:
                if isinstance(effect, Send):
                    self._refuse_stranger(effect.to)
        except (Exception, SystemExit) as error:  # a rule that leaves the program has failed like any other
            rule = node.rule.method if node.rule else "rule_for"
            raise RuleFailed(node.me, node.process, rule, render(message), error) from error
        return asked, free

    def _refuse_stranger(self, to: Address) -> None:
        if to not in self.machines and to != CLIENT:
            raise ValueError(f"it sends to {to!r}, who is neither {CLIENT!r} nor one of {', '.join(self.machines)}")

    def sync(self, me: Address) -> None:
        """The disk of `me` catches up: all its unwritten records are durable, and what waited for them is free."""
        machine = self.machines[me]
        assert machine.node is not None, f"{me} is down"
        node = machine.node.copy()
        records = node.take_records()
        self.freed = node.durable(len(records))
        disk = replace(machine.disk, records=machine.disk.records.plus(*records))
        free = len(self.freed)
        self.change(me, node=node, disk=disk, held=machine.held[free:])
        self.perform(me, self.freed, machine.held[:free])

    def perform(self, me: Address, effects: Iterable[Effect], depths: Iterable[int]) -> None:
        """Do what is free to happen, in the order written (law 1). `depths`: what had reached it when it asked."""
        for effect, depth in zip(effects, depths, strict=True):
            match effect:
                case Send(to, message, _):
                    self.send(me, to, message, depth + 1)
                case SetTimer(timer, low, high):
                    self.arm(me, timer, low, high)
                case CancelTimer(timer):
                    self.disarm(me, timer)
                case Decide(value):
                    self.decisions = self.decisions.plus(Decision(me, value))

    def arm(self, me: Address, timer: Any, low: float, high: float) -> None:
        self.disarm(me, timer)
        armed = Armed(self.number(), timer, microseconds(low), microseconds(high), self.now)
        self.change(me, timers=(*self.machines[me].timers, armed))

    def disarm(self, me: Address, timer: Any) -> None:
        running = self.machines[me].armed(timer)
        self.change(me, timers=tuple(armed for armed in self.machines[me].timers if armed is not running))

    # -- the network -----------------------------------------------------------------------------------------------

    def send(self, sender: Address, to: Address, message: Any, depth: int) -> None:
        """Put a message in flight; what is for the outside has arrived by leaving."""
        envelope = Envelope(self.number(), sender, to, message, self.now, self.steps, depth)
        if to not in self.machines:
            self.answers = self.answers.plus(envelope)
        elif not self._goes_nowhere(sender, to):
            self.network = self.network.plus(envelope)

    def _goes_nowhere(self, sender: Address, to: Address) -> bool:
        """On FIFO links: there is no connection to a node that is down, nor on one whose loss is still unknown here."""
        return self.network.links is Links.FIFO and (not self.machines[to].up or self.network.is_broken((sender, to)))

    def receive(self, envelope: Envelope) -> None:
        """An envelope arrives: its depth becomes part of what has reached that node."""
        self.network = self.network.minus(envelope)
        self.change(envelope.to, depth=max(self.machines[envelope.to].depth, envelope.depth))
        self.act(envelope.to, envelope.sender, envelope.message)

    def disconnect(self, a: Address, b: Address) -> None:
        """Lose the connection of a and b with all that is in flight on it; tell those of them who listen for it."""
        self.network = self.network.minus(*self.network.on((a, b)), *self.network.on((b, a)))
        for me, peer in ((a, b), (b, a)):
            machine: Machine = self.machines[me]
            if machine.node is not None and machine.node.process.hears(Disconnected):
                notice = Envelope(self.number(), peer, me, Disconnected(peer), self.now, self.steps, machine.depth)
                self.network = self.network.plus(notice)
