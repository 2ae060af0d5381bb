"""Two-phase commit ends alike on both buses, in every variant and with any votes."""

from __future__ import annotations

import pytest

from consensus_lab.protocols.two_phase_commit import VARIANTS, cast
from consensus_lab.protocols.two_phase_commit.messages import Abort, Begin, Commit, State
from tests.conformance.conftest import StageOf


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("unwilling", [(), ("p1",), ("p1", "p2", "p3")], ids=["all yes", "one no", "all no"])
def test_everybody_decides_alike_and_releases_its_resource(stage_of: StageOf, variant: str, unwilling: tuple[str, ...]):
    stage = stage_of(cast(3, variant=variant, unwilling=unwilling))
    stage.submit("coordinator", Begin("T1"))
    stage.until(lambda: len(stage.decisions) == 4)
    verdict = Abort("T1") if unwilling else Commit("T1")
    assert sorted(stage.decisions, key=str) == sorted(((node, verdict) for node in stage.cast.addresses), key=str)
    for participant in map(stage.process, ("p1", "p2", "p3")):
        assert participant.lock is None
        assert participant.state is (State.ABORT if unwilling else State.COMMIT)


@pytest.mark.parametrize("variant", ["presumed-nothing", "cooperative"])
def test_a_coordinator_that_crashes_after_the_commit_point_tells_all_when_it_is_back(stage_of: StageOf, variant: str):
    stage = stage_of(cast(variant=variant))
    stage.submit("coordinator", Begin("T1"))
    stage.until(lambda: ("coordinator", Commit("T1")) in stage.decisions)
    stage.crash("coordinator")
    stage.restart("coordinator")
    stage.until(lambda: {node for node, _ in stage.decisions} == {"coordinator", "p1", "p2"})
    assert {value for _, value in stage.decisions} == {Commit("T1")}
