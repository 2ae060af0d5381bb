"""The host: runs one kernel Node on a real network, a real disk and a real clock. It refuses to know any protocol.

What has arrived is handled in one go; what of it is free leaves in one write a link; what it wrote goes to the disk as
one batch, in a thread of its own, and while that fsync works the next batch gathers (group commit). A rule that raises
or a disk that fails stops the node: after a broken promise nothing it says could be trusted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from consensus_lab.kernel import (
    Address,
    CancelTimer,
    Decide,
    Disconnected,
    Effect,
    Node,
    Note,
    Process,
    Recovered,
    Send,
    SetTimer,
    Start,
)
from consensus_lab.kernel import bus as ports
from consensus_lab.kernel.failure import describe_failure
from consensus_lab.kernel.notation import render
from consensus_lab.net.clock import LoopClock, Ring
from consensus_lab.net.errors import NetError, NodeFailedError
from consensus_lab.net.events import Answered, Decided, Noted, Ran, Report, Stopped, Up, silent
from consensus_lab.net.tcp_bus import TcpBus


class Disk(ports.Journal, Protocol):
    """What a host needs of a journal, already opened, beside that it commits."""

    @property
    def records(self) -> tuple[Any, ...]: ...
    @property
    def existed(self) -> bool: ...
    @property
    def cut(self) -> int: ...
    def close(self) -> None: ...


class Host:
    """One node, from when it is switched on until it stops. `report` hears what happens, after it happened."""

    def __init__(self, me: Address, process: Process, bus: TcpBus, journal: Disk, report: Report = silent) -> None:
        self.me = me
        self.node = Node(me, process)
        self.bus = bus
        self.journal = journal
        self._report = report
        self._clock = LoopClock(self._enqueue)
        self._inbox: list[tuple[Address, Any] | Ring] = []
        self._handling: Any = None
        self._turn_is_due = True  # none before the node is up
        self._stopping = False
        self._writer = ThreadPoolExecutor(1, f"journal of {me}")
        self._writing: asyncio.Future[None] | None = None

    # -- on and off ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Be this node until `stop` is called. Raises NodeFailedError, with a sentence, when it broke.

        Either way nothing is left behind: no socket, no timer, no thread, no lock.
        """
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        reason = ""
        try:
            self._recover()
            await self.bus.open(self)
            self._boot()
            await self._ended
        except NetError as error:
            reason = str(error)
            raise
        finally:
            await self._leave()
            self._report(Stopped(self.me, reason))

    def stop(self) -> None:
        """Stop in order: what was handled is made durable, and what that sets free is sent."""
        self._stopping = True
        self._end_when_written()

    def _recover(self) -> None:
        try:
            self.node.recover(self.journal.records)
        except Exception as error:
            told = describe_failure(self.node.process, "restore", "a record", error)
            raise NodeFailedError(f"{self.me} cannot replay its journal: {told}") from error

    def _boot(self) -> None:
        self._report(Up(self.me, self.journal.existed, len(self.journal.records), self.journal.cut))
        began = Recovered() if self.journal.existed else Start()
        if self.node.process.hears(type(began)):
            self._inbox.insert(0, (self.me, began))  # before anything that a peer was quick enough to send
        self._loop.call_soon(self._turn)

    async def _leave(self) -> None:
        self._clock.stop()
        self._inbox.clear()
        await self.bus.close()
        self._writer.shutdown()
        self.journal.close()

    def _end_when_written(self) -> None:
        if self._ended.done() or self._writing is not None:
            return
        if self.node.unwritten:
            self._write()
        else:
            self._ended.set_result(None)

    def _fail(self, sentence: str, error: BaseException) -> None:
        """Stop at once: nothing more is handled, written or sent."""
        self._stopping = True
        self.bus.abort()
        if not self._ended.done():
            failure = NodeFailedError(f"{self.me} stops: {sentence}")
            failure.__cause__ = error
            self._ended.set_exception(failure)

    # -- what arrives ----------------------------------------------------------------------------------------------

    def deliver(self, sender: Address, message: Any) -> None:
        """A message has arrived: it is handled in the next turn."""
        self._enqueue((sender, message))

    def disconnected(self, peer: Address) -> None:
        """A FIFO connection is lost: the process is told, if it has a rule for that."""
        if self.node.process.hears(Disconnected):
            self.deliver(peer, Disconnected(peer))
        else:
            self.bus.told(peer)

    def _enqueue(self, item: tuple[Address, Any] | Ring) -> None:
        if self._stopping:
            return
        self._inbox.append(item)
        if not self._turn_is_due:
            self._turn_is_due = True
            self._loop.call_soon(self._turn)

    def _turn(self) -> None:
        """Handle all that is due or has arrived; send what is free; write what is to be kept."""
        if self._stopping:
            return
        self._turn_is_due = False
        inbox, self._inbox = self._inbox, []
        try:
            for item in (*self._clock.overdue(), *inbox):
                self._take(item)
        except Exception as error:
            self._fail(self._what_failed(error), error)
            return
        self.bus.flush()
        if self.node.unwritten and self._writing is None:
            self._write()

    def _take(self, item: tuple[Address, Any] | Ring) -> None:
        if isinstance(item, tuple):
            self._step(*item)
        elif self._clock.take(item):
            self._step(self.me, item.timer)

    def _step(self, sender: Address, message: Any) -> None:
        self._handling = message
        if type(message) is Disconnected:
            self.bus.told(message.peer)
        _, free = self.node.handle(sender, message, self._loop.time())
        if self._report is not silent:
            rule = self.node.rule
            self._report(Ran(self.me, sender, message, rule.method if rule else ""))
        self._perform(free)

    def _what_failed(self, error: Exception) -> str:
        rule = self.node.rule.method if self.node.rule else "rule_for"
        return describe_failure(self.node.process, rule, render(self._handling), error)

    # -- what is done ----------------------------------------------------------------------------------------------

    def _perform(self, effects: Iterable[Effect]) -> None:
        """Do what is free to happen, in the order written (law 1)."""
        for effect in effects:
            if type(effect) is Send:  # nearly all of them are
                self._send(effect.to, effect.message)
                continue
            match effect:
                case SetTimer(timer, low, high):
                    self._clock.arm(self.me, timer, low, high)
                case CancelTimer(timer):
                    self._clock.disarm(timer)
                case Decide(value):
                    self._report(Decided(self.me, value))
                case Note(text):
                    self._report(Noted(self.me, text))

    def _send(self, to: Address, message: Any) -> None:
        if to == self.me:
            self.deliver(self.me, message)
            return
        if to not in self.bus.network.ports:
            self._report(Answered(self.me, to, message))
        if to in self.bus.links:
            self.bus.send(self.me, to, message)

    # -- the disk --------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        batch = self.node.take_records()
        self._writing = self._loop.run_in_executor(self._writer, self.journal.commit, batch)
        self._writing.add_done_callback(lambda done: self._written(len(batch), done.exception()))

    def _written(self, count: int, error: BaseException | None) -> None:
        """One fsync is over: say what waited for it, and begin the next if more was written meanwhile."""
        self._writing = None
        if self._ended.done():
            return
        if error is not None:
            self._fail(str(error), error)
            return
        try:
            self._perform(self.node.durable(count))
        except NetError as unsendable:
            self._fail(str(unsendable), unsendable)
            return
        self.bus.flush()
        if self._stopping:
            self._end_when_written()
        elif self.node.unwritten:
            self._write()
