"""P1 to P2c: each has a story in which it is dropped; then agreement falls, or, without P1, nothing is ever learned."""

from dataclasses import replace
from typing import Any

import pytest

from consensus_lab.lab.scenario import Performance, load_scenario
from consensus_lab.protocols.paxos import INVARIANTS, cast
from consensus_lab.protocols.paxos.messages import Accept, Propose
from consensus_lab.protocols.paxos.proposer import Proposer
from consensus_lab.sim import Crash, Submit, World
from consensus_lab.sim.pickers import Rounds, play

STORIES = {
    "P1": "without-p1",
    "P1a": "without-p1a",
    "P2": "quorums-that-do-not-meet",
    "P2a": "without-p2a",
    "P2b": "without-p2b",
    "P2c": "without-p2c",
}


def held_to_everything(name: str) -> Performance:
    """The story again, with every claim of the protocol, and not only those that it speaks of."""
    story = load_scenario(f"paxos/{name}")
    return replace(story, cast=story.cast.claiming(*INVARIANTS)).perform()


def fallen(performance: Performance) -> dict[str, int]:
    """After which step each claim fell first."""
    return {violation.invariant.name: step for step, violation in performance.violations}


@pytest.mark.parametrize("constraint", STORIES)
def test_without_it_agreement_falls_or_nothing_is_ever_learned(constraint: str):
    told = load_scenario(f"paxos/{STORIES[constraint]}").perform()
    assert told.succeeded
    assert constraint in told.announced
    assert fallen(told)[constraint] <= fallen(told).get("Agreement", len(told.trace))
    if constraint == "P1":
        assert not told.end.decisions
    else:
        assert "Agreement" in told.announced


@pytest.mark.parametrize("story", ["without-p2a", "without-p2b", "without-p2c", "without-p1a", "promise-forgotten"])
def test_each_condition_implies_the_one_before_so_the_strongest_falls_first(story: str):
    step = fallen(held_to_everything(story))
    assert step["P2c"] <= step["P2b"] <= step["P2a"] <= step["P2"] <= step["Agreement"]


def test_every_invariant_can_fall():
    stories = [*STORIES.values(), "vote-forgotten", "ballot-reused", "promise-forgotten"]
    seen = {name for story in stories for name in fallen(held_to_everything(story))}

    class Inventor(Proposer):
        def choose_value(self, told: list[Accept]) -> Any:
            return "a colour that nobody wished for"

    end = play(World.of(cast(1, proposer=Inventor)), Rounds())[-1].world
    seen |= {violation.invariant.name for violation in end.violations()}
    assert seen == {claim.name for claim in INVARIANTS}


def test_a_wish_that_a_crash_made_its_proposer_forget_is_held_against_nobody():
    world = World.of(cast(1)).take(Submit("p1", Propose("a colour that the cast does not list")))
    for step in play(world, Rounds(), until=lambda world: bool(world.decisions)):
        world = step.world
    assert "Validity" not in {violation.invariant.name for violation in world.take(Crash("p1")).violations()}
