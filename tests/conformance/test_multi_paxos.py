"""A log is replicated alike on both buses: in calm, after crashes, by snapshots, and to whoever asks for a read."""

from __future__ import annotations

import pytest

from consensus_lab.protocols.multi_paxos import READS, cast
from consensus_lab.protocols.multi_paxos.messages import Add, Call, Get, Put, State
from tests.conformance.conftest import StageOf
from tests.conformance.stages import Stage


def servers(stage: Stage) -> list[str]:
    return [address for address in stage.cast.addresses if address.startswith("s")]


def is_led(stage: Stage, by: str = "s1") -> bool:
    """It leads, and all the others have heard of it."""
    ballot = stage.process(by).ballot
    return stage.process(by).state is State.LEADING and all(stage.process(s).seen == ballot for s in servers(stage))


def have_applied(stage: Stage, slot: int, *addresses: str) -> bool:
    return all(stage.process(address).applied == slot for address in addresses or servers(stage))


def results(stage: Stage) -> list:
    return [reply.result for _, reply in stage.answers]


@pytest.mark.parametrize("reads", READS)
def test_clients_are_answered_and_all_replicas_hold_the_same(stage_of: StageOf, reads: str):
    stage = stage_of(cast(3, 1, reads=reads, wishes=()))
    for operation in (Put("x", 5), Add("x", 2), Get("x")):
        stage.submit("c1", Call(operation))
    stage.until(lambda: len(stage.answers) == 3 and have_applied(stage, 3 if reads == "log" else 2))
    assert results(stage) == [None, 7, 7]
    assert {str(stage.process(address).store) for address in servers(stage)} == {"{'x': 7}"}


def test_when_the_leader_crashes_another_leads_and_the_request_that_it_answered_counts_once(stage_of: StageOf):
    stage = stage_of(cast(3, 1, wishes=()))
    stage.submit("c1", Call(Add("x", 1)))
    stage.until(lambda: have_applied(stage, 1))
    stage.crash("s1")
    stage.submit("c1", Call(Add("x", 1)))
    stage.until(lambda: len(stage.answers) == 2)
    stage.restart("s1")
    stage.until(lambda: have_applied(stage, stage.process("s2").applied))
    assert results(stage) == [1, 2]
    assert stage.process("s1").store == {"x": 2}


def test_a_vote_whose_fsync_a_crash_cuts_short_was_never_cast(stage_of: StageOf):
    stage = stage_of(cast(3, 1, wishes=()))
    stage.until(lambda: is_led(stage))
    stage.hold_disk("s2")
    stage.hold_disk("s3")
    stage.submit("c1", Call(Put("x", "red")))
    stage.until(lambda: 1 in stage.process("s2").votes)
    assert have_applied(stage, 0, "s1"), "one vote of three"
    stage.crash("s2")
    stage.restart("s2")
    assert stage.process("s2").votes == {}
    stage.until(lambda: len(stage.answers) == 1 and have_applied(stage, 1, "s1", "s2"))


def test_who_missed_more_than_the_others_still_have_is_given_a_snapshot(stage_of: StageOf):
    stage = stage_of(cast(3, 1, snapshot_every=2, wishes=()))
    stage.until(lambda: is_led(stage))
    stage.crash("s3")
    for _ in range(5):
        stage.submit("c1", Call(Add("x", 1)))
    stage.until(lambda: have_applied(stage, 5, "s1", "s2"))
    stage.restart("s3")
    stage.until(lambda: have_applied(stage, 5))
    assert stage.process("s3").snapshot.slot == 4
    assert stage.process("s3").store == {"x": 5}


def test_all_may_lose_their_power_and_nothing_that_was_answered_is_lost(stage_of: StageOf):
    stage = stage_of(cast(3, 1, wishes=()))
    stage.submit("c1", Call(Put("x", "red")))
    stage.until(lambda: len(stage.answers) == 1)
    for address in servers(stage):
        stage.crash(address)
    for address in servers(stage):
        stage.restart(address)
    stage.submit("c1", Call(Get("x")))
    stage.until(lambda: len(stage.answers) == 2)
    assert results(stage) == [None, "red"]
