"""A crash at every point of the commit and of the abort run, of every node, with every part of its unwritten records.

After recovery all is calm: the invariants hold throughout, everybody who may decide has decided (AC5), and no resource
is held any more. And what a crash may not mend: a coordinator that stays away leaves those who voted yes in doubt.
"""

import pytest

from consensus_lab.kernel import Cast
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.protocols.two_phase_commit.messages import Abort, Commit, End, Prepared, State
from consensus_lab.sim import Crash, Pick, Recover, World
from consensus_lab.sim.conditions import STORMY
from consensus_lab.sim.faults import every_crash
from consensus_lab.sim.pickers import Rounds, Seeded, play
from tests.protocols.two_phase_commit.running import (
    COORDINATOR,
    VARIANT_NAMES,
    after,
    assert_unrefuted,
    has_decided,
    participants,
    settle,
)

RUNS = {
    "commit": {"unwilling": ()},
    "abort": {"unwilling": ("p2",)},
}


def normal_run(cast: Cast) -> list[World]:
    """Every world of the run without a fault, the first included."""
    return [World.of(cast), *(step.world for step in play(World.of(cast), Rounds()))]


def assert_mended(world: World, what: object) -> None:
    for address, participant in participants(world).items():
        assert has_decided(participant), f"after {what}: {address} is {participant.state}"
        assert participant.lock is None, f"after {what}: {address} holds {participant.lock}"


@pytest.mark.parametrize("variant", VARIANT_NAMES)
@pytest.mark.parametrize("run", RUNS)
def test_after_a_crash_at_any_point_and_recovery_everyone_decides_and_releases(variant: str, run: str):
    points = conceivable = 0
    for world in normal_run(cast(2, variant=variant, **RUNS[run])):
        conceivable += sum(1 + 2 * len(machine.unwritten) for machine in world.machines.values())
        for crash in every_crash(world):
            points += 1
            crashed = world.take(crash)
            assert_unrefuted(crashed, crash)
            back = crashed.take(Recover(crash.node))
            assert_unrefuted(back, crash)
            assert_mended(settle(back), f"{crash} in step {world.steps}")
    assert points == conceivable > 30, "every node in every world, with every kept prefix, torn or not"


@pytest.mark.parametrize("variant", VARIANT_NAMES)
def test_after_a_crash_and_a_second_crash_during_recovery_everyone_decides(variant: str):
    for world in normal_run(cast(1, variant=variant)):
        for crash in every_crash(world):
            back = world.take(crash).take(Recover(crash.node))
            for again in every_crash(back):
                twice = back.take(again).take(Recover(again.node))
                assert_unrefuted(twice, (crash, again))
                assert_mended(settle(twice), f"{crash}, then {again}, in step {world.steps}")


@pytest.mark.parametrize("variant", VARIANT_NAMES)
@pytest.mark.parametrize("run", RUNS)
def test_while_a_node_is_down_nothing_is_violated_by_those_who_go_on(variant: str, run: str):
    for world in normal_run(cast(2, variant=variant, **RUNS[run]))[::2]:
        for node in world.machines:
            settle(world.take(Crash(node)), steps=60)


@pytest.mark.parametrize("variant", VARIANT_NAMES)
def test_total_power_loss_at_any_point_is_survived(variant: str):
    for world in normal_run(cast(2, variant=variant)):
        dark = world
        for node in world.machines:
            dark = dark.take(Crash(node))
        for node in reversed(list(world.machines)):
            dark = dark.take(Recover(node))
        assert_mended(settle(dark), f"power loss in step {world.steps}")


# -- blocking ---------------------------------------------------------------------------------------------------------


def all_voted(variant: str) -> World:
    """Both have voted yes and the coordinator, who knows it, has not written its decision."""
    collecting = "sync coordinator\n" if variant == "presumed-commit" else ""
    return after(
        World.of(cast(2, variant=variant)),
        f"submit coordinator Begin\n{collecting}"
        "deliver coordinator -> p1 VoteRequest\ndeliver coordinator -> p2 VoteRequest\nsync p1\nsync p2\n"
        "deliver p1 -> coordinator Yes\ndeliver p2 -> coordinator Yes",
    )


@pytest.mark.parametrize("variant", VARIANT_NAMES)
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_with_the_coordinator_down_for_ever_those_who_voted_yes_stay_in_doubt_with_the_lock_held(variant, seed):
    world = all_voted(variant).take(Crash(COORDINATOR))
    for _ in range(150):
        picker = Rounds() if seed is None else Seeded(seed, STORMY)
        picked = picker.pick(world)
        if picked is None:
            break
        if picked.choice == Recover(COORDINATOR):  # for ever means for ever
            others = (choice for choice in world.choices() if not choice.fault and choice != picked.choice)
            picked = Pick(next(others))
        world = world.take(*picked)
        assert_unrefuted(world, picked.choice)
        assert not world.decisions
        for participant in participants(world).values():
            assert (participant.state, participant.lock) == (State.READY, "T1")
    assert world.timeouts > 1, "they kept asking"


@pytest.mark.parametrize("variant", VARIANT_NAMES)
def test_the_coordinators_return_ends_the_blocking(variant: str):
    world = settle(all_voted(variant).take(Crash(COORDINATOR)), steps=40)
    back = settle(world.take(Recover(COORDINATOR)))
    assert_mended(back, "the coordinator's return")
    assert {type(decision.value) for decision in back.decisions} == {Abort}


def informed_one(variant: str) -> World:
    """The coordinator has committed, told p1 only, and crashed; what it told p2 was lost."""
    return after(
        all_voted(variant),
        "sync coordinator\ndeliver coordinator -> p1 Commit\nsync p1\ndrop coordinator -> p2 Commit\ncrash coordinator",
    )


def test_one_who_knows_frees_the_rest_by_cooperative_termination_and_not_otherwise():
    for variant in VARIANT_NAMES:
        world = settle(informed_one(variant), steps=40)
        freed = has_decided(participants(world)["p2"])
        assert freed is (variant == "cooperative"), variant


# -- journals ---------------------------------------------------------------------------------------------------------

PREPARED = Prepared("T1", undo="old", redo="T1")


@pytest.mark.parametrize(
    ("variant", "unwilling", "coordinator", "yes_voter", "no_voter"),
    [
        ("presumed-nothing", (), [Commit("T1"), End("T1")], [PREPARED, Commit("T1")], None),
        ("presumed-nothing", ("p2",), [Abort("T1"), End("T1")], [PREPARED, Abort("T1")], [Abort("T1")]),
        ("cooperative", (), [Commit("T1"), End("T1")], [PREPARED, Commit("T1")], None),
        ("presumed-abort", (), [Commit("T1"), End("T1")], [PREPARED, Commit("T1")], None),
        ("presumed-abort", ("p2",), [], [PREPARED, Abort("T1")], [Abort("T1")]),
        ("presumed-commit", (), ["Collecting", Commit("T1")], [PREPARED, Commit("T1")], None),
        ("presumed-commit", ("p2",), ["Collecting", End("T1")], [PREPARED, Abort("T1")], [Abort("T1")]),
    ],
)
def test_what_the_journals_hold_in_the_end(variant, unwilling, coordinator, yes_voter, no_voter):
    end = normal_run(cast(2, variant=variant, unwilling=unwilling))[-1]
    kept = [type(r).__name__ if type(r).__name__ == "Collecting" else r for r in end.journal(COORDINATOR)]
    assert kept == coordinator
    assert list(end.journal("p1")) == yes_voter
    assert list(end.journal("p2")) == (no_voter or yes_voter)
