"""Pickers: who chooses what happens next. The only difference between a seeded run, rounds, a replay and a person.

A picker is a pure function of the world it is asked about, so that going back and forward again picks alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from consensus_lab.kernel import Address, Links
from consensus_lab.kernel.notation import Vocabulary
from consensus_lab.kernel.trace import Line
from consensus_lab.sim.chance import Chance, Distribution
from consensus_lab.sim.choice import Choice, Impossible
from consensus_lab.sim.conditions import CALM, Conditions
from consensus_lab.sim.faults import Delay, Drop, Duplicate, Heal, Recover, Resume, every_fault
from consensus_lab.sim.machine import Armed, Machine, microseconds
from consensus_lab.sim.moves import Deliver, Fire, OfEnvelope, Submit, Sync, every_move
from consensus_lab.sim.network import Envelope
from consensus_lab.sim.reading import BadChoice, read_choice
from consensus_lab.sim.world import Pick, World, WorldStep, WorldTrace


class Picker(Protocol):
    """Picks the next choice, or None when it has nothing more to say."""

    def pick(self, world: World) -> Pick | None: ...


def play(
    world: World, picker: Picker, *, steps: int = 10_000, until: Callable[[World], bool] | None = None
) -> WorldTrace:
    """Let `picker` choose, for at most so many steps, or until a predicate holds of the world."""
    return WorldTrace(steps_of(world, picker, steps=steps, until=until))


def steps_of(
    world: World, picker: Picker, *, steps: int = 10_000, until: Callable[[World], bool] | None = None
) -> Iterator[WorldStep]:
    """The same, one step at a time."""
    for _ in range(steps):
        if until is not None and until(world):
            return
        pick = picker.pick(world)
        if pick is None:
            return
        step = world.step(pick.choice, pick.at)
        yield step
        world = step.world


Due = tuple[int, int, Choice]
"""(microseconds, serial: the tie-break, what happens then)."""


@dataclass
class Seeded:
    """Virtual time: every message, disk and timer takes as long as the seed draws; what is due first happens first."""

    seed: int
    conditions: Conditions = CALM
    _drawn: dict[tuple[str, int], float] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.chance = Chance(self.seed)

    def pick(self, world: World) -> Pick | None:
        strike = self._fault(world)
        if strike is not None:
            return Pick(strike, world.now)
        due = min(self._due(world), key=lambda event: event[:2], default=None)
        return None if due is None else Pick(self._hindered(world, due[2], due[1]), max(due[0], world.now))

    def draw(self, what: str, serial: int, distribution: Distribution) -> int:
        """A duration in microseconds, drawn once for this purpose."""
        key = (what, serial)
        if key not in self._drawn:
            self._drawn[key] = self.chance.unit(what, serial)
        return microseconds(distribution.seconds(self._drawn[key]))

    # -- what is due when ------------------------------------------------------------------------------------------

    def _due(self, world: World) -> Iterator[Due]:
        yield from self._arrivals(world)
        for address, machine in world.machines.items():
            if machine.running:
                yield from self._of_machine(world, address, machine)
        if self.conditions.outage is not None:
            yield from self._mending(world, self.conditions.outage)
        waiting = ((to, request) for to, request in world.requests if world.machines[to].running)
        for to, request in islice(waiting, 1):
            yield world.now, 0, Submit(to, request)

    def _arrivals(self, world: World) -> Iterator[Due]:
        for envelope in world.network.flight:
            if not world.network.is_next(envelope) or self._waits(world, envelope):
                continue
            slow = self.conditions.slow.get(envelope.to, 1.0)
            latency = round(self.draw("latency", envelope.serial, self.conditions.latency) * slow)
            due = envelope.sent + latency + envelope.delays * microseconds(1.0)
            yield due, envelope.serial, Deliver(envelope.sender, envelope.to, envelope.message)

    def _waits(self, world: World, envelope: Envelope) -> bool:
        """A paused node's inbox and a cut connection hold messages back; elsewhere they get lost (see `_hindered`)."""
        machine = world.machines[envelope.to]
        held_by_tcp = world.network.links is Links.FIFO and world.network.is_cut(envelope.link)
        return (machine.up and machine.paused) or held_by_tcp

    def _of_machine(self, world: World, address: Address, machine: Machine) -> Iterator[Due]:
        if machine.unwritten:
            slow = self.conditions.slow.get(address, 1.0)
            latency = self.draw(f"disk {address}", len(machine.disk.records), self.conditions.disk)
            yield machine.dirty + round(latency * slow), 0, Sync(address)
        for armed in machine.timers:
            yield self._rings(address, armed), armed.serial, Fire(address, armed.timer)

    def _mending(self, world: World, outage: Distribution) -> Iterator[Due]:
        for address, machine in world.machines.items():
            if not machine.running:
                mend = Resume(address) if machine.up else Recover(address)
                yield machine.since + self.draw(f"mend {address}", machine.since, outage), 0, mend
        for (sender, to), since in world.network.cuts:
            yield since + self.draw(f"heal {sender} {to}", since, outage), 0, Heal(sender, to)

    def _rings(self, address: Address, armed: Armed) -> int:
        unit = self.chance.unit("timer", armed.serial)
        drawn = armed.low + round((armed.high - armed.low) * unit)
        return armed.since + round(drawn / self.conditions.clocks.get(address, 1.0))

    # -- what goes wrong -------------------------------------------------------------------------------------------

    def _hindered(self, world: World, choice: Choice, serial: int) -> Choice:
        """The same choice, unless the message is lost, repeated, put off, or cannot arrive."""
        if not isinstance(choice, Deliver):
            return choice
        three = (choice.sender, choice.to, choice.message)
        if choice.refusal(world) is not None:
            return Drop(*three)
        envelope = choice.envelope(world)
        unlucky = self._unlucky(envelope, world)
        return unlucky(*three) if unlucky else choice

    def _unlucky(self, envelope: Envelope, world: World) -> type[OfEnvelope] | None:
        if self._spent(world) or world.network.links is Links.FIFO:
            return None
        if self.chance.happens(self.conditions.loss, "loss", envelope.serial):
            return Drop
        fresh = not envelope.copy and not envelope.delays
        if fresh and self.chance.happens(self.conditions.delay, "delay", envelope.serial):
            return Delay
        already = any(e.copy and e.message == envelope.message for e in world.network.on(envelope.link))
        if fresh and not already and self.chance.happens(self.conditions.duplication, "duplicate", envelope.serial):
            return Duplicate
        return None

    def _fault(self, world: World) -> Choice | None:
        if self._spent(world):
            return None
        for verb, probability in self.conditions.per_step:
            if self.chance.happens(probability, verb, world.steps):
                possible = [fault for fault in every_fault(world) if fault.verb == verb]
                if possible:
                    return possible[self.chance.below(len(possible), "which", world.steps)]
        return None

    def _spent(self, world: World) -> bool:
        most = self.conditions.most_faults
        return most is not None and world.faults >= most

    def __str__(self) -> str:
        return f"seeded {self.seed}"


@dataclass(frozen=True)
class Rounds:
    """One phase at a time: disks, then every message of the oldest round, then requests; timers when all is still."""

    def pick(self, world: World) -> Pick | None:
        chosen = self.among(world, list(every_move(world)))
        return None if chosen is None else Pick(chosen)

    def among(self, world: World, moves: Sequence[Choice]) -> Choice | None:
        """Which of these moves comes first; None of none."""
        ready = [move for move in moves if not isinstance(move, Fire)]
        chosen = min(ready, key=lambda move: self._rank(world, move), default=None)
        if chosen is None:
            timers = [move for move in moves if isinstance(move, Fire)]
            chosen = min(timers, key=lambda move: move.earliest(world), default=None)
        return chosen

    @staticmethod
    def _rank(world: World, move: Choice) -> tuple[int, int]:
        if isinstance(move, Deliver):
            return 1, move.envelope(world).depth
        return (0, 0) if isinstance(move, Sync) else (2, 0)

    def __str__(self) -> str:
        return "rounds"


@dataclass(frozen=True)
class Human:
    """Somebody is asked: `ask` is given the world and answers with a choice, or None to stop."""

    ask: Callable[[World], Choice | None]

    def pick(self, world: World) -> Pick | None:
        choice = self.ask(world)
        return None if choice is None else Pick(choice)

    def __str__(self) -> str:
        return "human"


class Diverged(ValueError):
    """A replay no longer fits: at which line, why, and what was possible instead."""

    def __init__(self, line: Line, reason: str) -> None:
        super().__init__(f"line {line.number}: the replay diverges: {reason}")
        self.line = line


@dataclass(frozen=True)
class Replay:
    """What a trace recorded, from the beginning of its world on: the n-th line is the n-th step.

    `words` are the messages a client may have submitted beyond those the cast lists.
    """

    lines: Sequence[Line]
    words: Vocabulary | None = None

    def pick(self, world: World) -> Pick | None:
        if world.steps >= len(self.lines):
            return None
        line = self.lines[world.steps]
        try:
            return Pick(read_choice(line.choice, world, self.words, by_name=True), line.now)
        except (Impossible, BadChoice) as error:
            raise Diverged(line, str(error)) from None

    def __str__(self) -> str:
        return "replay"
