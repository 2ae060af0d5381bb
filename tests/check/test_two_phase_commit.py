"""Two-phase commit, every schedule: what holds whatever happens, and the one thing that it cannot do."""

from dataclasses import replace
from typing import Any

import pytest

from consensus_lab.check import Falsified, explore
from consensus_lab.kernel import Links, View, invariant
from consensus_lab.protocols import two_phase_commit
from consensus_lab.protocols.two_phase_commit import VARIANTS
from consensus_lab.protocols.two_phase_commit.messages import Commit, State


@invariant("UNBLOCKED", "nobody who is up stays in doubt")
def unblocked(view: View) -> str | None:
    doubtful = (address for address, process in view.processes.items() if process.state is State.READY)
    return next((f"{address} has promised, knows no verdict, and nothing moves any more" for address in doubtful), None)


def committed(view: View) -> bool:
    """everybody commits"""
    return {decision.node for decision in view.decisions if isinstance(decision.value, Commit)} == {
        *view.cast.addresses
    }


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("unwilling", [(), ("p1",)], ids=["all willing", "p1 unwilling"])
def test_it_is_safe_whoever_crashes_once_whenever(variant: str, unwilling: tuple[str, ...]) -> None:
    played = two_phase_commit.cast(2, variant=variant, unwilling=unwilling)
    explore(played, crashes=1).always(*two_phase_commit.INVARIANTS)


@pytest.mark.parametrize(
    ("links", "bound", "distinct"),
    [
        (Links.BAG, {"timeouts": 0}, 34),
        (Links.BAG, {}, 6_363),
        (Links.BAG, {"crashes": 1}, 35_422),
        (Links.BAG, {"crashes": 1, "losses": 1}, 89_474),
        (Links.BAG, {"crashes": 2}, 92_672),
        (Links.BAG, {"network": "set", "crashes": 1}, 12_175),
        (Links.FIFO, {"crashes": 1}, 10_249),
        (Links.FIFO, {"crashes": 1, "resets": 1}, 25_892),
    ],
)
def test_the_space_searched_with_two_participants_is_pinned(links: Links, bound: dict[str, Any], distinct: int) -> None:
    played = replace(two_phase_commit.cast(2), links=links)
    assert explore(played, **bound).always().progress.distinct == distinct


def test_it_does_commit() -> None:
    verdict = explore(two_phase_commit.cast(2), timeouts=0).sometimes(committed)
    assert verdict.story is not None
    assert not any(step.choice.fault for step in verdict.story.trace)


def test_while_nobody_crashes_nobody_is_blocked() -> None:
    explore(two_phase_commit.cast(2), losses=1).quiescent(unblocked)


def test_a_crash_of_the_coordinator_blocks_whoever_has_promised() -> None:
    """The famous weakness (Skeen, 1981): the story crashes the coordinator between the promise and the verdict."""
    with pytest.raises(Falsified) as refused:
        explore(two_phase_commit.cast(1), crashes=1).quiescent(unblocked)
    verdict = refused.value.verdict
    assert verdict.finding.endswith("p1 has promised, knows no verdict, and nothing moves any more")
    assert verdict.story is not None
    assert [step.choice.verb for step in verdict.story.trace if step.choice.fault] == ["crash"]
    world = verdict.story.trace[-1].world
    assert set(world.processes) == {"p1"}


def test_asking_peers_unblocks_only_while_one_of_them_knows_or_has_not_promised() -> None:
    with pytest.raises(Falsified) as refused:
        explore(two_phase_commit.cast(2, variant="cooperative"), crashes=1).quiescent(unblocked)
    story = refused.value.verdict.story
    assert story is not None
    states = {address: process.state for address, process in story.trace[-1].world.processes.items()}  # type: ignore[attr-defined]
    assert states == {"p1": State.READY, "p2": State.READY}
