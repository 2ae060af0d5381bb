"""A world: every node and every message in flight, as one value. Undo is the previous one.

`choices()` says everything that could happen next; `take(choice)` is the world in which it did. One World serves the
seeded run, the screen, the replay and the search (law 5): only who picks the next choice differs. A world refuses to
know any protocol, and it draws nothing: when things happen is the picker's say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from consensus_lab.kernel import Address, Cast, Decision, Invariant, Process, Start, View, Violation
from consensus_lab.kernel.trace import MICROSECOND, Step, Trace
from consensus_lab.sim.choice import Choice, Impossible
from consensus_lab.sim.draft import Draft
from consensus_lab.sim.faults import every_fault
from consensus_lab.sim.growing import Growing
from consensus_lab.sim.machine import Machine, booted
from consensus_lab.sim.moves import every_move
from consensus_lab.sim.network import Envelope, Network

T = TypeVar("T")

TICK = MICROSECOND // 1000
"""How far time moves when whoever picks does not say: one millisecond a step."""

WorldStep = Step[Choice, "World"]
WorldTrace = Trace[Choice, "World"]


class Pick(NamedTuple):
    """A choice, and the virtual time at which to take it (microseconds; a tick from now when not said)."""

    choice: Choice
    at: int | None = None


@dataclass(frozen=True, slots=True)
class World:
    """Every machine, the network between them, and what has been said to the outside."""

    cast: Cast
    machines: Mapping[Address, Machine]
    network: Network
    requests: tuple[tuple[Address, Any], ...]  # what a client may still submit, in the order it would
    decisions: Growing[Decision] = Growing()  # noqa: RUF009 - a value that only looks mutable
    answers: Growing[Envelope] = Growing()  # noqa: RUF009 - what the client was told
    now: int = 0  # microseconds
    steps: int = 0
    serial: int = 0  # envelopes and timers made so far
    faults: int = 0
    timeouts: int = 0

    @classmethod
    def of(cls, cast: Cast) -> World:
        """The world in which this cast has just been switched on, and whoever has a rule for Start has run it."""
        machines = {address: Machine(booted(address, cast.fresh(address), Growing())) for address in cast.addresses}
        draft = Draft(cls(cast, machines, Network(cast.links), cast.requests), 0)
        for address in sorted(machines):
            if cast.processes[address].hears(Start):
                draft.act(address, address, Start())
        return cls(**draft.parts(), steps=0)

    # -- what could happen, and what does ------------------------------------------------------------------------

    def choices(self) -> tuple[Choice, ...]:
        """Everything that could happen next: first what needs no fault, then every fault."""
        return self.moves() + tuple(every_fault(self))

    def moves(self) -> tuple[Choice, ...]:
        """What could happen next by itself: messages arrive, timers fire, disks catch up, clients submit."""
        return tuple(every_move(self))

    def refusal(self, choice: Choice) -> str | None:
        """Why this choice cannot be taken here, as a sentence; None when it can."""
        return choice.refusal(self)

    def step(self, choice: Choice, at: int | None = None) -> WorldStep:
        """Take one choice at virtual time `at`. Raises Impossible, or RuleFailed when the process's own code does."""
        reason = choice.refusal(self)
        if reason is not None:
            raise Impossible(choice, reason, self.moves())
        earliest = max(self.now, choice.earliest(self))
        draft = Draft(self, max(self.now + TICK, earliest) if at is None else max(at, self.now))
        choice.perform(draft)
        after = World(**draft.parts(), steps=self.steps + 1)
        return Step(choice, draft.now, draft.rule, draft.asked, draft.held, draft.freed, after)

    def take(self, choice: Choice, at: int | None = None) -> World:
        """The world after this choice; this one is unchanged."""
        return self.step(choice, at).world

    # -- what an invariant may see (kernel.View) -------------------------------------------------------------------

    @property
    def processes(self) -> Mapping[Address, Process]:
        return {address: machine.node.process for address, machine in self.machines.items() if machine.node}

    @property
    def chronicle(self) -> Growing[Decision]:
        return self.decisions

    def journal(self, address: Address) -> tuple[Any, ...]:
        return tuple(self.machines[address].disk.records)

    @property
    def at_rest(self) -> bool:
        waiting = any(machine.unwritten for machine in self.machines.values())
        return not (self.network.flight or waiting or self.requests)

    def derive(self, summary: Callable[[View], T]) -> T:
        return summary(self)

    @property
    def quiet(self) -> bool:
        """Nothing can happen any more without a fault or its repair."""
        return not self.moves()

    def violations(self, invariants: tuple[Invariant, ...] | None = None) -> tuple[Violation, ...]:
        """Every invariant of the cast (or of those given) that this world refutes, with its witness."""
        claims = self.cast.invariants if invariants is None else invariants
        return tuple(filter(None, (claim.refute(self) for claim in claims)))
