"""Sessions: ids and passwords as every server works them out, and expiry in buckets of one tick."""

import pytest

from consensus_lab.zookeeper.errors import Code, KeeperError
from consensus_lab.zookeeper.sessions import SessionTracker, first_id, password

TICK = 1000


@pytest.fixture
def tracker() -> SessionTracker:
    return SessionTracker(TICK, 1, 500)


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        (0x0100000000000000, "f22acd4a97e69d6d20a49bb638eadb38"),
        (0x0100ABCDEF123456, "bc0dedb66d82d0e2f18b0cda69174198"),
    ],
)
def test_a_password_is_sixteen_bytes_of_java_util_random_the_same_on_every_server(id: int, expected: str) -> None:
    assert password(id).hex() == expected


def test_an_id_holds_the_server_in_its_top_byte_and_forty_bits_of_the_time() -> None:
    assert first_id(1, 0x1A202900EC0) == 1 << 56 | 0xA202900EC0 << 16
    assert first_id(200, 0) == (200 << 56) - 2**64


def test_the_smallest_long_is_no_session_id_for_it_owns_the_containers() -> None:
    assert first_id(128, 0) == -(2**63) + 1


def test_ids_count_up_by_one(tracker: SessionTracker) -> None:
    first, second = tracker.create(4000, 500), tracker.create(4000, 500)
    assert second.id == first.id + 1


def test_a_session_expires_at_the_end_of_the_tick_in_which_its_timeout_falls(tracker: SessionTracker) -> None:
    session = tracker.create(4000, 500)
    assert session.expiry == 5000
    assert list(tracker.expired(4999)) == []
    assert list(tracker.expired(5000)) == [session]
    assert list(tracker.expired(9000)) == []


def test_a_timeout_that_ends_on_a_tick_lasts_one_tick_more(tracker: SessionTracker) -> None:
    assert tracker.create(4500, 500).expiry == 6000


def test_a_touch_moves_a_session_to_a_later_bucket(tracker: SessionTracker) -> None:
    session = tracker.create(4000, 500)
    assert tracker.touch(session.id, 4000, 3000)
    assert list(tracker.expired(7999)) == []
    assert list(tracker.expired(8000)) == [session]


def test_expired_sessions_come_bucket_by_bucket(tracker: SessionTracker) -> None:
    late, early = tracker.create(9000, 500), tracker.create(2000, 500)
    assert list(tracker.expired(20000)) == [early, late]


def test_a_closing_session_is_refused_and_not_touched(tracker: SessionTracker) -> None:
    session = tracker.create(4000, 500)
    tracker.close(session.id)
    assert not tracker.touch(session.id, 4000, 600)
    with pytest.raises(KeeperError) as refusal:
        tracker.check(session.id, "me")
    assert refusal.value.code is Code.SESSIONEXPIRED


def test_an_expired_session_is_closing(tracker: SessionTracker) -> None:
    session = tracker.create(4000, 500)
    list(tracker.expired(5000))
    assert session.closing


def test_a_session_speaks_through_one_server_at_a_time(tracker: SessionTracker) -> None:
    session = tracker.create(4000, 500)
    assert tracker.check(session.id, "first") is session
    with pytest.raises(KeeperError) as refusal:
        tracker.check(session.id, "second")
    assert refusal.value.code is Code.SESSIONMOVED


def test_a_session_of_the_log_gets_its_whole_timeout_from_now(tracker: SessionTracker) -> None:
    assert tracker.track(77, 6000, 3000).expiry == 10000


def test_a_removed_session_is_in_no_bucket(tracker: SessionTracker) -> None:
    session = tracker.create(4000, 500)
    tracker.remove(session.id)
    assert not tracker.expiry.buckets()
    assert not tracker.touch(session.id, 4000, 600)
    assert list(tracker.expired(99000)) == []
