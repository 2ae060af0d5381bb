"""A history: logged, then processed, cut, or replaced by a snapshot; and copied without sharing."""

import pytest

from consensus_lab.protocols.zab.application import Total
from consensus_lab.protocols.zab.history import History
from consensus_lab.protocols.zab.messages import ZERO, Snapshot, Txn, Zxid
from tests.protocols.zab.running import server


def history(*zxids: tuple[int, int]) -> History:
    made = History()
    for count, zxid in enumerate(zxids, start=1):
        made.append(Txn(Zxid(*zxid), 1, count, Total(10 * zxid[0] + zxid[1])))
    return made


def zxids(txns) -> list[tuple[int, int]]:
    return [tuple(txn.zxid) for txn in txns]


def test_what_is_logged_is_pending_until_it_is_processed():
    made = history((1, 1), (1, 2))
    assert zxids(made.pending) == [(1, 1), (1, 2)]
    assert made.process_next() == (Txn(Zxid(1, 1), 1, 1, Total(11)), 11)
    assert (zxids(made.pending), made.last_processed, made.last_logged) == ([(1, 2)], Zxid(1, 1), Zxid(1, 2))


def test_fast_forward_processes_everything_and_keeps_the_beginning_of_an_epoch():
    made = history((1, 1), (1, 2))
    made.fast_forward()
    made.lead_into(2)
    made.fast_forward()
    assert (made.last_processed, made.last_logged, made.application.snapshot()) == (Zxid(2, 0), Zxid(1, 2), 12)


def test_a_log_is_cut_and_the_state_is_that_of_what_is_left():
    made = history((1, 1), (1, 2), (1, 3))
    made.fast_forward()
    made.truncate(Zxid(1, 1))
    assert (zxids(made.log), made.last_processed, made.application.snapshot()) == ([(1, 1)], Zxid(1, 1), 11)
    made.truncate(ZERO)
    assert (made.log, made.application.snapshot()) == ([], 0)


def test_a_snapshot_cannot_be_cut():
    made = history((1, 1))
    made.install(Snapshot(Zxid(2, 5), 25))
    assert (made.log, made.last_logged, made.application.snapshot()) == ([], Zxid(2, 5), 25)
    with pytest.raises(ValueError, match="cannot be cut"):
        made.truncate(Zxid(2, 4))


def test_all_before_the_last_epoch_is_certainly_committed():
    assert history().certain == ZERO
    assert history((1, 1), (1, 2)).certain == ZERO
    assert history((1, 1), (1, 2), (3, 1), (3, 2)).certain == Zxid(1, 2)


def test_the_window_ends_with_what_was_processed():
    made = history((1, 1), (1, 2), (1, 3), (1, 4))
    for _ in range(3):
        made.process_next()
    assert zxids(made.committed_log(2)) == [(1, 2), (1, 3)]
    assert zxids(made.committed_log(9)) == [(1, 1), (1, 2), (1, 3)]
    assert zxids(made.logged_before(Zxid(1, 2))) == [(1, 1)]
    assert zxids(made.after(Zxid(1, 2))) == [(1, 3), (1, 4)]


def test_a_copied_server_shares_no_history_with_the_first():
    peer = server(logs=("1.2", "", ""))
    twin = peer.clone()
    twin.history.append(Txn(Zxid(1, 3), 1, 1, Total(9)))
    twin.history.fast_forward()
    assert (peer.log, peer.replica) == ((Zxid(1, 1), Zxid(1, 2)), 1002)
    assert (twin.log[-1], twin.replica) == (Zxid(1, 3), 9)
