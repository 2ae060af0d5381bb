"""A cluster: every role of a cast as an operating-system process of its own, on loopback, with a journal each.

It starts them, submits a client's requests, follows what they report, kills and restarts them, and leaves neither a
process nor a file behind. It waits for events and never for time.
"""

from __future__ import annotations

import queue
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from consensus_lab.kernel import Address, Cast, Decision
from consensus_lab.kernel.cast import cast_words
from consensus_lab.kernel.trace import MICROSECOND, write_parameters
from consensus_lab.lab.aftermath import Aftermath
from consensus_lab.lab.catalogue import refuse_unrepeatable
from consensus_lab.lab.role import Heard, Role
from consensus_lab.lab.role_main import network_of
from consensus_lab.net.caller import Caller
from consensus_lab.net.errors import NetError
from consensus_lab.net.events import Decided, Event, Up, from_line, sentence
from consensus_lab.net.journal import recorded
from consensus_lab.net.ports import Ports
from consensus_lab.sim import RuleFailed, World
from consensus_lab.sim.pickers import Seeded, steps_of

MOMENT = MICROSECOND // 2  # half a second of a calm world
PATIENCE = 30.0  # seconds: how long a role may take to do what it certainly will
Watch = Callable[[Event], None]


class ClusterError(NetError):
    """A role broke, or what was waited for did not happen in time: which, and what it said last."""


class Cluster:
    """The roles of one cast. A context manager: entering starts them, leaving stops them.

    `programs` replaces the program of an address (the words before ``--protocol``), for roles that are to misbehave.
    """

    def __init__(
        self,
        cast: Cast,
        *,
        data: Path | None = None,
        watch: Watch = lambda event: None,
        programs: Mapping[Address, Sequence[str]] | None = None,
    ) -> None:
        self.cast = cast
        self.events: list[Event] = []
        self.decisions: list[Decision] = []
        self._data = data
        self._watch = watch
        self._programs = programs or {}
        self._roles: dict[Address, Role] = {}
        self._callers: dict[Address, Caller] = {}
        self._doomed: set[Role] = set()  # whose end is expected
        self._listening: set[Role] = set()
        self._heard: Heard = queue.SimpleQueue()
        self._leaving = ExitStack()

    # -- on and off ------------------------------------------------------------------------------------------------

    def __enter__(self) -> Cluster:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start every role, and return when all listen."""
        if self._data is None:
            self._data = Path(self._leaving.enter_context(tempfile.TemporaryDirectory(prefix="consensus-lab-")))
        self._data.mkdir(parents=True, exist_ok=True)
        ports = self._leaving.enter_context(Ports(self.cast.addresses))
        self.network = network_of(self.cast, ports.numbers)
        for address in self.cast.addresses:
            self._launch(address)
        for address in self.cast.addresses:
            self._await_up(self._roles[address])

    def stop(self) -> None:
        """Halt, and remove what was only for this run."""
        self.halt()
        for caller in self._callers.values():
            caller.close()
        self._roles.clear()
        self._callers.clear()
        self._leaving.close()

    def halt(self) -> None:
        """Ask every role to stop in order, wait for it, and hear its last words. The journals are still there."""
        self._doomed |= set(self._roles.values())
        for role in self._roles.values():
            role.ask_to_stop()
        for role in self._roles.values():
            role.wait()
        while not self._heard.empty():
            self._hear(*self._heard.get())

    def aftermath(self) -> Aftermath:
        """Halt, and say what is left. Raises NetError for a journal that cannot be read."""
        self.halt()
        assert self._data is not None
        files = {address: self._data / f"{address}.journal" for address in self.cast.addresses}
        codec = self.network.codec
        journals = {address: recorded(file.read_bytes(), codec) for address, file in files.items() if file.exists()}
        return Aftermath(self.cast, tuple(self.decisions), journals)

    # -- what is done to it ----------------------------------------------------------------------------------------

    def submit(self, to: Address, request: Any) -> None:
        """A client's request. Raises NetError when the role cannot be reached."""
        if to not in self._callers:
            self._callers[to] = Caller(self.network, to, PATIENCE)
        self._callers[to].submit(request)

    def kill(self, address: Address) -> None:
        """kill -9: what it has not made durable is lost."""
        self._doomed.add(self._roles[address])
        self._roles[address].kill()
        self.await_end(address)

    def await_end(self, address: Address, timeout: float = PATIENCE) -> int:
        """Wait until this role ends by itself, and return its exit code (negative: the signal that ended it)."""
        role = self._roles[address]
        self._doomed.add(role)
        self.wait_for(lambda: not role.running, f"{address} ends", timeout)
        return role.wait()

    def restart(self, address: Address, *, program: Sequence[str] | None = None) -> None:
        """Switch a role on again with the journal that it left, and return when it listens."""
        if address in self._callers:
            self._callers.pop(address).close()
        self._programs = {**self._programs, address: program or default_program()}
        self._launch(address)
        self._await_up(self._roles[address])

    # -- what is seen of it ----------------------------------------------------------------------------------------

    def wait_for(self, happened: Callable[[], bool], what: str, timeout: float = PATIENCE) -> None:
        """Wait until this is true. Raises ClusterError when a role breaks first, or after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not happened():
            try:
                self._hear(*self._heard.get(timeout=max(0.0, deadline - time.monotonic())))
            except queue.Empty:
                last = f"; the last event: {self.events[-1].node} {sentence(self.events[-1])}" if self.events else ""
                raise ClusterError(f"waited {timeout:g} s in vain until {what}{last}") from None

    def _hear(self, role: Role, line: bytes | None) -> None:
        if line is None:
            code = role.wait()
            if role not in self._doomed:
                raise ClusterError(f"{role.address} ended with exit code {code}: {role.complaint()}")
            return
        event = from_line(line, self.network.codec)
        self.events.append(event)
        if isinstance(event, Up):
            self._listening.add(role)
        if isinstance(event, Decided):
            self.decisions.append(Decision(event.node, event.value))
        self._watch(event)

    # -- processes -------------------------------------------------------------------------------------------------

    def _launch(self, address: Address) -> None:
        assert self._data is not None
        words = {
            "--protocol": self.cast.protocol,
            "--cast": write_parameters(cast_words(self.cast.parameters)),
            "--me": address,
            "--ports": write_parameters((peer, str(port)) for peer, port in self.network.ports.items()),
            "--data": str(self._data),
        }
        program = self._programs.get(address, default_program())
        command = [*program, *(word for pair in words.items() for word in pair)]
        self._roles[address] = Role(address, command, self._data / f"{address}.log", self._heard)

    def _await_up(self, role: Role) -> None:
        self.wait_for(lambda: role in self._listening, f"{role.address} listens")


def default_program() -> tuple[str, ...]:
    """How a role is started: -P, for a queue.py that lies where the user stands is not what a role imports."""
    return (sys.executable, "-P", "-m", "consensus_lab.lab.role_main")


def run_on_tcp(
    cast: Cast,
    requests: Iterable[tuple[Address, Any]] | None = None,
    *,
    report: Callable[[str], None],
    timeout: float = PATIENCE,
) -> Aftermath:
    """Run a cast on real sockets, disks and processes until as much is decided as in a calm simulated world.

    `requests` are those of the cast unless given; `report` hears a line for every event. Raises ClusterError when a
    role breaks, when `timeout` seconds were not enough, and when nobody would ever decide; BadInput for a cast that no
    other process could cast again.
    """
    refuse_unrepeatable(cast)
    asked = cast.requests if requests is None else tuple(requests)
    expected = calm_decisions(replace(cast, requests=asked))
    if not expected:
        raise ClusterError("nobody decides anything, not even in a calm simulated world: there is nothing to wait for")
    with Cluster(cast, watch=lambda event: report(f"{event.node:<12} {sentence(event)}")) as cluster:
        for to, request in asked:
            cluster.submit(to, request)
        missing = "everybody has decided who decides in a calm world"
        cluster.wait_for(lambda: Counter(node for node, _ in cluster.decisions) >= expected, missing, timeout)
        return cluster.aftermath()


def calm_decisions(cast: Cast) -> Counter[Address]:
    """How often each node decides when nothing goes wrong. Raises ClusterError when a rule raises even then."""
    try:
        world, picker = World.of(cast), Seeded(0)
        for step in steps_of(world, picker, until=lambda world: _all_is_decided(world) and not _soon(world, picker)):
            world = step.world
    except RuleFailed as error:
        raise ClusterError(str(error)) from error
    return Counter(node for node, _ in world.decisions)


def _all_is_decided(world: World) -> bool:
    """At rest, what a client asked for is done. Where nobody asks, as in an election, rest may be part of the work."""
    everybody = {decision.node for decision in world.decisions} >= world.machines.keys()
    return world.at_rest and (everybody or bool(world.cast.requests))


def _soon(world: World, picker: Seeded) -> bool:
    """Whether it only rests for a moment, as an election does before its end."""
    pick = picker.pick(world)
    return pick is not None and (pick.at or world.now) < world.now + MOMENT
