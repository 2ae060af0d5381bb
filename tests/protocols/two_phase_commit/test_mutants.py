"""The properties can fail: a line taken out of a role is caught by the very claims that hold of the reference."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from consensus_lab.kernel import Cast, Context
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator
from consensus_lab.protocols.two_phase_commit.messages import (
    Abort,
    Commit,
    DecisionOverdue,
    Prepared,
    RequestOverdue,
    State,
    VoteRequest,
    Yes,
)
from consensus_lab.protocols.two_phase_commit.participant import Participant
from consensus_lab.protocols.two_phase_commit.presumed_commit import PresumedCommitCoordinator
from consensus_lab.sim import Crash, Drop, Recover, World
from consensus_lab.sim.chance import Uniform
from consensus_lab.sim.conditions import STORMY
from consensus_lab.sim.pickers import Rounds, Seeded, play
from consensus_lab.sim.reading import read_choice
from tests.protocols.two_phase_commit.running import after


@dataclass
class PromisesWithoutForce(Participant):
    def prepare(self, tx: str, ctx: Context) -> None:
        prepared = Prepared(tx, undo=self.value, redo=tx)
        ctx.append(prepared)  # not forced
        ctx.reply(Yes(tx))
        ctx.set_timer(DecisionOverdue(tx), 3.0)
        self.restore(prepared)


@dataclass
class SpeaksBeforeItForces(Participant):
    def prepare(self, tx: str, ctx: Context) -> None:
        ctx.reply(Yes(tx))
        super().prepare(tx, ctx)


@dataclass
class DecidesWithoutForce(Participant):
    forces = ()


@dataclass
class DecidesAloneInDoubt(Participant):
    def inquire(self, reason: Any, ctx: Context) -> None:
        self.conclude(Abort(self.tx), ctx)


@dataclass
class TakesBackItsAbort(Participant):
    def refuse_late(self, request: VoteRequest, ctx: Context) -> None:
        self.prepare(request.tx, ctx)


@dataclass
class KeepsItsLock(Participant):
    def restore(self, record: Any) -> None:
        lock = self.lock
        super().restore(record)
        self.lock = self.lock or lock


@dataclass
class CommitsWithoutForce(Coordinator):
    forces = ()


@dataclass
class CommitsOnTheFirstYes(Coordinator):
    def count_vote(self, yes: Yes, ctx: Context) -> None:
        self.conclude(Commit(yes.tx), ctx)


@dataclass
class TakesSilenceForConsent(Coordinator):
    def give_up(self, overdue: Any, ctx: Context) -> None:
        self.conclude(Commit(overdue.tx), ctx)


@dataclass
class NeverCommits(Coordinator):
    def count_vote(self, yes: Yes, ctx: Context) -> None:
        self.conclude(Abort(yes.tx), ctx)


@dataclass
class CollectsInMemory(PresumedCommitCoordinator):
    def request_votes(self, begin: Any, ctx: Context) -> None:
        Coordinator.request_votes(self, begin, ctx)


# With a slow disk a crash finds more that is not written yet.
WEATHERS = (STORMY, replace(STORMY, disk=Uniform(0.01, 3.0), outage=Uniform(0.1, 1.0), crash=0.1))
MUTANTS: dict[type, tuple[str, ...]] = {
    PromisesWithoutForce: ("AC3",),
    SpeaksBeforeItForces: ("AC3",),
    DecidesAloneInDoubt: ("AC1",),
    TakesBackItsAbort: ("AC1", "AC2"),
    KeepsItsLock: ("LOCKS",),
    CommitsWithoutForce: ("AC1", "AC2"),
    CommitsOnTheFirstYes: ("AC1", "AC3"),
    TakesSilenceForConsent: ("AC1", "AC3"),
    NeverCommits: ("AC4",),
    CollectsInMemory: ("AC1", "AC3"),
}
"""Each mutant, with the claims of which it refutes at least one."""


def play_a_mutant(mutant: type, unwilling: tuple[str, ...]) -> Cast:
    role = "coordinator" if issubclass(mutant, Coordinator) else "participant"
    variant = "presumed-commit" if issubclass(mutant, PresumedCommitCoordinator) else "presumed-nothing"
    return cast(2, variant=variant, unwilling=unwilling, **{role: mutant})


def refuted(make: Callable[[tuple[str, ...]], Cast]) -> set[str]:
    """The claims that fall in rounds, in a crash at every point of them, and in storms."""
    fallen: set[str] = set()
    for unwilling in ((), ("p2",)):
        start = World.of(make(unwilling))
        for world in [start, *(step.world for step in play(start, Rounds(), steps=60))]:
            fallen |= named(world)
            for unlucky in unlucky_turns(world):
                for step in play(unlucky, Rounds(), steps=60):
                    fallen |= named(step.world)
        for seed in range(20):
            for step in play(start, Seeded(seed, WEATHERS[seed % 2]), steps=150):
                fallen |= named(step.world)
    return fallen


def unlucky_turns(world: World) -> Iterator[World]:
    """A node crashes and recovers, and at most one message in flight is lost."""
    losses = [choice for choice in world.choices() if isinstance(choice, Drop)]
    for loss in (None, *losses):
        lossy = world.take(loss) if loss else world
        for node in world.machines:
            yield lossy.take(Crash(node)).take(Recover(node))


def named(world: World) -> set[str]:
    return {violation.invariant.name for violation in world.violations()}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_mutant_is_caught(mutant: type):
    assert refuted(lambda unwilling: play_a_mutant(mutant, unwilling)) & set(MUTANTS[mutant])


def test_an_acknowledgement_without_a_force_is_a_promise_that_two_crashes_break():
    world = World.of(cast(1, participant=DecidesWithoutForce))
    script = """submit coordinator Begin
        deliver coordinator -> p1 VoteRequest
        sync p1
        deliver p1 -> coordinator Yes
        sync coordinator
        deliver coordinator -> p1 Commit
        deliver p1 -> coordinator Ack
        sync coordinator
        crash coordinator
        recover coordinator
        crash p1
        recover p1
        deliver p1 -> coordinator DecisionRequest"""
    end = after(world, script)  # so far nothing is refuted
    told = end.take(read_choice("deliver coordinator -> p1 Abort", end))
    assert named(told) == {"AC1", "AC2"}


def test_the_reference_passes_the_same_trial():
    assert refuted(lambda unwilling: cast(2, unwilling=unwilling)) == set()
    assert refuted(lambda unwilling: cast(2, variant="presumed-commit", unwilling=unwilling)) == set()


def test_a_mutant_differs_from_the_reference_in_what_it_overrides_only():
    mine = SpeaksBeforeItForces("coordinator", "T1", True)
    assert mine.RULES == Participant.RULES
    assert mine.rule_for(RequestOverdue("T1")) == Participant("c", "T1", True).rule_for(RequestOverdue("T1"))
    assert mine.state is State.INIT
