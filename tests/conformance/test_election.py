"""An election ends alike on both buses: at the start, after a leader is lost, and for who comes late or observes."""

from __future__ import annotations

from consensus_lab.protocols.election import cast
from consensus_lab.protocols.election.messages import Elected, LeaderLost, State
from tests.conformance.conftest import StageOf
from tests.conformance.stages import Stage


def everyone_has(stage: Stage, leader: str, *addresses: str) -> bool:
    return all(stage.process(address).leader == leader for address in addresses or stage.cast.addresses)


def test_the_longest_log_wins_and_everyone_is_welcomed(stage_of: StageOf):
    stage = stage_of(cast(3, zxids=("1.1", "1.9", "1.4")))
    stage.until(lambda: stage.process("n2").learners == {"n1", "n2", "n3"})
    assert everyone_has(stage, "n2")
    assert stage.process("n2").state is State.LEADING


def test_an_observer_finds_the_leader_and_does_not_vote(stage_of: StageOf):
    stage = stage_of(cast(4, observers=("n4",)))
    stage.until(lambda: everyone_has(stage, "n3"))
    assert stage.process("n4").state is State.OBSERVING
    assert "n4" not in stage.process("n3").recvset


def test_when_the_leader_crashes_the_others_elect_anew_and_it_joins_them(stage_of: StageOf):
    stage = stage_of(cast(3, zxids=("1.1", "1.9", "1.4")))
    stage.until(lambda: everyone_has(stage, "n2") and stage.process("n2").learners == {"n1", "n2", "n3"})
    stage.crash("n2")
    stage.until(lambda: everyone_has(stage, "n3", "n1", "n3"))
    stage.restart("n2")
    stage.until(lambda: everyone_has(stage, "n3"))
    assert stage.process("n2").state is State.FOLLOWING


def test_a_follower_whose_connection_to_the_leader_breaks_comes_back_to_it(stage_of: StageOf):
    stage = stage_of(cast(3))
    stage.until(lambda: stage.process("n3").learners == {"n1", "n2", "n3"})
    before = len(stage.decisions)
    stage.reset("n1", "n3")
    stage.until(lambda: len(stage.decisions) > before and everyone_has(stage, "n3"))
    assert ("n1", Elected("n3", 1)) in stage.decisions[before:]


def test_a_leader_that_is_told_that_it_is_lost_says_so_and_all_begin_a_new_round(stage_of: StageOf):
    stage = stage_of(cast(3))
    stage.until(lambda: stage.process("n3").learners == {"n1", "n2", "n3"})
    stage.submit("n3", LeaderLost())
    stage.until(lambda: {node for node, value in stage.decisions if value.election_epoch == 2} == {"n1", "n2", "n3"})
    assert everyone_has(stage, "n3")
