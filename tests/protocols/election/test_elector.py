"""The election rule by rule, as ZooKeeper 3.9 has it."""

import pytest

from consensus_lab.kernel import CancelTimer, Context, Disconnected, Send, SetTimer, Start
from consensus_lab.protocols.election.elector import FINALIZE_WAIT, LONGEST_TIMEOUT, SHORTEST_TIMEOUT
from consensus_lab.protocols.election.messages import (
    NOBODY,
    UNTRUSTED,
    FinalizeWait,
    Notification,
    NotificationTimeout,
    State,
)
from consensus_lab.protocols.election.peer import Peer
from tests.protocols.election.running import note, server, told, vote


def looking(sid: int = 1, servers: int = 3, **more) -> Peer:
    peer = server(sid, servers, **more)
    told(peer, Start(), f"n{sid}")
    return peer


def sent(effects) -> list[tuple[str, object]]:
    return [(effect.to, effect.message) for effect in effects if isinstance(effect, Send)]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (vote(2), vote(1)),
        (vote(1, zxid=(0, 1)), vote(2)),
        (vote(1, zxid=(1, 0)), vote(2, zxid=(0, 99))),
        (vote(1, epoch=1), vote(2, zxid=(0, 99))),
        (vote(1), NOBODY),
    ],
)
def test_a_later_epoch_then_a_later_zxid_then_a_larger_sid_is_better(better, worse):
    peer = server()
    assert peer.succeeds(better, worse)
    assert not peer.succeeds(worse, better)
    assert not peer.succeeds(better, better)


def test_a_server_of_weight_0_is_never_better():
    peer = server()
    peer.weightless = frozenset({"n3"})
    assert not peer.succeeds(vote(3, epoch=9), vote(1))


def test_a_round_begins_with_a_vote_for_oneself_told_to_every_voter():
    peer = server()
    effects = told(peer, Start(), "n1")
    assert sent(effects) == [("n2", note(1)), ("n3", note(1))]
    assert SetTimer(NotificationTimeout(), SHORTEST_TIMEOUT, SHORTEST_TIMEOUT) in effects
    assert peer.recvset == {"n1": note(1)}


def test_a_better_vote_of_the_same_round_is_adopted_and_told():
    peer = looking(servers=5)
    assert ("n4", note(3)) in sent(told(peer, note(3), "n3"))
    assert (peer.candidate, peer.recvset["n3"]) == ("n3", note(3))


def test_a_worse_vote_is_counted_and_not_adopted():
    peer = looking(sid=3, servers=5)
    assert sent(told(peer, note(2), "n2")) == []
    assert (peer.candidate, peer.recvset["n2"]) == ("n3", note(2))


def test_a_later_round_is_adopted_with_the_better_of_its_vote_and_my_first_one():
    peer = looking(sid=2, servers=5)
    told(peer, note(5), "n5")
    told(peer, note(1, round=7), "n1")
    assert (peer.logical_clock, peer.candidate) == (7, "n2")
    assert peer.recvset == {"n1": note(1, round=7), "n2": note(2, round=7)}


def test_a_vote_of_an_earlier_round_is_answered_and_not_counted():
    peer = looking()
    told(peer, note(1, round=7), "n3")
    assert sent(told(peer, note(2, round=6), "n2")) == [("n2", note(1, round=7))]
    assert "n2" not in peer.recvset


def test_an_observer_in_a_later_round_and_a_voter_do_not_answer_each_other_for_ever():
    observer, voter = looking(sid=4), looking(sid=1)
    told(observer, note(1, round=7), "n3")
    answers = sent(told(voter, note(1, round=7), "n4"))
    assert [to for to, _ in answers] == ["n4"], "an observer is always told how things stand"
    assert sent(told(observer, note(1, round=1), "n1")) == []


def test_with_a_quorum_it_waits_200_ms_and_again_after_each_word_that_is_not_better():
    peer = looking(sid=3)
    wait = SetTimer(FinalizeWait(), FINALIZE_WAIT, FINALIZE_WAIT)
    assert wait in told(peer, note(3), "n2")
    assert told(peer, note(1), "n1") == (wait,)
    assert peer.recvset["n2"] == note(3)
    assert "n1" not in peer.recvset, "3.9 reads such a word from its queue and drops it"


def test_a_better_word_ends_the_wait_and_another_begins_when_there_is_a_quorum_for_that_one():
    peer = looking(servers=5)
    for voter in ("n2", "n3"):
        told(peer, note(3), voter)
    assert peer.finalizing
    effects = told(peer, note(5), "n5")
    assert CancelTimer(FinalizeWait()) in effects
    assert not peer.finalizing
    told(peer, note(5), "n4")
    assert peer.finalizing


def test_silence_is_waited_for_twice_as_long_each_time_up_to_a_minute():
    peer = looking()
    waits = []
    for _ in range(10):
        effects = told(peer, NotificationTimeout(), "n1")
        assert sent(effects) == [("n2", note(1)), ("n3", note(1))]
        waits += [effect.low for effect in effects if isinstance(effect, SetTimer)]
    assert waits == [0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, LONGEST_TIMEOUT, LONGEST_TIMEOUT]


def test_a_vote_for_a_stranger_is_not_understood():
    peer = looking()
    told(peer, note(9), "n2")
    assert (peer.candidate, set(peer.recvset)) == ("n1", {"n1"})


def test_an_empty_database_that_is_not_trusted_neither_counts_nor_is_counted():
    emptied = looking(zxid=UNTRUSTED)
    told(emptied, note(3), "n3")
    assert emptied.candidate == "n1"
    well = looking()
    told(well, Notification(State.LOOKING, vote(3)._replace(zxid=UNTRUSTED, peer_epoch=9), 1), "n3")
    assert (well.candidate, set(well.recvset)) == ("n1", {"n1"})


def test_an_observer_is_for_nobody_is_answered_at_once_and_never_counted():
    observer = looking(sid=4)
    assert observer.proposal == NOBODY
    assert observer.recvset == {}
    voter = looking()
    said = Notification(State.LOOKING, NOBODY, 9)
    assert sent(told(voter, said, "n4")) == [("n4", note(1))]
    assert (voter.logical_clock, set(voter.recvset)) == (1, {"n1"})


def test_a_running_ensemble_is_joined_with_a_quorum_and_the_leaders_own_word():
    peer = looking(servers=5)
    for voter in ("n2", "n3", "n4"):
        told(peer, note(5, round=7, state=State.FOLLOWING), voter)
    assert peer.state is State.LOOKING
    told(peer, note(5, round=7, state=State.LEADING), "n5")
    assert (peer.state, peer.leader, peer.logical_clock) == (State.FOLLOWING, "n5", 7)


def test_those_who_have_a_leader_agree_though_they_heard_different_things_of_it():
    """ZOOKEEPER-1732: they may have come to it in different rounds, and with different zxids."""
    peer = looking(servers=5)
    told(peer, note(5, round=6, state=State.FOLLOWING, zxid=(0, 1)), "n2")
    told(peer, note(5, round=7, state=State.FOLLOWING, zxid=(0, 2)), "n3")
    told(peer, note(5, round=8, state=State.LEADING, zxid=(0, 3)), "n5")
    assert (peer.state, peer.leader, peer.logical_clock) == (State.FOLLOWING, "n5", 8)


def test_those_who_followed_their_leader_into_different_epochs_do_not_agree():
    peer = looking()
    told(peer, note(3, round=7, state=State.FOLLOWING), "n2")
    told(peer, note(3, round=7, state=State.LEADING, epoch=1), "n3")
    assert peer.state is State.LOOKING


def test_who_is_told_that_it_leads_believes_so_only_in_its_own_round():
    """ZOOKEEPER-975."""
    for round, state in ((1, State.LEADING), (7, State.LOOKING)):
        peer = looking(servers=5)
        for voter in ("n2", "n3", "n4"):
            told(peer, note(1, round=round, state=State.FOLLOWING), voter)
        assert peer.state is state


def test_who_has_a_leader_answers_who_is_looking_and_nobody_else():
    peer = looking()
    told(peer, note(3), "n3")
    told(peer, FinalizeWait(), "n1")
    assert peer.state is State.FOLLOWING
    assert sent(told(peer, note(2, round=5), "n2")) == [("n2", note(3, state=State.FOLLOWING))]
    assert told(peer, note(3, state=State.LEADING), "n3") == ()


def test_a_composing_server_may_tell_latecomers_of_the_epoch_that_it_was_led_into():
    peer = looking()
    told(peer, note(3), "n3")
    told(peer, FinalizeWait(), "n1")
    peer.update_election_vote(4)
    assert sent(told(peer, note(2, round=5), "n2")) == [("n2", note(3, state=State.FOLLOWING, epoch=4))]


def test_what_was_said_last_is_said_again_on_a_new_connection():
    peer = looking()
    told(peer, note(2), "n2")
    assert sent(told(peer, Disconnected("n3"), "n3")) == [("n3", note(2))]


def test_a_new_round_forgets_what_was_heard():
    peer = looking()
    told(peer, note(3, round=7, state=State.FOLLOWING), "n2")
    told(peer, note(3), "n3")
    told(peer, NotificationTimeout(), "n1")
    peer.look_for_leader(Context("n1", "n1"))
    assert (peer.logical_clock, peer.candidate, peer.timeout) == (2, "n1", SHORTEST_TIMEOUT)
    assert (peer.recvset, peer.out_of_election) == ({"n1": note(1, round=2)}, {})
