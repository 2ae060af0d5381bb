"""Watches: once, always, and of all below."""

import pytest

from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE, AccessList
from consensus_lab.zookeeper.opcodes import EventType
from consensus_lab.zookeeper.watches import Mode, WatchManager

CREATED, DELETED, CHANGED = EventType.NodeCreated, EventType.NodeDeleted, EventType.NodeDataChanged


class Client:
    """A watcher that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[EventType, str, int]] = []

    def notify(self, event: EventType, path: str, zxid: int, acl: AccessList | None) -> None:
        self.told.append((event, path, zxid))


@pytest.fixture
def watches() -> WatchManager:
    return WatchManager()


@pytest.fixture
def client() -> Client:
    return Client()


def fire(watches: WatchManager, event: EventType, path: str, zxid: int = 7) -> None:
    watches.trigger(event, path, zxid, OPEN_ACL_UNSAFE)


def test_a_standard_watch_fires_once(watches: WatchManager, client: Client) -> None:
    watches.add("/a", client)
    fire(watches, CHANGED, "/a", 7)
    fire(watches, CHANGED, "/a", 8)
    assert client.told == [(CHANGED, "/a", 7)]
    assert not watches.by_path


def test_a_connection_has_at_most_one_standard_watch_per_path_however_often_it_asks(
    watches: WatchManager, client: Client
) -> None:
    watches.add("/a", client)
    watches.add("/a", client)
    assert len(watches) == 1
    fire(watches, CHANGED, "/a")
    assert len(client.told) == 1


def test_a_persistent_watch_stays(watches: WatchManager, client: Client) -> None:
    watches.add("/a", client, Mode.PERSISTENT)
    fire(watches, CHANGED, "/a", 7)
    fire(watches, DELETED, "/a", 8)
    fire(watches, CREATED, "/a/b", 9)
    assert client.told == [(CHANGED, "/a", 7), (DELETED, "/a", 8)]


def test_a_recursive_watch_fires_for_the_node_and_all_its_descendants(watches: WatchManager, client: Client) -> None:
    watches.add("/a", client, Mode.RECURSIVE)
    for path in ("/a", "/a/b", "/a/b/c", "/ab", "/"):
        fire(watches, CREATED, path)
    assert [path for _, path, _ in client.told] == ["/a", "/a/b", "/a/b/c"]


def test_a_recursive_watch_of_the_root_hears_of_everything(watches: WatchManager, client: Client) -> None:
    watches.add("/", client, Mode.RECURSIVE)
    fire(watches, CREATED, "/a/b")
    assert len(client.told) == 1


def test_modes_coexist_on_a_path_and_one_change_is_one_event(watches: WatchManager, client: Client) -> None:
    for mode in Mode:
        watches.add("/a", client, mode)
    fire(watches, CHANGED, "/a")
    assert len(client.told) == 1
    assert not watches.watching("/a", client, Mode.STANDARD)
    assert watches.watching("/a", client, Mode.PERSISTENT)
    assert watches.watching("/a", client, Mode.RECURSIVE)


def test_whom_an_event_concerned_already_is_not_told_again(watches: WatchManager, client: Client) -> None:
    other = Client()
    watches.add("/a", client)
    watches.add("/a", other)
    watches.trigger(DELETED, "/a", 7, None, told=[client])
    assert client.told == []
    assert other.told == [(DELETED, "/a", 7)]


def test_one_mode_is_removed_and_the_others_stay(watches: WatchManager, client: Client) -> None:
    watches.add("/a", client)
    watches.add("/a", client, Mode.PERSISTENT)
    assert watches.remove("/a", client, Mode.STANDARD)
    assert not watches.remove("/a", client, Mode.STANDARD)
    assert watches.watching("/a", client)
    assert watches.remove("/a", client)
    assert not watches.watching("/a", client)
    assert not watches.remove("/a", client)


def test_a_watcher_that_is_gone_is_forgotten_everywhere(watches: WatchManager, client: Client) -> None:
    other = Client()
    for path in ("/a", "/b"):
        watches.add(path, client)
        watches.add(path, client, Mode.RECURSIVE)
    watches.add("/b", other)
    watches.forget(client)
    assert watches.summary() == (1, 1, 1)
    assert watches.recursive == 0
    watches.forget(client)


def test_no_ancestor_is_asked_when_there_is_no_recursive_watch(watches: WatchManager, client: Client) -> None:
    watches.add("/a", client, Mode.RECURSIVE)
    watches.add("/a", client, Mode.RECURSIVE)
    assert watches.recursive == 1
    watches.remove("/a", client, Mode.RECURSIVE)
    assert watches.recursive == 0
