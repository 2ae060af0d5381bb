"""A node: a process, and the memory it must not betray. Force before you speak.

Two counters carry law 2: how many records were written, up to the last one *forced*, and how many the disk is known to
hold. A message leaves only when every record forced earlier is durable; a barrier per step would not do, for an
acceptor answering a duplicate Prepare during the first fsync would leak a promise that a crash can take back.
A node performs no input or output: it says what is free to happen, and the simulated world or the real host does it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from consensus_lab.kernel.context import Context
from consensus_lab.kernel.effect import Append, Decide, Effect, Force, Send
from consensus_lab.kernel.message import Address
from consensus_lab.kernel.process import Process, Rule


class Node:
    """One process under law 2. `handle`, then `take_records`, then `durable`, in any interleaving that disks allow."""

    __slots__ = ("forced", "held", "me", "process", "rule", "synced", "unwritten", "written")

    def __init__(self, me: Address, process: Process) -> None:
        self.me = me
        self.process = process
        self.written = 0  # records asked for so far
        self.forced = 0  # ... up to and including the last forced one
        self.synced = 0  # ... known to be durable
        self.unwritten: tuple[Any, ...] = ()  # the journal's tail, not yet handed to the disk
        self.held: tuple[tuple[int, Effect], ...] = ()  # (records that must be durable, what waits for them)
        self.rule: Rule | None = None  # the rule that the last step ran

    def copy(self) -> Node:
        """A node that can step without this one noticing."""
        twin = Node.__new__(Node)
        for name in Node.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.process = self.process.clone()
        return twin

    def handle(self, sender: Address, message: Any, now: float = 0.0) -> tuple[tuple[Effect, ...], tuple[Effect, ...]]:
        """Run one step of the process. Returns (everything it asked for, what of it may happen at once).

        Whatever a rule raises passes through; the process may then be half-changed, so its caller must discard it.
        """
        ctx = Context(self.me, sender, now)
        self.rule = self.process.rule_for(message)
        self.process.receive(message, ctx)
        effects = ctx.effects
        return effects, tuple([effect for effect in effects if self._admit(effect)])

    def _admit(self, effect: Effect) -> bool:
        """Take note of one effect; say whether it is free to happen now."""
        if isinstance(effect, Force | Append):
            self.unwritten += (effect.record,)
            self.written += 1
            if isinstance(effect, Force):
                self.forced = self.written
        elif self.forced > self.synced and leaves_the_node(effect):
            self.held += ((self.forced, effect),)
            return False
        return True

    def take_records(self) -> tuple[Any, ...]:
        """The records the next fsync covers: hand them to the disk, in this order."""
        batch, self.unwritten = self.unwritten, ()
        return batch

    def durable(self, count: int) -> tuple[Effect, ...]:
        """The disk holds `count` more records: the effects that this sets free, in the order they were written."""
        self.synced += count
        free = tuple(effect for needed, effect in self.held if needed <= self.synced)
        self.held = tuple((needed, effect) for needed, effect in self.held if needed > self.synced)
        return free

    def recover(self, records: Iterable[Any]) -> None:
        """Replay the journal into a fresh process: everything in it is durable."""
        for record in records:
            self.process.restore(record)
            self.written += 1
        self.forced = self.synced = self.written


def leaves_the_node(effect: Effect) -> bool:
    """Whether somebody else may rely on it. Eager messages promise nothing that a crash could take back."""
    return isinstance(effect, Decide) or (isinstance(effect, Send) and not effect.eager)
