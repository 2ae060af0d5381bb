"""What may come due in a seeded run: a message, a request, a timer, a disk; one object each, however often it happens.

An event knows which choice of a World it is, and how a run goes about it. When it comes due is not known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from consensus_lab.check.local import Parcel
from consensus_lab.kernel import Address
from consensus_lab.sim import Choice, Fire, Sync

if TYPE_CHECKING:
    from typing import Any

    from consensus_lab.check.fuzz.run import Run


class Event(Protocol):
    """Something that happens to one node."""

    choice: Choice
    parcel: Parcel | None  # what it brings to the node, if it is a message

    def happen(self, run: Run, number: int) -> None:
        """It is due in this run, where it was put down under this number."""
        ...


class Letter:
    """A message on its way. On a connection, the one that is due is whichever is next on its link."""

    __slots__ = ("choice", "link", "parcel", "sender", "to")

    def __init__(self, parcel: Parcel) -> None:
        self.parcel: Parcel | None = parcel
        self.choice: Choice = parcel.arrival
        self.sender = parcel.sender
        self.to = parcel.to
        self.link = parcel.link

    def happen(self, run: Run, number: int) -> None:
        """It arrives, if its network lets it."""
        run.network.arrive(self)


class Request(Letter):
    """What a client wants: it waits for its node to be up and running."""

    __slots__ = ()

    def happen(self, run: Run, number: int) -> None:
        """It is submitted."""
        if self.to in run.absent:
            run.wait(self.to, number, self)
        else:
            run.pending -= 1
            run.take(self.to, self)


class Alarm:
    """A timer of a node. Set anew, or stopped, it is not due under its old number."""

    __slots__ = ("choice", "me", "parcel", "timer")

    def __init__(self, me: Address, timer: Any) -> None:
        self.me = me
        self.timer = timer
        self.choice: Choice = Fire(me, timer)
        self.parcel: Parcel | None = None

    def happen(self, run: Run, number: int) -> None:
        """It rings, if it is still running."""
        if run.running.get(self) != number:
            return
        if self.me in run.absent:
            run.wait(self.me, number, self)
        else:
            del run.running[self]
            run.time_out()
            run.take(self.me, self)


class Fsync:
    """The disk of a node catches up, if there is anything to catch up with."""

    __slots__ = ("choice", "me", "parcel")

    def __init__(self, me: Address) -> None:
        self.me = me
        self.choice: Choice = Sync(me)
        self.parcel: Parcel | None = None

    def happen(self, run: Run, number: int) -> None:
        """All that was written until now is durable."""
        if self.me in run.absent:
            run.wait(self.me, number, self)
        elif run.standings[self.me].unwritten:
            run.take(self.me, self)
