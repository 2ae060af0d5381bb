"""What somebody does to the world: lose, repeat and put off messages; crash, recover, pause and resume nodes; cut,
heal, partition and reset links. The mending half of each pair is here too, but is no fault. How often any of it strikes
is not known here: see `conditions`."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from itertools import combinations, permutations
from typing import TYPE_CHECKING, ClassVar

from consensus_lab.kernel import Address, Links, Recovered
from consensus_lab.sim.choice import Choice
from consensus_lab.sim.machine import Disk, Machine, booted
from consensus_lab.sim.moves import OfEnvelope, distinct, not_running

if TYPE_CHECKING:
    from consensus_lab.sim.draft import Draft
    from consensus_lab.sim.world import World

MOST_SPLIT = 6
"""Up to this many nodes, `every_fault` offers each partition into two sets; larger ones can still be asked for."""


class _Mishap(OfEnvelope):
    """What may befall one message, but not on a connection: that delivers each message once and in order."""

    __slots__ = ()
    fault: ClassVar[bool] = True

    def refusal(self, world: World) -> str | None:
        if world.network.links is Links.FIFO:
            return "a FIFO link delivers each message once and in order: cut or reset it instead"
        return OfEnvelope.refusal(self, world)


@dataclass(frozen=True, slots=True)
class Drop(_Mishap):
    """The message is lost."""

    verb: ClassVar[str] = "drop"

    def perform(self, draft: Draft) -> None:
        draft.faults += 1
        draft.network = draft.network.minus(self.envelope(draft))


@dataclass(frozen=True, slots=True)
class Duplicate(_Mishap):
    """The message will arrive once more."""

    verb: ClassVar[str] = "duplicate"

    def perform(self, draft: Draft) -> None:
        draft.faults += 1
        twin = replace(self.envelope(draft), serial=draft.number(), copy=True)
        draft.network = draft.network.plus(twin)


@dataclass(frozen=True, slots=True)
class Delay(_Mishap):
    """The message is put off: a second later than it would have come, and behind all that is in flight."""

    verb: ClassVar[str] = "delay"

    def perform(self, draft: Draft) -> None:
        draft.faults += 1
        late = self.envelope(draft)
        draft.network = draft.network.minus(late).plus(replace(late, delays=late.delays + 1))


@dataclass(frozen=True, slots=True)
class Crash(Choice):
    """The node's power fails. Timers and memory are lost, and of its unwritten records all but the first `kept`;
    the next one is half on the disk if `torn`."""

    verb: ClassVar[str] = "crash"
    fault: ClassVar[bool] = True
    node: Address
    kept: int = 0
    torn: bool = False

    def __str__(self) -> str:
        return f"{self.verb} {self.node}" + (f" keeping {self.kept}" if self.kept else "") + " torn" * self.torn

    @property
    def actor(self) -> Address:
        return self.node

    def refusal(self, world: World) -> str | None:
        if self.node not in world.machines or not world.machines[self.node].up:
            return not_running(world, self.node)
        unwritten = len(world.machines[self.node].unwritten)
        if self.kept < 0 or self.kept + self.torn > unwritten:
            return f"{self.node} has only {unwritten} unwritten records"
        return None

    def perform(self, draft: Draft) -> None:
        draft.faults += 1
        machine = draft.machines[self.node]
        unwritten = machine.unwritten
        disk = replace(
            machine.disk,
            records=machine.disk.records.plus(*unwritten[: self.kept]),
            torn=unwritten[self.kept] if self.torn else None,
        )
        draft.machines[self.node] = Machine(None, disk, since=draft.now, depth=machine.depth)
        if draft.network.links is Links.FIFO:
            draft.network = draft.network.minus(*draft.network.on((self.node, self.node)))
            for peer in sorted(draft.machines.keys() - {self.node}):
                draft.disconnect(self.node, peer)


@dataclass(frozen=True, slots=True)
class _OfNode(Choice):
    """A choice about one node."""

    node: Address

    def __str__(self) -> str:
        return f"{self.verb} {self.node}"

    @property
    def actor(self) -> Address:
        return self.node


@dataclass(frozen=True, slots=True)
class Recover(_OfNode):
    """The node is switched on again: it cuts off a torn record, replays its journal, and hears Recovered."""

    verb: ClassVar[str] = "recover"

    def refusal(self, world: World) -> str | None:
        if self.node in world.machines and world.machines[self.node].up:
            return f"{self.node} is up"
        return None if self.node in world.machines else not_running(world, self.node)

    def perform(self, draft: Draft) -> None:
        machine = draft.machines[self.node]
        node = booted(self.node, draft.cast.fresh(self.node), machine.disk.records)
        disk = replace(machine.disk, torn=None)
        draft.machines[self.node] = Machine(node, disk, since=draft.now, depth=machine.depth)
        if node.process.hears(Recovered):
            draft.act(self.node, self.node, Recovered())


@dataclass(frozen=True, slots=True)
class Wipe(_OfNode):
    """The disk of a node that is down is lost with all its records: it will recover with an empty one.

    No protocol here is safe from it, and none promises to be: `every_fault` leaves it out, and it has to be asked for.
    """

    verb: ClassVar[str] = "wipe"
    fault: ClassVar[bool] = True

    def refusal(self, world: World) -> str | None:
        if self.node in world.machines and world.machines[self.node].up:
            return f"{self.node} is up: crash it first"
        if self.node not in world.machines:
            return not_running(world, self.node)
        return None if world.journal(self.node) else f"{self.node}'s disk is empty"

    def perform(self, draft: Draft) -> None:
        draft.faults += 1
        draft.change(self.node, disk=Disk())


@dataclass(frozen=True, slots=True)
class Pause(_OfNode):
    """The node stops for a while, as in a long garbage collection: it keeps its memory and hears nothing."""

    verb: ClassVar[str] = "pause"
    fault: ClassVar[bool] = True

    def refusal(self, world: World) -> str | None:
        return not_running(world, self.node)

    def perform(self, draft: Draft) -> None:
        draft.faults += 1
        draft.change(self.node, paused=True, since=draft.now)


@dataclass(frozen=True, slots=True)
class Resume(_OfNode):
    """A paused node goes on."""

    verb: ClassVar[str] = "resume"

    def refusal(self, world: World) -> str | None:
        paused = self.node in world.machines and world.machines[self.node].paused
        return None if paused else f"{self.node} is not paused"

    def perform(self, draft: Draft) -> None:
        draft.change(self.node, paused=False, since=draft.now)


@dataclass(frozen=True, slots=True)
class _OfLink(Choice):
    """A choice about one direction between two nodes."""

    sender: Address
    to: Address

    def __str__(self) -> str:
        return f"{self.verb} {self.sender} -> {self.to}"

    def refusal(self, world: World) -> str | None:
        if not {self.sender, self.to} <= world.machines.keys() or self.sender == self.to:
            return f"there is no link {self.sender} -> {self.to} between {', '.join(world.machines)}"
        return None


@dataclass(frozen=True, slots=True)
class Cut(_OfLink):
    """Nothing arrives on this direction of a link until it is healed."""

    verb: ClassVar[str] = "cut"
    fault: ClassVar[bool] = True

    def refusal(self, world: World) -> str | None:
        cut = world.network.is_cut((self.sender, self.to))
        return _OfLink.refusal(self, world) or ("it is cut already" if cut else None)

    def perform(self, draft: Draft) -> None:
        draft.faults += 1
        draft.network = draft.network.cut(((self.sender, self.to),), draft.now)


@dataclass(frozen=True, slots=True)
class Heal(_OfLink):
    """One direction of a link works again."""

    verb: ClassVar[str] = "heal"

    def refusal(self, world: World) -> str | None:
        cut = world.network.is_cut((self.sender, self.to))
        return _OfLink.refusal(self, world) or (None if cut else "it is not cut")

    def perform(self, draft: Draft) -> None:
        draft.network = draft.network.heal((self.sender, self.to))


@dataclass(frozen=True, slots=True)
class Partition(Choice):
    """The nodes fall into sets: every link between two sets is cut, both ways. Whoever is not named is alone."""

    verb: ClassVar[str] = "partition"
    fault: ClassVar[bool] = True
    sides: tuple[frozenset[Address], ...]

    def __str__(self) -> str:
        return f"{self.verb} " + " | ".join(" ".join(sorted(side)) for side in self.sides)

    def refusal(self, world: World) -> str | None:
        named = [address for side in self.sides for address in side]
        if len(named) != len(set(named)) or not set(named) <= world.machines.keys():
            return f"each side names nodes of {', '.join(world.machines)}, none of them twice"
        return None if any(not world.network.is_cut(link) for link in self.links(world)) else "it is so already"

    def links(self, world: World | Draft) -> tuple[tuple[Address, Address], ...]:
        """The links between different sides."""
        alone = frozenset(world.machines) - frozenset().union(*self.sides)
        side_of = {a: i for i, side in enumerate([*self.sides, *({a} for a in sorted(alone))]) for a in side}
        return tuple((a, b) for a, b in permutations(sorted(side_of), 2) if side_of[a] != side_of[b])

    def perform(self, draft: Draft) -> None:
        draft.faults += 1
        draft.network = draft.network.cut(self.links(draft), draft.now)


@dataclass(frozen=True, slots=True)
class HealAll(Choice):
    """Every link works again."""

    verb: ClassVar[str] = "heal"

    def __str__(self) -> str:
        return "heal all"

    def refusal(self, world: World) -> str | None:
        return None if world.network.cuts else "no link is cut"

    def perform(self, draft: Draft) -> None:
        draft.network = draft.network.heal()


@dataclass(frozen=True, slots=True)
class Reset(_OfLink):
    """A FIFO connection is lost, with all that is in flight on it either way; both ends are told."""

    verb: ClassVar[str] = "reset"
    fault: ClassVar[bool] = True

    def refusal(self, world: World) -> str | None:
        if world.network.links is not Links.FIFO:
            return "this network has no connections: its links are not FIFO"
        unknown = _OfLink.refusal(self, world)
        down = [] if unknown else [end for end in (self.sender, self.to) if not world.machines[end].up]
        return unknown or (f"{down[0]} is down: nobody is connected to it" if down else None)

    def perform(self, draft: Draft) -> None:
        draft.faults += 1
        draft.disconnect(self.sender, self.to)


def every_fault(world: World, verbs: Container[str] | None = None) -> Iterator[Choice]:
    """Every fault and every mending that is possible: of messages, of nodes, of links; of these verbs, if given."""
    wanted = (choice for choice in _candidates(world) if verbs is None or choice.verb in verbs)
    yield from (choice for choice in wanted if choice.refusal(world) is None)


def _candidates(world: World) -> Iterator[Choice]:
    flight = distinct(world.network.flight)
    yield from (kind(e.sender, e.to, e.message) for e in flight for kind in (Drop, Duplicate, Delay))
    for address, machine in world.machines.items():
        yield from _crashes(address, machine)
        yield from (kind(address) for kind in (Recover, Pause, Resume))
    for pair in permutations(sorted(world.machines), 2):
        yield from (kind(*pair) for kind in (Cut, Heal))
    yield from (Reset(a, b) for a, b in combinations(sorted(world.machines), 2))
    yield from two_sided(world)
    yield HealAll()


def every_crash(world: World) -> Iterator[Crash]:
    """Every crash that is possible: of each node, with each number of its unwritten records kept, whole or torn."""
    for address, machine in world.machines.items():
        if machine.up:
            yield from _crashes(address, machine)


def _crashes(address: Address, machine: Machine) -> Iterator[Crash]:
    unwritten = len(machine.unwritten)
    for kept in range(unwritten + 1):
        yield Crash(address, kept)
        if kept < unwritten:
            yield Crash(address, kept, torn=True)


def two_sided(world: World) -> Iterator[Partition]:
    """Every partition into two sets."""
    first, *others = sorted(world.machines)
    if len(others) >= MOST_SPLIT:
        return
    for size in range(len(others)):
        for company in combinations(others, size):
            side = frozenset({first, *company})
            yield Partition((side, frozenset(world.machines) - side))
