"""A machine: what a node runs on. Its disk survives a crash; its node, its timers and its unwritten records do not.

It refuses to know the other machines and the network between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from consensus_lab.kernel import Address, Node, Process, message
from consensus_lab.kernel.notation import alike, render
from consensus_lab.kernel.trace import MICROSECOND
from consensus_lab.sim.choice import RuleFailed
from consensus_lab.sim.growing import Growing


@message
class Armed:
    """A running timer. The world draws when it fires from [low, high], in microseconds after `since`."""

    serial: int  # shares the envelopes' count
    timer: Any
    low: int
    high: int
    since: int


@dataclass(frozen=True, slots=True)
class Disk:
    """Durable records, and perhaps one that was torn: half written when the power failed, so cut off at recovery."""

    records: Growing[Any] = Growing()  # noqa: RUF009 - a value that only looks mutable
    torn: Any = None


@dataclass(frozen=True, slots=True)
class Machine:
    """One node's place in the world. `node` is None while it is down."""

    node: Node | None
    disk: Disk = Disk()
    timers: tuple[Armed, ...] = ()
    paused: bool = False
    since: int = 0  # microseconds: when it last crashed, recovered, was paused or resumed
    dirty: int = 0  # microseconds: since when its oldest unwritten record waits
    depth: int = 0  # the longest chain of messages that has reached it
    held: tuple[int, ...] = ()  # the depth that each effect held by the node will leave with

    @property
    def up(self) -> bool:
        return self.node is not None

    @property
    def running(self) -> bool:
        """Up and not paused: able to act."""
        return self.node is not None and not self.paused

    @property
    def unwritten(self) -> tuple[Any, ...]:
        """Records that a crash now would lose."""
        return self.node.unwritten if self.node else ()

    def armed(self, timer: Any) -> Armed | None:
        """The running timer equal to this one."""
        return next((a for a in self.timers if alike(a.timer, timer)), None)


def microseconds(duration: float) -> int:
    """Seconds as the whole microseconds in which virtual time is counted."""
    return round(duration * MICROSECOND)


def booted(me: Address, process: Process, records: Growing[Any]) -> Node:
    """A node that was switched on with this journal. Raises RuleFailed when its process cannot replay a record."""
    node = Node(me, process)
    for record in records:
        try:
            node.recover((record,))
        except (Exception, SystemExit) as error:
            raise RuleFailed(me, process, "restore", render(record), error) from error
    return node
