"""What a leader, a follower and an observer do upon each packet: sentences of the paper, and of Apache's reports."""

from dataclasses import replace

import pytest

from consensus_lab.kernel import Context, Disconnected
from consensus_lab.protocols.zab.application import Increment, Total
from consensus_lab.protocols.zab.messages import (
    ACK,
    ACKEPOCH,
    COMMIT,
    DIFF,
    FOLLOWERINFO,
    INFORM,
    LEADERINFO,
    NEWLEADER,
    OBSERVERINFO,
    PING,
    PROPOSAL,
    REQUEST,
    SNAP,
    SYNC,
    SYNC_TYPE,
    TRUNC,
    UPTODATE,
    AcceptedEpoch,
    Closed,
    Connect,
    Connected,
    CurrentEpoch,
    InitLimit,
    Logged,
    ReadTimeout,
    Snapshot,
    State,
    SyncRequest,
    Tick,
    Truncated,
    Txn,
    WriteRequest,
    ZabState,
    Zxid,
)
from consensus_lab.protocols.zab.peer import Peer
from tests.protocols.zab.running import forced, said, server, told


def txn(epoch: int, counter: int, value: int = 0) -> Txn:
    return Txn(Zxid(epoch, counter), 9, counter, Total(value))


# -- a follower, n1, of n3 ---------------------------------------------------------------------------------------------


def following(state: State = State.FOLLOWING, **parameters) -> Peer:
    """n1 has found n3, and told it who it is."""
    peer = server(1, **parameters)
    peer.state, peer.leader = state, "n3"
    peer.zab_state, peer.connection = ZabState.DISCOVERY, 1
    told(peer, Connected(1), "n3")
    return peer


def hears(peer: Peer, *packets):
    """What n1 does upon packets of n3: all effects."""
    return tuple(effect for packet in packets for effect in told(peer, packet, "n3"))


def live(**parameters) -> Peer:
    """n1 follows n3 in epoch 2, up to date."""
    peer = following(**parameters)
    hears(peer, LEADERINFO(Zxid(2, 0)), DIFF(peer.history.last_processed), NEWLEADER(Zxid(2, 0)), UPTODATE())
    return peer


@pytest.mark.parametrize(
    ("state", "info"), [(State.FOLLOWING, FOLLOWERINFO), (State.OBSERVING, OBSERVERINFO)], ids=["follower", "observer"]
)
def test_a_learner_says_who_it_is_and_which_epoch_it_has_accepted(state: State, info: type):
    peer = server(1, logs=("1.1", "1.1", "1.1"), accepted=("4", "4", "4"))
    peer.state, peer.leader, peer.connection = state, "n3", 3
    assert said(told(peer, Connected(3), "n3")) == [info(Zxid(4, 0), 1)]


def test_a_connection_that_was_given_up_is_not_taken_up_again():
    peer = server(1)
    peer.state, peer.leader, peer.connection = State.FOLLOWING, "n3", 3
    assert told(peer, Connected(2), "n3") == ()


def test_a_later_epoch_is_accepted_on_disk_before_it_is_acknowledged():
    peer = following(logs=("1.2", "1.2", "1.2"))
    effects = hears(peer, LEADERINFO(Zxid(2, 0)))
    assert [type(effect).__name__ for effect in effects] == ["Force", "Send"]
    assert (forced(effects), said(effects)) == ([AcceptedEpoch(2)], [ACKEPOCH(Zxid(1, 2), 1)])


def test_the_same_epoch_is_not_accepted_twice_and_the_second_time_does_not_count():
    peer = following(accepted=("2", "2", "2"))
    effects = hears(peer, LEADERINFO(Zxid(2, 0)))
    assert (forced(effects), said(effects)) == ([], [ACKEPOCH(Zxid(0, 0), -1)])


def test_an_earlier_epoch_is_refused():
    peer = following(accepted=("3", "3", "3"))
    hears(peer, LEADERINFO(Zxid(2, 0)))
    assert peer.state is State.LOOKING
    assert peer.accepted_epoch == 3


def test_at_newleader_first_the_history_is_durable_then_the_epoch_then_the_leader_is_told():
    """ZOOKEEPER-3911, 4643, 4646, 4785."""
    peer = following(logs=("1.1", "1.1", "1.1"))
    hears(peer, LEADERINFO(Zxid(2, 0)), DIFF(Zxid(1, 2)), PROPOSAL(txn(1, 2)), COMMIT(Zxid(1, 2)))
    assert peer.log == (Zxid(1, 1),)
    effects = hears(peer, NEWLEADER(Zxid(2, 0)))
    assert forced(effects) == [Logged(txn(1, 2)), CurrentEpoch(2, "n3")]
    assert [type(effect).__name__ for effect in effects][:3] == ["Force", "Force", "Send"]
    assert said(effects) == [ACK(Zxid(2, 0))]


def test_what_is_outstanding_at_newleader_is_logged_and_acknowledged_after_uptodate():
    """ZOOKEEPER-4394, 4685: its COMMIT may come in between, and the first ACK must be that of NEWLEADER."""
    peer = following()
    hears(peer, LEADERINFO(Zxid(2, 0)), DIFF(Zxid(0, 0)), PROPOSAL(txn(2, 1, 7)))
    assert said(hears(peer, NEWLEADER(Zxid(2, 0)))) == [ACK(Zxid(2, 0))]
    assert hears(peer, COMMIT(Zxid(2, 1))) == ()
    effects = hears(peer, UPTODATE())
    assert [message for message in said(effects) if isinstance(message, ACK)] == [ACK(Zxid(2, 0)), ACK(Zxid(2, 1))]
    assert (forced(effects), peer.replica, peer.last_committed) == ([Logged(txn(2, 1, 7))], 7, Zxid(2, 1))


def test_a_snapshot_takes_the_place_of_everything_at_newleader_and_not_before():
    """ZOOKEEPER-3642: half of it must not stay if the leader goes."""
    peer = following(logs=("1.3", "1.3", "1.3"))
    hears(peer, LEADERINFO(Zxid(2, 0)), SNAP(Zxid(1, 9), 19))
    assert peer.replica == 1003
    left = peer.clone()
    told(left, Disconnected("n3"), "n3")
    assert (left.state, left.replica) == (State.LOOKING, 1003)
    effects = hears(peer, PROPOSAL(txn(1, 10, 20)), COMMIT(Zxid(1, 10)), NEWLEADER(Zxid(2, 0)))
    assert forced(effects) == [Snapshot(Zxid(1, 9), 19), Logged(txn(1, 10, 20)), CurrentEpoch(2, "n3")]
    assert (peer.replica, peer.log) == (20, (Zxid(1, 10),))


def test_a_log_is_cut_on_disk_first():
    peer = following(logs=("1.3", "1.3", "1.3"))
    effects = hears(peer, LEADERINFO(Zxid(2, 0)), TRUNC(Zxid(1, 1)))
    assert Truncated(Zxid(1, 1)) in forced(effects)
    assert (peer.log, peer.replica) == ((Zxid(1, 1),), 1001)


def test_whoever_cannot_cut_its_snapshot_asks_for_another_one():
    """ZOOKEEPER-1549: a snapshot may hold what nobody has committed."""
    peer = following()
    peer.history.install(Snapshot(Zxid(1, 5), 15))
    hears(peer, LEADERINFO(Zxid(2, 0)), TRUNC(Zxid(1, 3)))
    assert peer.state is State.LOOKING
    peer.state, peer.leader, peer.connection, peer.connected = State.FOLLOWING, "n3", 2, True
    assert said(hears(peer, LEADERINFO(Zxid(2, 0)))) == [ACKEPOCH(Zxid(3, 0), -1)]
    leader = replace(server(3), accepted_epoch=2)
    assert isinstance(leader.choose_sync(Zxid(3, 0)).queue[0], SNAP)


def test_a_follower_acknowledges_what_it_logs_and_delivers_what_is_committed_in_order():
    peer = live()
    assert said(hears(peer, PROPOSAL(txn(2, 1, 1)), PROPOSAL(txn(2, 2, 2)))) == [ACK(Zxid(2, 1)), ACK(Zxid(2, 2))]
    assert peer.replica == 0
    hears(peer, COMMIT(Zxid(2, 1)))
    assert peer.replica == 1


def test_a_commit_of_anything_but_the_next_one_ends_it():
    peer = live()
    hears(peer, PROPOSAL(txn(2, 1)), PROPOSAL(txn(2, 2)), COMMIT(Zxid(2, 2)))
    assert peer.alarm == "Zxid(epoch=2, counter=2) is committed, and Zxid(epoch=2, counter=1) is next"
    assert peer.state is State.LOOKING


def test_a_proposal_that_is_there_already_is_ignored():
    """Issue 2 of Zab.tla."""
    peer = live()
    hears(peer, PROPOSAL(txn(2, 1)))
    assert said(hears(peer, PROPOSAL(txn(2, 1)))) == []
    assert peer.log == (Zxid(2, 1),)


def test_a_gap_between_proposals_of_one_epoch_ends_the_synchronisation():
    peer = following()
    hears(peer, LEADERINFO(Zxid(2, 0)), DIFF(Zxid(1, 4)), PROPOSAL(txn(1, 1)), PROPOSAL(txn(1, 3)))
    assert peer.alarm
    assert peer.state is State.LOOKING


def test_packets_of_an_earlier_connection_are_void():
    peer = live()
    told(peer, Disconnected("n3"), "n3")
    peer.state, peer.leader = State.FOLLOWING, "n3"
    assert not forced(hears_nothing(peer, PROPOSAL(txn(2, 1))))


def hears_nothing(peer: Peer, packet):
    ctx = Context("n1", "n3")
    assert not peer.receive(packet, ctx)
    return ctx.effects


def test_a_silent_leader_is_given_up_and_clients_are_told_that_nobody_knows():
    peer = live()
    told(peer, WriteRequest(1, 1, Increment()), "client")
    effects = told(peer, ReadTimeout(), "n1")
    assert peer.state is State.LOOKING
    assert [type(message).__name__ for message in said(effects, "client")] == ["ConnectionLoss"]


def test_while_it_is_synchronised_a_learner_answers_no_ping():
    peer = following()
    hears(peer, LEADERINFO(Zxid(2, 0)), DIFF(Zxid(0, 0)))
    assert said(hears(peer, PING(Zxid(2, 0)))) == []
    hears(peer, NEWLEADER(Zxid(2, 0)), UPTODATE())
    assert said(hears(peer, PING(Zxid(2, 0)))) == [PING(Zxid(2, 0))]


def test_an_observer_writes_what_it_is_informed_of_and_owes_nobody_an_ack():
    peer = following(State.OBSERVING)
    hears(peer, LEADERINFO(Zxid(2, 0)), DIFF(Zxid(0, 0)), NEWLEADER(Zxid(2, 0)), UPTODATE())
    effects = hears(peer, INFORM(txn(2, 1, 3)))
    assert (forced(effects), said(effects), peer.replica) == ([], [], 3)
    assert peer.last_committed == Zxid(2, 1)


# -- a leader, n3, of n1 and n2 ----------------------------------------------------------------------------------------


def leading(**parameters) -> Peer:
    """n3 was elected."""
    peer = server(3, **parameters)
    peer.state, peer.leader = State.LEADING, "n3"
    peer.lead(Context("n3", "n3"))
    return peer


def joined(peer: Peer, learner: str, accepted: int = 0, *, current: int = 0, last: tuple[int, int] = (0, 0)):
    """A learner goes through discovery."""
    told(peer, Connect(1), learner)
    told(peer, FOLLOWERINFO(Zxid(accepted, 0), int(learner[1:])), learner)
    return told(peer, ACKEPOCH(Zxid(*last), current), learner)


def established(**parameters) -> Peer:
    """n3 leads epoch 1, and n1 follows."""
    peer = leading(**parameters)
    joined(peer, "n1")
    told(peer, ACK(Zxid(peer.epoch, 0)), "n3")
    told(peer, ACK(Zxid(peer.epoch, 0)), "n1")
    assert peer.zab_state is ZabState.BROADCAST
    return peer


def test_the_new_epoch_is_later_than_all_that_a_quorum_has_accepted_and_on_disk_before_it_is_proposed():
    peer = leading(accepted=("1", "1", "2"))
    assert not peer.epoch_chosen, "one is no quorum"
    told(peer, Connect(1), "n1")
    effects = told(peer, FOLLOWERINFO(Zxid(5, 0), 1), "n1")
    assert [type(effect).__name__ for effect in effects][:2] == ["Force", "Send"]
    assert (forced(effects), said(effects)) == ([AcceptedEpoch(6)], [LEADERINFO(Zxid(6, 0))])


def test_an_observer_is_answered_and_does_not_count():
    peer = leading(servers=4, observers=("n4",))
    told(peer, Connect(1), "n4")
    told(peer, OBSERVERINFO(Zxid(9, 0), 4), "n4")
    assert not peer.epoch_chosen


def test_a_follower_whose_history_is_better_is_sent_away():
    peer = leading(logs=("1.1", "1.1", "1.1"))
    effects = joined(peer, "n1", 1, current=1, last=(1, 2))
    assert said(effects) == [Closed()]
    assert peer.zab_state is ZabState.DISCOVERY
    assert "n1" not in peer.handlers


def test_an_acceptance_that_was_given_before_does_not_count_for_the_epoch():
    peer = leading()
    joined(peer, "n1", current=-1)
    assert peer.zab_state is ZabState.DISCOVERY


def test_a_quorum_that_has_entered_the_epoch_establishes_its_leader_its_own_disk_included():
    peer = leading()
    joined(peer, "n1")
    told(peer, ACK(Zxid(1, 0)), "n1")
    assert peer.zab_state is ZabState.SYNCHRONIZATION, "its own currentEpoch is not durable yet"
    assert said(told(peer, ACK(Zxid(1, 0)), "n3"), "n1") == [UPTODATE()]
    assert peer.zab_state is ZabState.BROADCAST


def test_proposals_leave_while_the_leaders_disk_works_and_its_own_ack_does_not():
    peer = established()
    effects = told(peer, WriteRequest(3, 1, Increment()), "client")
    sent = {type(effect.message).__name__: effect.eager for effect in effects if hasattr(effect, "eager")}
    assert sent == {"PROPOSAL": True, "ACK": False}


def test_a_proposal_is_committed_when_a_quorum_has_it_and_in_order():
    peer = established()
    told(peer, WriteRequest(3, 1, Increment()), "client")
    told(peer, WriteRequest(3, 2, Increment()), "client")
    told(peer, ACK(Zxid(1, 1)), "n1")
    assert peer.replica == 0
    effects = told(peer, ACK(Zxid(1, 1)), "n3")
    assert said(effects, "n1") == [COMMIT(Zxid(1, 1))]
    assert [message.cxid for message in said(effects, "client")] == [1]


def test_what_a_follower_acknowledged_before_it_came_anew_does_not_count():
    peer = established(ticking=True)
    told(peer, WriteRequest(3, 1, Increment()), "client")
    told(peer, ACK(Zxid(1, 1)), "n1")
    told(peer, Disconnected("n1"), "n1")
    told(peer, Connect(2), "n1")
    told(peer, FOLLOWERINFO(Zxid(1, 0), 1), "n1")
    assert TRUNC(Zxid(1, 0)) in said(told(peer, ACKEPOCH(Zxid(1, 1), -1), "n1"), "n1")
    told(peer, ACK(Zxid(1, 1)), "n3")
    assert peer.replica == 0


def test_a_late_follower_is_sent_what_is_outstanding_before_newleader():
    peer = established()
    told(peer, WriteRequest(3, 1, Increment()), "client")
    sent = said(joined(peer, "n2", 1, current=-1), "n2")
    assert [type(packet).__name__ for packet in sent] == ["SNAP", "PROPOSAL", "NEWLEADER"]


def test_sync_is_answered_behind_the_commits_of_all_that_is_outstanding():
    peer = established()
    sync = REQUEST(1, 1, SYNC_TYPE, None)
    assert said(told(peer, sync, "n1"), "n1") == [SYNC()]
    told(peer, WriteRequest(3, 1, Increment()), "client")
    assert said(told(peer, sync, "n1"), "n1") == []
    told(peer, ACK(Zxid(1, 1)), "n1")
    assert said(told(peer, ACK(Zxid(1, 1)), "n3"), "n1") == [COMMIT(Zxid(1, 1)), SYNC()]
    assert [message.cxid for message in said(told(peer, SyncRequest(3, 2), "client"), "client")] == [2]


def test_the_counter_is_used_up_before_it_runs_over():
    """ZOOKEEPER-1277."""
    peer = established(counter_limit=2)
    told(peer, WriteRequest(3, 1, Increment()), "client")
    effects = told(peer, WriteRequest(3, 2, Increment()), "client")
    assert peer.state is State.LOOKING
    assert said(effects, "n1")[0] == Closed()
    assert [type(message).__name__ for message in said(effects, "client")] == ["ConnectionLoss", "ConnectionLoss"]


def test_a_leader_that_has_heard_of_too_few_for_sync_limit_steps_down():
    peer = established(sync_limit=2)
    for _ in range(2 * 2 + 1):
        told(peer, Tick(), "n3")
    assert peer.state is State.LEADING
    told(peer, PING(Zxid(1, 0)), "n1")
    for _ in range(2 * 2):
        told(peer, Tick(), "n3")
    assert peer.state is State.LEADING
    told(peer, Tick(), "n3")
    assert peer.state is State.LOOKING


def test_a_leader_without_a_quorum_within_init_limit_looks_again():
    """ZOOKEEPER-3109: its voters may have changed their mind."""
    peer = leading()
    told(peer, InitLimit(), "n3")
    assert peer.state is State.LOOKING
