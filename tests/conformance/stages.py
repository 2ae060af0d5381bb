"""Two stages for the same cast: the simulated world under a seed, and hosts with real sockets and disks.

What a test may do on either is the same, and so is what it may see.
"""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from consensus_lab.kernel import CLIENT, Cast, Process
from consensus_lab.kernel.notation import Vocabulary
from consensus_lab.net.codec import Codec
from consensus_lab.net.errors import JournalFailedError, NodeFailedError
from consensus_lab.net.events import Answered, Connected, Decided, Event, Ran
from consensus_lab.net.host import Host
from consensus_lab.net.journal import Journal, recorded
from consensus_lab.net.ports import Ports
from consensus_lab.net.tcp_bus import Network, TcpBus
from consensus_lab.sim import Choice, Crash, Recover, Reset, Submit, Sync, World
from consensus_lab.sim.pickers import Due, Seeded

GENEROUS = 30.0  # seconds: nothing here takes a second, unless it never happens
MOST_STEPS = 10_000
HEARD = ("message", "timer", "request")  # where a choice keeps what its node hears


class Stage(ABC):
    """A cast in performance."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.decisions: list[tuple[str, Any]] = []  # (who, what)
        self.answers: list[tuple[str, Any]] = []  # (who, what it told the client)
        self.ran: list[tuple[str, Any, str]] = []  # (who, upon what, by which rule: "" when it has none)

    @abstractmethod
    def submit(self, to: str, request: Any) -> None:
        """A client's request."""

    @abstractmethod
    def until(self, happened: Callable[[], bool]) -> None:
        """Let things happen until this is true; fail if it never is."""

    @abstractmethod
    def process(self, address: str) -> Any: ...

    @abstractmethod
    def journal(self, address: str) -> tuple[Any, ...]:
        """What is durable."""

    @abstractmethod
    def hold_disk(self, address: str) -> None:
        """From now on no fsync of this node comes to an end."""

    @abstractmethod
    def release_disk(self, address: str) -> None: ...

    @abstractmethod
    def crash(self, address: str) -> None:
        """The power fails: what a held disk had not finished is lost."""

    @abstractmethod
    def restart(self, address: str) -> None: ...

    @abstractmethod
    def reset(self, one: str, other: str) -> None:
        """The connection between these two is lost."""

    @abstractmethod
    def close(self) -> None: ...


# -- the simulated world -----------------------------------------------------------------------------------------------


class Reluctant(Seeded):
    """Picks as the seed says, but for disks that are held and for nodes that stay down until the test restarts them."""

    held: frozenset[str] = frozenset()

    def _due(self, world: World) -> Iterator[Due]:
        return (due for due in super()._due(world) if not self._barred(due[2]))

    def _barred(self, choice: Choice) -> bool:
        return isinstance(choice, Recover) or (isinstance(choice, Sync) and choice.node in self.held)


class Simulated(Stage):
    def __init__(self, cast: Cast, seed: int) -> None:
        super().__init__(cast)
        self.world = World.of(cast)
        self.picker = Reluctant(seed)

    def submit(self, to: str, request: Any) -> None:
        self._take(Submit(to, request))

    def until(self, happened: Callable[[], bool]) -> None:
        for _ in range(MOST_STEPS):
            if happened():
                return
            pick = self.picker.pick(self.world)
            assert pick is not None, "nothing more happens here"
            self._take(pick.choice, pick.at)
        raise AssertionError(f"it did not happen in {MOST_STEPS} steps")

    def process(self, address: str) -> Process:
        return self.world.processes[address]

    def journal(self, address: str) -> tuple[Any, ...]:
        return self.world.journal(address)

    def hold_disk(self, address: str) -> None:
        self.picker.held |= {address}

    def release_disk(self, address: str) -> None:
        self.picker.held -= {address}

    def crash(self, address: str) -> None:
        self._take(Crash(address))

    def restart(self, address: str) -> None:
        self.release_disk(address)
        self._take(Recover(address))

    def reset(self, one: str, other: str) -> None:
        self._take(Reset(one, other))

    def close(self) -> None:
        pass

    def _take(self, choice: Choice, at: int | None = None) -> None:
        step = self.world.step(choice, at)
        self.world = step.world
        self.decisions[:] = self.world.decisions
        self.answers[:] = [(sent.sender, sent.message) for sent in self.world.answers]
        if step.rule:
            upon = next((getattr(choice, name) for name in HEARD if hasattr(choice, name)), None)
            self.ran.append((choice.actor, upon, step.rule.removeprefix("no rule")))


# -- real sockets and disks --------------------------------------------------------------------------------------------


class HeldJournal(Journal):
    """A journal whose fsync can be kept from ending, and from then on be cut short by a power failure."""

    def __init__(self, path: Path, codec: Codec) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.power = True
        super().__init__(path, codec)

    def commit(self, records: Sequence[Any]) -> None:
        assert self.gate.wait(GENEROUS)
        if not self.power:
            raise JournalFailedError(self.path, "the power failed")
        super().commit(records)


class OnTcp(Stage):
    """All hosts share one event loop, which runs only while the test waits."""

    def __init__(self, cast: Cast, words: Vocabulary, folder: Path) -> None:
        super().__init__(cast)
        self.folder = folder
        self.codec = Codec(words)
        self.ports = Ports(cast.addresses)
        self.network = Network(cast.protocol, cast.links, self.codec, self.ports.numbers)
        self.hosts: dict[str, Host] = {}
        self.disks: dict[str, HeldJournal] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.connected: set[tuple[str, str]] = set()
        self.runner = asyncio.Runner()
        self.changed = asyncio.Event()
        self.runner.run(self._start(*cast.addresses))

    async def _start(self, *addresses: str) -> None:
        for address in addresses:
            disk = HeldJournal(self.folder / address, self.codec)
            bus = TcpBus(address, self.network, report=self._report, share_port=True)
            host = Host(address, self.cast.fresh(address), bus, disk, self._report)
            self.disks[address], self.hosts[address] = disk, host
            self.tasks[address] = asyncio.create_task(host.run())

    def _report(self, event: Event) -> None:
        match event:
            case Decided(node, value):
                self.decisions.append((node, value))
            case Answered(node, to, message):
                assert to == CLIENT
                self.answers.append((node, message))
            case Ran(node, _, message, rule):
                self.ran.append((node, message, rule))
            case Connected(node, peer):
                self.connected.add((node, peer))
        self.changed.set()

    def submit(self, to: str, request: Any) -> None:
        self.hosts[to].deliver(CLIENT, self.codec.decode(self.codec.encode(request)))

    def until(self, happened: Callable[[], bool]) -> None:
        self.runner.run(self._until(happened))

    async def _until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(GENEROUS):
            while not happened():
                self.changed.clear()
                await self.changed.wait()

    def process(self, address: str) -> Process:
        return self.hosts[address].node.process

    def journal(self, address: str) -> tuple[Any, ...]:
        return recorded((self.folder / address).read_bytes(), self.codec)

    def hold_disk(self, address: str) -> None:
        self.disks[address].gate.clear()

    def release_disk(self, address: str) -> None:
        self.disks[address].gate.set()

    def crash(self, address: str) -> None:
        self.disks[address].power = False
        self.release_disk(address)
        self.runner.run(self._end(address))

    async def _end(self, address: str) -> None:
        self.hosts[address].stop()
        with suppress(NodeFailedError):
            await self.tasks[address]

    def restart(self, address: str) -> None:
        self.runner.run(self._start(address))

    def reset(self, one: str, other: str) -> None:
        connection = self.hosts[one].bus.links[other].connection
        assert connection is not None
        connection.transport.abort()

    def close(self) -> None:
        for address in self.hosts:
            self.release_disk(address)
            self.runner.run(self._end(address))
        self.runner.close()
        self.ports.close()
