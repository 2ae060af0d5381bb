"""Three-phase commit ends alike on both buses, in every variant, with any votes, and without its coordinator."""

from __future__ import annotations

import pytest

from consensus_lab.protocols.three_phase_commit import VARIANTS, cast
from consensus_lab.protocols.three_phase_commit.messages import Abort, Begin, Commit, State
from tests.conformance.conftest import StageOf

PARTICIPANTS = ("p1", "p2", "p3")


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("unwilling", [(), ("p1",), PARTICIPANTS], ids=["all yes", "one no", "all no"])
def test_everybody_decides_alike_and_releases_its_resource(stage_of: StageOf, variant: str, unwilling: tuple[str, ...]):
    stage = stage_of(cast(3, variant=variant, unwilling=unwilling))
    stage.submit("coordinator", Begin("T1"))
    stage.until(lambda: len(stage.decisions) == 4)
    verdict = Abort("T1") if unwilling else Commit("T1")
    assert sorted(stage.decisions, key=str) == sorted(((node, verdict) for node in stage.cast.addresses), key=str)
    for participant in map(stage.process, PARTICIPANTS):
        assert participant.lock is None
        assert participant.state is (State.ABORT if unwilling else State.COMMIT)


@pytest.mark.parametrize("variant", ["skeen", "termination"])
def test_a_coordinator_that_crashes_before_it_hears_every_vote_blocks_nobody(stage_of: StageOf, variant: str):
    """The fsync of p3 does not end, so its yes never leaves. It aborts as well, as soon as its disk lets it say so."""
    stage = stage_of(cast(3, variant=variant))
    stage.hold_disk("p3")
    stage.submit("coordinator", Begin("T1"))
    stage.until(lambda: stage.process("p1").state is stage.process("p2").state is State.READY)
    stage.crash("coordinator")
    stage.until(lambda: {node for node, _ in stage.decisions} == {"p1", "p2"})
    stage.release_disk("p3")
    stage.until(lambda: {node for node, _ in stage.decisions} == set(PARTICIPANTS))
    assert {value for _, value in stage.decisions} == {Abort("T1")}


def test_a_participant_that_was_away_asks_and_learns_what_the_others_did(stage_of: StageOf):
    stage = stage_of(cast(2))
    stage.submit("coordinator", Begin("T1"))
    stage.until(lambda: stage.process("p1").state is State.PRECOMMIT)
    stage.crash("p1")
    stage.until(lambda: ("p2", Commit("T1")) in stage.decisions)
    stage.restart("p1")
    stage.until(lambda: ("p1", Commit("T1")) in stage.decisions)
    assert stage.process("p1").value == "T1"
    assert stage.process("p1").lock is None
