"""Who may play in an ensemble, and what their disks may hold."""

import pytest

from consensus_lab.lab.catalogue import make_cast
from consensus_lab.protocols.zab import cast
from consensus_lab.protocols.zab.messages import WriteRequest, Zxid
from consensus_lab.protocols.zab.peer import Peer
from tests.protocols.zab.running import server


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"servers": 0}, "servers must be 1 to 100, not 0"),
        ({"application": "queue"}, "application must be counter or map, not queue"),
        ({"writes": 1001}, "writes must be 0 to 1000, not 1001"),
        ({"logs": ("1.1",)}, "logs must say one for each of 3 servers, not 1"),
        ({"logs": ("1.x", "", "")}, "logs are written EPOCH.LAST or EPOCH.FIRST-LAST, with / between, not '1.x'"),
        ({"logs": ("1.3-2", "", "")}, "a log's counters rise from 1 to at most 10000, not as in '1.3-2'"),
        ({"logs": ("1.1-99999999", "", "")}, "a log's counters rise"),
        ({"logs": ("2.1/1.1", "", "")}, "logs must rise, and 2.1/1.1 does not"),
        ({"epochs": ("0", "0", "0"), "logs": ("1.1", "", "")}, "n1: from its last transaction's epoch to currentEpoch"),
        ({"epochs": ("2", "1", "1"), "accepted": ("2", "1", "1")}, "in epoch 2, so a quorum must have accepted it"),
        ({"observers": ("n9",)}, "observers names n9; servers are n1, n2, n3"),
        ({"observers": ("n1", "n2", "n3")}, "somebody must vote"),
        ({"window": 0}, "window must be at least 1"),
        ({"tick_time": 0}, "tick_time must be at least 1"),
        ({"counter_limit": 1}, "counter_limit must be at least 2"),
        ({"counter_limit": 2**32}, "counter_limit must be at most 4294967295"),
        ({"from_disk": -1}, "from_disk must be at least 0, not -1"),
    ],
)
def test_a_cast_that_makes_no_sense_is_refused_with_a_sentence(parameters: dict, sentence: str):
    with pytest.raises(ValueError, match=sentence):
        cast(**parameters)


def test_a_log_is_given_by_the_last_of_each_epoch_perhaps_with_a_gap():
    assert server(logs=("1.2/3.1/3.3-4", "", "")).log == (Zxid(1, 1), Zxid(1, 2), Zxid(3, 1), Zxid(3, 3), Zxid(3, 4))


def test_epochs_are_by_default_what_the_logs_say_and_what_a_quorum_must_have_accepted():
    made = [server(sid, logs=("1.1", "2.1", "")) for sid in (1, 2, 3)]
    assert [peer.current_epoch for peer in made] == [1, 2, 0]
    assert [peer.accepted_epoch for peer in made] == [2, 2, 2]


def test_of_the_same_zxid_everybody_has_the_same_transaction():
    one, other = (server(sid, logs=("1.2", "1.3", "1.1")).history.log for sid in (1, 2))
    assert one == other[:2]


def test_clients_wish_at_each_server_in_turn_and_no_two_wishes_are_alike():
    requests = cast(writes=7).requests
    assert [to for to, _ in requests] == ["n1", "n2", "n3"] * 2 + ["n1"]
    assert all(isinstance(request, WriteRequest) for _, request in requests)
    assert len({(request.session, request.cxid) for _, request in requests}) == 7


def test_a_class_of_ones_own_plays():
    class Own(Peer):
        pass

    assert all(type(process) is Own for process in cast(peer=Own).processes.values())


def test_words_make_the_same_cast():
    words = (("logs", "1.1+1.3+1.3"), ("ticking", "no"), ("window", "2"), ("application", "map"))
    made = make_cast("zab", words)
    assert made.parameters == {"application": "map", "logs": ("1.1", "1.3", "1.3"), "window": 2, "ticking": False}
