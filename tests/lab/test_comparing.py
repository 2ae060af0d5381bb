"""Hints that nobody has written: the same schedule with the library's class, and where the two first part."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consensus_lab.check.keeping import Filing, filing
from consensus_lab.kernel import Context
from consensus_lab.lab.catalogue import protocol
from consensus_lab.lab.comparing import Difference, first_difference, told_in, with_library_classes
from consensus_lab.lab.lessons import lessons
from consensus_lab.lab.mutants import Mutant, bank
from consensus_lab.lab.mutants.two_phase_commit import (
    CommitsAtTheFirstYes,
    CountsMessagesInsteadOfVoters,
    ForgetsTheLock,
)
from consensus_lab.lab.trials import Refuted, script
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.protocols.two_phase_commit.cooperative import CooperativeParticipant
from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator
from consensus_lab.sim import World
from consensus_lab.sim.pickers import Seeded, play


@pytest.fixture(autouse=True)
def traces(tmp_path: Path) -> Iterator[None]:
    """What is refuted leaves its trace where pytest cleans up."""
    token = filing.set(Filing(tmp_path))
    yield
    filing.reset(token)


def difference(**parts: type) -> Difference | None:
    players = cast(2, **parts)
    return first_difference(players, play(World.of(players), Seeded(1), steps=30))


def test_a_rule_that_does_what_it_should_not_is_named_with_both_outcomes():
    found = difference(coordinator=CommitsAtTheFirstYes)
    assert found is not None
    assert (found.rule, found.reference) == ("count_vote", "count_vote")
    assert found.choice.endswith("-> coordinator Yes(T1)")
    assert found.yours.startswith("count_vote: force Commit(T1); ")


def test_a_state_that_is_left_otherwise_is_a_difference_too():
    found = difference(participant=ForgetsTheLock)
    assert found is not None
    assert (found.yours, found.reference) == ("leaves lock = None", "leaves lock = T1")


def test_the_first_difference_is_told_and_not_what_follows_from_it():
    found = difference(coordinator=CountsMessagesInsteadOfVoters)
    assert found is not None
    assert (found.yours, found.reference.partition(" = ")[0]) == ("leaves votes = {}", "leaves votes")


def test_the_library_does_not_differ_from_itself():
    class Same(Coordinator):
        pass

    assert difference() is None
    assert difference(coordinator=Same) is None


def test_a_class_is_compared_with_the_one_that_it_derives_from():
    class Helpful(CooperativeParticipant):
        def abort_for_peer(self, request: object, ctx: Context) -> None:
            pass

    library = with_library_classes(cast(2, participant=Helpful))
    assert library is not None
    assert type(library.fresh("p1")) is CooperativeParticipant


def test_a_refuted_claim_tells_the_difference_before_the_command_that_shows_the_trail():
    with pytest.raises(Refuted) as refused:
        script(cast(2, coordinator=CommitsAtTheFirstYes), "submit coordinator Begin\npause p2\nrun for 1 s")
    lines = [line.strip() for line in str(refused.value).splitlines()]
    assert lines[-1].startswith("Look at it: ")
    assert lines[-4:-1] == told_in(str(refused.value))
    assert lines[-4].startswith("The first difference from the library: step ")
    assert lines[-2] == "library: count_vote"


MUTANTS = [(lesson.short, mutant) for lesson in lessons() for mutant in bank(lesson.short)]


@pytest.mark.parametrize(("name", "mutant"), MUTANTS, ids=[mutant.name for _, mutant in MUTANTS])
def test_in_its_own_story_every_mutant_is_seen_to_differ(name: str, mutant: Mutant):
    with pytest.raises(Refuted) as refused:
        script(protocol(name).cast(**mutant.cast, **{mutant.role: mutant.kind}), mutant.script)
    differs_before_the_first_step = mutant.name == "StandsThoughItObserves"
    assert bool(told_in(str(refused.value))) != differs_before_the_first_step
