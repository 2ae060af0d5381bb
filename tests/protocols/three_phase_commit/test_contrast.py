"""One fault script on both commit protocols: where two-phase commit blocks, three-phase commit decides (S1, S12)."""

import pytest

from consensus_lab.kernel import Cast
from consensus_lab.protocols import three_phase_commit, two_phase_commit
from consensus_lab.sim import World
from consensus_lab.sim.pickers import Seeded, play
from tests.protocols.two_phase_commit.running import after, assert_unrefuted

COORDINATOR_CRASHES_UNDECIDED = """
    submit coordinator Begin
    deliver coordinator -> p1 {question}
    deliver coordinator -> p2 {question}
    sync p1
    sync p2
    crash coordinator
"""


def stranded(cast: Cast, question: str) -> World:
    return after(World.of(cast), COORDINATOR_CRASHES_UNDECIDED.format(question=question))


def decided(world: World) -> set[str]:
    """Who has decided a minute later, the coordinator still being down."""
    for step in play(world, Seeded(1), until=lambda now: now.now > 60_000_000):
        assert_unrefuted(step.world, step.choice)
        world = step.world
    return {decision.node for decision in world.decisions}


def test_two_phase_commit_blocks():
    assert decided(stranded(two_phase_commit.cast(), "VoteRequest")) == set()
    assert decided(stranded(two_phase_commit.cast(variant="cooperative"), "VoteRequest")) == set()


@pytest.mark.parametrize("variant", three_phase_commit.VARIANTS)
def test_three_phase_commit_does_not(variant: str):
    assert decided(stranded(three_phase_commit.cast(variant=variant), "CanCommit")) == {"p1", "p2"}


def test_bad_words_for_a_cast_are_refused_with_a_sentence():
    with pytest.raises(ValueError, match="variant must be one of skeen, course, termination, not paxos"):
        three_phase_commit.cast(variant="paxos")
    with pytest.raises(ValueError, match="participants must be 1 to 100, not 0"):
        three_phase_commit.cast(0)
    with pytest.raises(ValueError, match="unwilling names p9; participants are p1, p2"):
        three_phase_commit.cast(unwilling=["p9"])
