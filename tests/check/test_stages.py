"""A search in stages goes on only from where something holds, and tells the whole way there."""

from typing import Any

import pytest

from consensus_lab.check import Falsified, NotProved, explore
from consensus_lab.check.space import Space
from consensus_lab.check.stages import used, world_of
from consensus_lab.kernel import Cast, Links, View
from consensus_lab.protocols import two_phase_commit
from consensus_lab.protocols.two_phase_commit.messages import State
from tests.check.test_agreement import EVERYTHING, walk
from tests.check.toys import Raises, counters, fine, small
from tests.sim.worlds import gossip

ENGINES = ("python", "numpy")


def counted(view: View) -> bool:
    """somebody has counted one"""
    return any(process.count == 1 for process in view.processes.values())  # type: ignore[attr-defined]


def prepared(view: View) -> bool:
    """p1 is prepared"""
    return view.processes["p1"].state is State.READY  # type: ignore[attr-defined]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_trail_leads_through_the_stage_from_the_very_beginning(engine: Any) -> None:
    with pytest.raises(Falsified) as refused:
        explore(counters(requests=2), engine=engine).until(counted).always(small)
    story = refused.value.verdict.story
    assert story is not None
    assert [step.choice.verb for step in story.trace].count("submit") == 2
    assert "\nA way there takes 5 steps:" in str(refused.value), "the soonest reached need not be where it is soon over"
    assert "; from where first somebody has counted one, and until then: no faults" in str(refused.value)


@pytest.mark.parametrize("engine", ENGINES)
def test_faults_may_be_kept_for_the_later_stage(engine: Any) -> None:
    played = two_phase_commit.cast(2)
    whole = explore(played, crashes=1, engine=engine).always().progress
    staged = explore(played, engine=engine).until(prepared, crashes=1)
    assert staged.always().progress.distinct < whole.distinct
    reached = staged.sometimes(lambda view: "p1" not in view.processes).story
    assert reached is not None
    verbs = [step.choice.verb for step in reached.trace]
    assert verbs[-1] == "crash"
    assert verbs.index("sync" if "sync" in verbs else "deliver") < verbs.index("crash")


def test_what_struck_before_counts_after() -> None:
    crashed = explore(two_phase_commit.cast(2), crashes=1).until(lambda view: len(view.processes) < 3)
    assert crashed.always(lambda view: len(view.processes) > 1).proved


def test_stages_may_follow_each_other() -> None:
    twice = explore(counters(requests=2)).until(counted).until(lambda view: view.processes["b"].count == 3)  # type: ignore[attr-defined]
    verdict = twice.sometimes(lambda view: view.processes["a"].count == 3)  # type: ignore[attr-defined]
    assert verdict.story is not None
    assert len(verdict.story.trace) == 6


def test_a_goal_that_nothing_reaches_is_told_as_such() -> None:
    with pytest.raises(Falsified, match="never reached within this bound"):
        explore(counters()).until(lambda view: view.processes["a"].count == 3).always(fine)  # type: ignore[attr-defined]


def test_a_stage_that_a_limit_ended_never_passes_as_proof() -> None:
    with pytest.raises(NotProved, match="the limit of 2 states"):
        explore(counters(requests=2), states=2).until(counted).always(fine)


def test_a_rule_that_raises_on_the_way_is_told() -> None:
    with pytest.raises(Falsified, match="twice is too often"):
        explore(counters(Raises, requests=2)).until(lambda view: False).always(fine)


def test_a_later_bound_cannot_allow_less() -> None:
    with pytest.raises(ValueError, match="crashes must be at least 1, as before: it counts for the whole run"):
        explore(counters(), crashes=1).until(counted, crashes=0)


@pytest.mark.parametrize("played", [gossip(3), gossip(3, Links.FIFO)], ids=lambda cast: cast.links.value)
def test_a_state_becomes_a_world_and_a_state_again(played: Cast) -> None:
    space = Space(played, EVERYTHING[played.links])
    for picks in ([5, 3, 8, 1, 9, 2] * 6, [11, 7, 2, 13, 3] * 7):
        for state, _ in walk(space, picks):
            assert space.encode(world_of(space, state), used(space, state)) == state
