"""What happens by itself: messages arrive, timers fire, disks catch up, clients submit. No faults here.

When each of them happens is not known here: that is the picker's choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from consensus_lab.kernel import CLIENT, Address, Links
from consensus_lab.kernel.notation import render
from consensus_lab.sim.choice import Choice

if TYPE_CHECKING:
    from consensus_lab.sim.draft import Draft
    from consensus_lab.sim.network import Envelope
    from consensus_lab.sim.world import World


@dataclass(frozen=True, slots=True)
class OfEnvelope(Choice):
    """A choice about one message: the oldest in flight with these three."""

    sender: Address
    to: Address
    message: Any

    def __str__(self) -> str:
        return f"{self.verb} {self.sender} -> {self.to} {render(self.message)}"

    @property
    def actor(self) -> Address:
        return self.to

    def envelope(self, world: World | Draft) -> Envelope:
        """What it is about. To be asked only when there is no refusal."""
        found = world.network.find(self.sender, self.to, self.message)
        assert found is not None, f"nothing in flight for {self}"
        return found

    def refusal(self, world: World) -> str | None:
        found = world.network.find(self.sender, self.to, self.message)
        return None if found else "no such message is in flight"


@dataclass(frozen=True, slots=True)
class Deliver(OfEnvelope):
    """A message arrives."""

    verb: ClassVar[str] = "deliver"

    def refusal(self, world: World) -> str | None:
        found = world.network.find(self.sender, self.to, self.message)
        if found is None:
            return OfEnvelope.refusal(self, world)
        if world.network.is_cut(found.link):
            return f"the link {self.sender} -> {self.to} is cut"
        if not world.network.is_next(found):
            return f"an older message from {self.sender} to {self.to} comes first (FIFO link)"
        return down_or_paused(world, self.to)

    def perform(self, draft: Draft) -> None:
        draft.receive(self.envelope(draft))


@dataclass(frozen=True, slots=True)
class Fire(Choice):
    """A timer fires: the node hears the message that it had set for its later self."""

    verb: ClassVar[str] = "fire"
    node: Address
    timer: Any

    def __str__(self) -> str:
        return f"{self.verb} {self.node} {render(self.timer)}"

    @property
    def actor(self) -> Address:
        return self.node

    def earliest(self, world: World) -> int:
        armed = world.machines[self.node].armed(self.timer)
        return armed.since + armed.low if armed else world.now

    def refusal(self, world: World) -> str | None:
        return not_running(world, self.node) or (
            None if world.machines[self.node].armed(self.timer) else "no such timer is running"
        )

    def perform(self, draft: Draft) -> None:
        draft.timeouts += 1
        draft.disarm(self.node, self.timer)
        draft.act(self.node, self.node, self.timer)


@dataclass(frozen=True, slots=True)
class Sync(Choice):
    """The disk catches up with the node: one fsync, which covers every record written before it."""

    verb: ClassVar[str] = "sync"
    node: Address

    def __str__(self) -> str:
        return f"{self.verb} {self.node}"

    @property
    def actor(self) -> Address:
        return self.node

    def refusal(self, world: World) -> str | None:
        return not_running(world, self.node) or (
            None if world.machines[self.node].unwritten else "it has written nothing that is not durable yet"
        )

    def perform(self, draft: Draft) -> None:
        draft.sync(self.node)


@dataclass(frozen=True, slots=True)
class Submit(Choice):
    """The client submits a request, which reaches its node at once."""

    verb: ClassVar[str] = "submit"
    to: Address
    request: Any

    def __str__(self) -> str:
        return f"{self.verb} {self.to} {render(self.request)}"

    @property
    def actor(self) -> Address:
        return self.to

    def refusal(self, world: World) -> str | None:
        return not_running(world, self.to)

    def perform(self, draft: Draft) -> None:
        wanted = (self.to, self.request)
        if wanted in draft.requests:
            index = draft.requests.index(wanted)
            draft.requests = draft.requests[:index] + draft.requests[index + 1 :]
        draft.act(self.to, CLIENT, self.request)


def not_running(world: World, node: Address) -> str | None:
    """Why this node cannot act: it is unknown, down or paused."""
    if node not in world.machines:
        return f"there is no node {node}; here are {', '.join(world.machines)}"
    return down_or_paused(world, node)


def down_or_paused(world: World, node: Address) -> str | None:
    machine = world.machines[node]
    return None if machine.running else f"{node} is {'paused' if machine.up else 'down'}"


def distinct(flight: Iterable[Envelope]) -> Iterator[Envelope]:
    """The oldest of each kind of envelope: who, to whom, and what it reads like."""
    seen = set()
    for envelope in flight:
        reads = (envelope.link, render(envelope.message))
        if reads not in seen:
            seen.add(reads)
            yield envelope


def every_move(world: World) -> Iterator[Choice]:
    """Every move that is possible, each once: deliveries oldest first, then disks, timers and requests."""
    network, machines = world.network, world.machines
    heads = set()
    for envelope in distinct(network.flight):
        blocked = envelope.link in heads and network.links is Links.FIFO
        heads.add(envelope.link)
        if not blocked and machines[envelope.to].running and not network.is_cut(envelope.link):
            yield Deliver(envelope.sender, envelope.to, envelope.message)
    running = [(address, machine) for address, machine in machines.items() if machine.running]
    yield from (Sync(address) for address, machine in running if machine.unwritten)
    yield from (Fire(address, armed.timer) for address, machine in running for armed in machine.timers)
    yield from (Submit(to, request) for to, request in dict.fromkeys(world.requests) if machines[to].running)
