"""ZAB ends alike on both buses: an epoch, writes in one order, a leader that is lost, and a disk that is cut short."""

from __future__ import annotations

from consensus_lab.protocols.zab import cast
from consensus_lab.protocols.zab.messages import (
    CurrentEpoch,
    Increment,
    Logged,
    ReadRequest,
    Response,
    State,
    SyncRequest,
    Total,
    Txn,
    WriteRequest,
    ZabState,
    Zxid,
)
from tests.conformance.conftest import StageOf
from tests.conformance.stages import Stage


def serving(stage: Stage, *addresses: str) -> bool:
    return all(stage.process(address).zab_state is ZabState.BROADCAST for address in addresses or stage.cast.addresses)


def responses(stage: Stage) -> list[tuple[str, Response]]:
    return [(who, answer) for who, answer in stage.answers if isinstance(answer, Response)]


def delivered(stage: Stage, address: str) -> list[Zxid]:
    return [value.zxid for node, value in stage.decisions if node == address and isinstance(value, Txn)]


def test_a_quorum_enters_an_epoch_and_a_write_is_done_everywhere(stage_of: StageOf):
    stage = stage_of(cast(3))
    stage.until(lambda: serving(stage))
    stage.submit("n1", WriteRequest(1, 1, Increment()))
    stage.until(lambda: all(delivered(stage, address) == [Zxid(1, 1)] for address in stage.cast.addresses))
    assert responses(stage) == [("n1", Response(1, 1, Zxid(1, 1), 1))]
    assert [type(record).__name__ for record in stage.journal("n1")] == ["AcceptedEpoch", "CurrentEpoch", "Logged"]


def test_writes_of_all_clients_are_delivered_in_one_order_and_each_session_in_its_own(stage_of: StageOf):
    stage = stage_of(cast(3))
    for number in range(1, 6):
        for session, server in enumerate(stage.cast.addresses, start=1):
            stage.submit(server, WriteRequest(session, number, Increment()))
    stage.until(lambda: all(len(delivered(stage, address)) == 15 for address in stage.cast.addresses))
    assert delivered(stage, "n1") == delivered(stage, "n2") == delivered(stage, "n3")
    assert {stage.process(address).replica for address in stage.cast.addresses} == {15}
    for session, server in enumerate(stage.cast.addresses, start=1):
        assert [answer.cxid for who, answer in responses(stage) if answer.session == session] == [1, 2, 3, 4, 5], server


def test_a_session_reads_what_it_has_written_and_after_sync_what_is_there(stage_of: StageOf):
    stage = stage_of(cast(3))
    stage.until(lambda: serving(stage))
    stage.submit("n1", WriteRequest(1, 1, Increment(5)))
    stage.submit("n1", ReadRequest(1, 2, Total()))
    stage.until(lambda: len(responses(stage)) == 2)
    stage.submit("n2", SyncRequest(2, 1))
    stage.submit("n2", ReadRequest(2, 2, Total()))
    stage.until(lambda: len(responses(stage)) == 4)
    assert {(answer.session, answer.cxid): answer.result for _, answer in responses(stage)} == {
        (1, 1): 5,
        (1, 2): 5,
        (2, 1): None,
        (2, 2): 5,
    }


def test_what_was_answered_survives_the_leader_which_comes_back_and_follows(stage_of: StageOf):
    stage = stage_of(cast(3, logs=("1.1", "1.1", "1.1")))
    stage.until(lambda: serving(stage))
    stage.submit("n3", WriteRequest(3, 1, Increment()))
    stage.until(lambda: len(responses(stage)) == 1 and delivered(stage, "n2")[-1:] == [Zxid(2, 1)])
    stage.crash("n3")
    stage.until(lambda: stage.process("n2").state is State.LEADING and serving(stage, "n1", "n2"))
    stage.submit("n1", WriteRequest(1, 1, Increment()))
    stage.until(lambda: len(responses(stage)) == 2)
    stage.restart("n3")
    stage.until(lambda: serving(stage) and stage.process("n3").replica == 1003)
    assert stage.process("n3").state is State.FOLLOWING
    assert stage.process("n3").current_epoch == 3


def test_what_a_follower_has_not_on_disk_it_has_not_acknowledged(stage_of: StageOf):
    stage = stage_of(cast(3))
    stage.until(lambda: serving(stage))
    stage.hold_disk("n1")
    stage.hold_disk("n2")
    stage.submit("n3", WriteRequest(3, 1, Increment()))
    stage.until(lambda: stage.process("n1").log == stage.process("n2").log == (Zxid(1, 1),))
    assert responses(stage) == []
    stage.crash("n1")
    stage.restart("n1")
    assert not any(isinstance(record, Logged) for record in stage.journal("n1"))
    stage.release_disk("n2")
    stage.until(lambda: len(responses(stage)) == 1 and serving(stage))
    assert stage.process("n1").replica == 1


def test_a_follower_whose_connection_breaks_is_brought_up_to_date_by_its_leader(stage_of: StageOf):
    stage = stage_of(cast(3, logs=("1.1", "1.1", "1.1")))
    stage.until(lambda: serving(stage))
    before = stage.process("n1").connection
    stage.reset("n1", "n3")
    stage.until(lambda: stage.process("n1").connection > before and serving(stage))
    stage.submit("n2", WriteRequest(2, 1, Increment()))
    stage.until(lambda: delivered(stage, "n1")[-1:] == [Zxid(2, 1)])
    assert [record.epoch for record in stage.journal("n1") if isinstance(record, CurrentEpoch)] == [2, 2]


def test_an_observer_hears_of_everything_and_is_asked_for_nothing(stage_of: StageOf):
    stage = stage_of(cast(4, observers=("n4",)))
    stage.until(lambda: serving(stage))
    stage.submit("n4", WriteRequest(4, 1, Increment()))
    stage.until(lambda: all(len(delivered(stage, address)) == 1 for address in stage.cast.addresses))
    assert responses(stage) == [("n4", Response(4, 1, Zxid(1, 1), 1))]
    assert stage.process("n4").state is State.OBSERVING
