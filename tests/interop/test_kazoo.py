"""kazoo, the Python client with threads, takes our server for ZooKeeper."""

from __future__ import annotations

import queue
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kazoo.client import KazooClient, KazooState
from kazoo.exceptions import (
    BadVersionError,
    InvalidACLError,
    NoAuthError,
    NoChildrenForEphemeralsError,
    NodeExistsError,
    NoNodeError,
    NotEmptyError,
    RolledBackError,
    RuntimeInconsistency,
)
from kazoo.protocol.states import EventType, WatchedEvent
from kazoo.recipe.lock import Lock
from kazoo.security import make_acl, make_digest_acl

from tests.interop.commands import dialogue
from tests.interop.server import ServerProcess, server_process

PATIENCE = 20.0  # seconds
HOLDING = (
    "import sys; from kazoo.client import KazooClient\n"
    "client = KazooClient(sys.argv[1], timeout=0.5); client.start()\n"
    "client.create('/expired', ephemeral=True); print('held', flush=True); sys.stdin.read()"
)


@contextmanager
def client_of(server: ServerProcess, **options: object) -> Iterator[KazooClient]:
    client = KazooClient(f"127.0.0.1:{server.port}", timeout=4.0, **options)
    client.start(PATIENCE)
    try:
        yield client
    finally:
        client.stop()
        client.close()


class Events:
    """What a watch was told, in order."""

    def __init__(self) -> None:
        self._queue: queue.Queue[WatchedEvent] = queue.Queue()

    def __call__(self, event: WatchedEvent) -> None:
        self._queue.put(event)

    def next(self) -> tuple[str, str]:
        event = self._queue.get(timeout=PATIENCE)
        return event.type, event.path

    def is_empty(self) -> bool:
        return self._queue.empty()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with server_process(tmp_path_factory.mktemp("kazoo"), "extendedTypesEnabled=true") as running:
        yield running


@pytest.fixture
def client(server: ServerProcess) -> Iterator[KazooClient]:
    with client_of(server) as connected:
        for name in connected.get_children("/"):
            if name != "zookeeper":
                connected.delete(f"/{name}", recursive=True)
        yield connected


def test_every_kind_of_node_is_created(client: KazooClient) -> None:
    assert client.create("/persistent", b"data") == "/persistent"
    assert client.create("/persistent/s-", sequence=True) == "/persistent/s-0000000000"
    assert client.create("/persistent/s-", sequence=True) == "/persistent/s-0000000001"
    assert client.create("/ephemeral", ephemeral=True) == "/ephemeral"
    assert client.create("/persistent/e-", ephemeral=True, sequence=True) == "/persistent/e-0000000002"
    path, stat = client.create("/with-stat", b"12345", include_data=True)
    assert (path, stat.data_length, stat.version) == ("/with-stat", 5, 0)
    assert client.exists("/ephemeral").ephemeralOwner == client.client_id[0]
    assert client.exists("/persistent").ephemeralOwner == 0


def test_what_cannot_be_created_is_refused_with_the_reason(client: KazooClient) -> None:
    client.create("/node")
    client.create("/ephemeral", ephemeral=True)
    for path, reason in (
        ("/node", NodeExistsError),
        ("/missing/node", NoNodeError),
        ("/ephemeral/child", NoChildrenForEphemeralsError),
    ):
        with pytest.raises(reason):
            client.create(path)
    with pytest.raises(InvalidACLError):
        client.create("/no-acl", acl=[make_acl("nonsense", "id", all=True)])


def test_data_is_set_at_the_right_version_only(client: KazooClient) -> None:
    client.create("/node", b"zero")
    assert client.set("/node", b"one", version=0).version == 1
    with pytest.raises(BadVersionError):
        client.set("/node", b"two", version=0)
    assert client.set("/node", b"any", version=-1).version == 2
    data, stat = client.get("/node")
    assert (data, stat.version, stat.numChildren) == (b"any", 2, 0)


def test_nodes_are_deleted_at_the_right_version_and_without_children_only(client: KazooClient) -> None:
    client.ensure_path("/a/b")
    with pytest.raises(NotEmptyError):
        client.delete("/a")
    with pytest.raises(BadVersionError):
        client.delete("/a/b", version=7)
    client.delete("/a/b", version=0)
    client.delete("/a")
    assert client.exists("/a") is None
    with pytest.raises(NoNodeError):
        client.get("/a")


def test_children_are_listed_with_the_stat_of_their_parent(client: KazooClient) -> None:
    for name in ("a", "b", "c"):
        client.create(f"/parent/{name}", makepath=True)
    client.delete("/parent/b")
    children, stat = client.get_children("/parent", include_data=True)
    assert sorted(children) == ["a", "c"]
    assert (stat.numChildren, stat.cversion) == (2, 4)


def test_a_transaction_happens_as_a_whole_or_not_at_all(client: KazooClient) -> None:
    client.create("/node", b"zero")
    good = client.transaction()
    good.check("/node", 0)
    good.set_data("/node", b"one", 0)
    good.create("/fresh", b"new")
    good.delete("/node", 1)
    path_of_fresh = good.commit()[2]
    assert path_of_fresh == "/fresh"
    assert client.exists("/node") is None
    bad = client.transaction()
    bad.create("/never")
    bad.check("/fresh", 9)
    bad.delete("/fresh")
    created, checked, deleted = bad.commit()
    assert isinstance(created, RolledBackError)
    assert isinstance(checked, BadVersionError)
    assert isinstance(deleted, RuntimeInconsistency)
    assert client.exists("/never") is None
    assert client.exists("/fresh") is not None


def test_an_acl_lets_in_whoever_has_proven_to_be_on_it(server: ServerProcess, client: KazooClient) -> None:
    acl = make_digest_acl("alice", "secret", all=True)
    client.create("/hers", b"secret", acl=[acl])
    with pytest.raises(NoAuthError):
        client.get("/hers")
    with client_of(server, auth_data=[("digest", "alice:secret")]) as alice:
        assert alice.get("/hers")[0] == b"secret"
        acls, stat = alice.get_acls("/hers")
        assert acls == [acl]
        readable = make_digest_acl("bob", "word", read=True)
        assert alice.set_acls("/hers", [acl, readable], version=stat.aversion).aversion == 1
    with client_of(server) as bob:
        bob.add_auth("digest", "bob:word")
        assert bob.get("/hers")[0] == b"secret"
        with pytest.raises(NoAuthError):
            bob.set("/hers", b"his")
    client.add_auth("digest", "alice:secret")
    client.delete("/hers")


def test_a_watch_is_told_once_of_each_kind_of_change(server: ServerProcess, client: KazooClient) -> None:
    seen = Events()
    with client_of(server) as other:
        assert client.exists("/node", watch=seen) is None
        other.create("/node")
        assert seen.next() == (EventType.CREATED, "/node")
        client.get("/node", watch=seen)
        other.set("/node", b"new")
        assert seen.next() == (EventType.CHANGED, "/node")
        other.set("/node", b"newer")
        client.get_children("/node", watch=seen)
        other.create("/node/child")
        assert seen.next() == (EventType.CHILD, "/node")
        client.get("/node/child", watch=seen)
        other.delete("/node/child")
        assert seen.next() == (EventType.DELETED, "/node/child")
    assert seen.is_empty()


def test_sync_and_the_words_of_four_letters_are_answered(client: KazooClient) -> None:
    client.create("/node")
    assert client.sync("/node") == "/node"
    assert client.command(b"ruok") == "imok"
    assert client.server_version() >= (3, 5)
    assert "Mode: standalone" in client.command(b"srvr")


def test_a_client_comes_back_after_a_restart_with_its_session_and_its_watches(tmp_path: Path) -> None:
    """kazoo forgets its plain watches with the connection; its DataWatch sets them again."""
    with server_process(tmp_path) as server, client_of(server) as client:
        states: queue.Queue[str] = queue.Queue()
        data: queue.Queue[bytes | None] = queue.Queue()
        client.add_listener(states.put)
        client.create("/watched", b"old")
        client.create("/mine", ephemeral=True)
        client.DataWatch("/watched", lambda value, _: data.put(value))
        assert data.get(timeout=PATIENCE) == b"old"
        session = client.client_id
        server.restart()
        assert states.get(timeout=PATIENCE) == KazooState.SUSPENDED
        assert states.get(timeout=PATIENCE) == KazooState.CONNECTED
        assert client.client_id == session
        assert client.exists("/mine").ephemeralOwner == session[0]
        with client_of(server) as other:
            other.set("/watched", b"new")
        assert data.get(timeout=PATIENCE) == b"new"


def test_ephemerals_go_when_their_session_ends_or_expires(tmp_path: Path) -> None:
    with server_process(tmp_path, "tickTime=200", "minSessionTimeout=400") as server, client_of(server) as watcher:
        ended, expired = Events(), Events()
        with client_of(server) as leaving:
            leaving.create("/ended", ephemeral=True)
            watcher.exists("/ended", watch=ended)
        assert ended.next() == (EventType.DELETED, "/ended")
        with dialogue(sys.executable, "-c", HOLDING, f"127.0.0.1:{server.port}") as killed:
            killed.wait_for("held\n")
            watcher.exists("/expired", watch=expired)
        assert expired.next() == (EventType.DELETED, "/expired")


def test_a_lock_of_its_own_recipes_is_held_by_one_at_a_time(server: ServerProcess, client: KazooClient) -> None:
    with client_of(server) as other:
        first, second = Lock(client, "/lock", "first"), Lock(other, "/lock", "second")
        assert first.acquire(timeout=PATIENCE)
        assert not second.acquire(blocking=False)
        assert first.contenders()[0] == "first"
        first.release()
        assert second.acquire(timeout=PATIENCE)
        second.release()
