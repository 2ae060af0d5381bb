"""Watch events as clients are told of them, and where they stand among the replies."""

import pytest

from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE, AccessList
from consensus_lab.zookeeper.opcodes import AddWatchMode, CreateMode, OpCode, WatcherType
from consensus_lab.zookeeper.records import (
    ACL,
    CheckWatchesRequest,
    ErrorResponse,
    GetDataResponse,
    Id,
    RemoveWatchesRequest,
    SetACLRequest,
    SetDataRequest,
    SetWatches,
    SetWatches2,
    WatcherEvent,
)
from tests.zookeeper.service import Client, Service

CREATED, DELETED, CHANGED, CHILDREN = 1, 2, 3, 4
PERSISTENT, RECURSIVE = AddWatchMode.PERSISTENT, AddWatchMode.PERSISTENT_RECURSIVE
NOBODY: AccessList = (ACL(31, Id("digest", "nobody:x")),)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def client(service: Service) -> Client:
    return service.client()


@pytest.fixture
def writer(service: Service) -> Client:
    return service.client()


def test_creating_a_node_tells_its_watchers_and_its_parents_child_watchers(client: Client, writer: Client) -> None:
    assert client.exists("/a", watch=True).error == -101
    client.get_children("/", watch=True)
    writer.create("/a")
    assert client.events() == [(CREATED, "/a"), (CHILDREN, "/")]
    writer.create("/b")
    assert client.events() == []


def test_writing_a_node_tells_its_data_watchers_only(client: Client, writer: Client) -> None:
    writer.create("/a")
    client.get_data("/a", watch=True)
    client.exists("/a", watch=True)
    client.get_children("/a", watch=True)
    writer.set_data("/a", b"x")
    assert client.events() == [(CHANGED, "/a")]


def test_deleting_a_node_is_told_once_to_who_watches_its_data_and_its_children(client: Client, writer: Client) -> None:
    writer.create("/a")
    client.get_data("/a", watch=True)
    client.get_children("/a", watch=True)
    client.get_children("/", watch=True)
    writer.delete("/a")
    assert client.events() == [(DELETED, "/a"), (CHILDREN, "/")]


def test_a_child_watcher_alone_is_told_of_the_deletion_too(client: Client, writer: Client) -> None:
    writer.create("/a")
    client.get_children("/a", watch=True)
    writer.delete("/a")
    assert client.events() == [(DELETED, "/a")]


def test_setting_a_list_tells_nobody(client: Client, writer: Client) -> None:
    writer.create("/a")
    client.get_data("/a", watch=True)
    writer.ask(OpCode.set_acl, SetACLRequest("/a", OPEN_ACL_UNSAFE, -1))
    assert client.events() == []


def test_an_event_carries_the_zxid_of_its_transaction(service: Service, client: Client, writer: Client) -> None:
    client.exists("/a", watch=True)
    writer.create("/a")
    (reply,) = client.replies()
    assert (reply.xid, reply.zxid, reply.error) == (-1, service.tree.nodes["/a"].czxid, 0)
    assert reply.read(WatcherEvent) == WatcherEvent(CREATED, 3, "/a")


def test_the_writers_own_event_precedes_its_own_reply(client: Client) -> None:
    client.exists("/a", watch=True)
    client.send(OpCode.create, b"\0\0\0\2/a" + bytes(4) + b"\0\0\0\1\0\0\0\x1f\0\0\0\5world\0\0\0\6anyone" + bytes(4))
    assert [reply.xid for reply in client.replies()] == [-1, 2]


def test_a_client_never_sees_new_data_before_the_event(service: Service, client: Client, writer: Client) -> None:
    writer.create("/a", b"old")
    client.get_data("/a", watch=True)
    service.slow = True
    writer.send(OpCode.set_data, SetDataRequest("/a", b"new", -1))
    assert client.data("/a") == b"old"
    service.sync()
    client.send(OpCode.get_data, b"\0\0\0\2/a\0")
    event, reply = client.replies()
    assert event.xid == -1
    assert reply.read(GetDataResponse).data == b"new"


def test_a_failed_read_sets_no_watch(client: Client, writer: Client) -> None:
    writer.create("/closed", acl=NOBODY)
    assert client.get_data("/no", watch=True).error == -101
    assert client.get_children("/no", watch=True).error == -101
    assert client.get_data("/closed", watch=True).error == -102
    writer.create("/no")
    writer.create("/no/a")
    assert client.events() == []


def test_an_event_is_dropped_if_the_client_may_not_read_the_node_now(client: Client, writer: Client) -> None:
    writer.create("/a")
    client.get_data("/a", watch=True)
    writer.ask(OpCode.set_acl, SetACLRequest("/a", NOBODY, -1))
    writer.delete("/a")
    assert client.events() == []


def test_closing_a_session_tells_of_each_of_its_ephemerals(client: Client, writer: Client) -> None:
    writer.create("/e", flags=CreateMode.EPHEMERAL)
    client.exists("/e", watch=True)
    client.get_children("/", watch=True)
    writer.send(OpCode.close_session)
    assert client.events() == [(DELETED, "/e"), (CHILDREN, "/")]


# -- watches that stay -------------------------------------------------------------------------------------------------


def test_a_persistent_watch_tells_of_the_node_and_its_children_again_and_again(client: Client, writer: Client) -> None:
    assert client.add_watch("/a", PERSISTENT).read(ErrorResponse) == ErrorResponse(0)
    writer.create("/a")
    writer.set_data("/a", b"x")
    writer.create("/a/b")
    writer.create("/a/b/c")
    writer.delete("/a/b/c")
    writer.delete("/a/b")
    writer.delete("/a")
    assert client.events() == [
        (CREATED, "/a"),
        (CHANGED, "/a"),
        (CHILDREN, "/a"),
        (CHILDREN, "/a"),
        (DELETED, "/a"),
    ]


def test_a_recursive_watch_tells_of_all_below_and_never_that_children_changed(client: Client, writer: Client) -> None:
    client.add_watch("/a", RECURSIVE)
    writer.create("/a")
    writer.create("/a/b")
    writer.set_data("/a/b", b"x")
    writer.create("/ab")
    writer.delete("/a/b")
    assert client.events() == [(CREATED, "/a"), (CREATED, "/a/b"), (CHANGED, "/a/b"), (DELETED, "/a/b")]


def test_standard_and_persistent_watches_coexist_on_a_path(client: Client, writer: Client) -> None:
    client.add_watch("/a", PERSISTENT)
    client.exists("/a", watch=True)
    writer.create("/a")
    writer.set_data("/a", b"x")
    assert client.events() == [(CREATED, "/a"), (CHANGED, "/a")]


@pytest.mark.parametrize("mode", [-1, 2])
def test_a_mode_that_does_not_exist_cannot_be_read(client: Client, mode: int) -> None:
    assert client.add_watch("/a", mode).error == -5


# -- asking for and taking off -----------------------------------------------------------------------------------------


def test_watches_are_checked_and_removed_by_their_type(client: Client, writer: Client) -> None:
    writer.create("/a")
    client.get_data("/a", watch=True)
    client.get_children("/a", watch=True)
    client.add_watch("/a", PERSISTENT)
    client.add_watch("/a", RECURSIVE)

    for type in (WatcherType.Data, WatcherType.Children, WatcherType.Persistent, WatcherType.PersistentRecursive):
        assert client.ask(OpCode.check_watches, CheckWatchesRequest("/a", type)).error == 0
        assert client.ask(OpCode.remove_watches, RemoveWatchesRequest("/a", type)).error == 0
        assert client.ask(OpCode.check_watches, CheckWatchesRequest("/a", type)).error == -121
        assert client.ask(OpCode.remove_watches, RemoveWatchesRequest("/a", type)).error == -121
    assert client.ask(OpCode.check_watches, CheckWatchesRequest("/a", WatcherType.Any)).error == -121
    writer.set_data("/a", b"x")
    assert client.events() == []


def test_any_removes_them_all(client: Client, writer: Client) -> None:
    writer.create("/a")
    client.get_children("/a", watch=True)
    client.add_watch("/a", PERSISTENT)
    assert client.ask(OpCode.check_watches, CheckWatchesRequest("/a", WatcherType.Any)).error == 0
    assert client.ask(OpCode.remove_watches, RemoveWatchesRequest("/a", WatcherType.Any)).error == 0
    writer.create("/a/b")
    writer.set_data("/a", b"x")
    assert client.events() == []


@pytest.mark.parametrize("type", [0, 6])
def test_a_type_that_does_not_exist_cannot_be_read(client: Client, type: int) -> None:
    assert client.ask(OpCode.remove_watches, RemoveWatchesRequest("/a", type)).error == -5


# -- after coming back -------------------------------------------------------------------------------------------------


def test_set_watches_tells_what_was_missed_and_watches_the_rest_again(
    service: Service, client: Client, writer: Client
) -> None:
    for path in ("/same", "/changed", "/gone", "/parent", "/parent/child", "/quiet"):
        writer.create(path)
    seen = service.tree.last_processed_zxid
    writer.set_data("/changed", b"x")
    writer.delete("/gone")
    writer.create("/new")
    writer.delete("/parent/child")
    client.send(
        OpCode.set_watches,
        SetWatches(seen, ("/same", "/changed", "/gone"), ("/new", "/never"), ("/parent", "/quiet", "/gone")),
        xid=-8,
    )
    *events, reply = client.replies()
    assert (reply.xid, reply.error, reply.body) == (-8, 0, b"")
    assert [event.zxid for event in events] == [-1] * 5
    assert [(event.type, event.path) for event in (reply.read(WatcherEvent) for reply in events)] == [
        (CHANGED, "/changed"),
        (DELETED, "/gone"),
        (CREATED, "/new"),
        (CHILDREN, "/parent"),
        (DELETED, "/gone"),
    ]
    writer.set_data("/same", b"x")
    writer.create("/never")
    writer.create("/quiet/a")
    assert client.events() == [(CHANGED, "/same"), (CREATED, "/never"), (CHILDREN, "/quiet")]


def test_set_watches2_sets_persistent_ones_without_a_word(client: Client, writer: Client) -> None:
    reply = client.ask(OpCode.set_watches2, SetWatches2(0, (), (), (), ("/a",), ("/b",)), xid=-8)
    assert (reply.xid, reply.error) == (-8, 0)
    for path in ("/a", "/b", "/a/c", "/b/c"):
        writer.create(path)
    assert client.events() == [(CREATED, "/a"), (CREATED, "/b"), (CHILDREN, "/a"), (CREATED, "/b/c")]
