"""What each write may do, and in which order it is refused."""

import pytest

from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE, READ_ACL_UNSAFE, AccessList
from consensus_lab.zookeeper.opcodes import CreateMode, OpCode
from consensus_lab.zookeeper.records import (
    ACL,
    Create2Response,
    CreateRequest,
    CreateResponse,
    CreateTTLRequest,
    DeleteRequest,
    ExistsRequest,
    GetACLRequest,
    GetACLResponse,
    GetAllChildrenNumberRequest,
    GetAllChildrenNumberResponse,
    GetEphemeralsRequest,
    GetEphemeralsResponse,
    Id,
    ReconfigRequest,
    SetACLRequest,
    Stat,
    SyncRequest,
    SyncResponse,
)
from consensus_lab.zookeeper.settings import Settings
from tests.zookeeper.service import START, Client, Service

NOBODY: AccessList = (ACL(31, Id("digest", "nobody:x")),)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def client(service: Service) -> Client:
    return service.client()


def created(client: Client, path: str, flags: int = 0) -> str:
    name: str = client.create(path, flags=flags).read(CreateResponse).path
    return name


# -- create ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refusal", "path", "flags", "acl"),
    [
        (-8, "/no/a", 9, None),
        (-8, "/no/a", -1, None),
        (-6, "/no/a", CreateMode.PERSISTENT_WITH_TTL, None),
        (-8, "no slash", 0, None),
        (-8, "/no/\0", 0, None),
        (-114, "/no/a/", 0, None),
        (-114, "/no/a/", 0, ()),
        (-101, "/no/a/", 0, OPEN_ACL_UNSAFE),
        (-102, "/closed/", 0, OPEN_ACL_UNSAFE),
        (-8, "/ephemeral/", 0, OPEN_ACL_UNSAFE),
        (-8, "/\U0001f600", 0, OPEN_ACL_UNSAFE),
        (-8, "/.", 0, OPEN_ACL_UNSAFE),
        (-110, "/ephemeral", 0, OPEN_ACL_UNSAFE),
        (-110, "/", 0, OPEN_ACL_UNSAFE),
        (-8, "", 0, OPEN_ACL_UNSAFE),
        (-108, "/ephemeral/a", 0, OPEN_ACL_UNSAFE),
    ],
)
def test_the_first_of_these_checks_that_fails_is_told(
    client: Client, refusal: int, path: str, flags: int, acl: AccessList | None
) -> None:
    client.create("/closed", acl=NOBODY)
    client.create("/ephemeral", flags=CreateMode.EPHEMERAL)
    assert client.create(path, flags=flags, acl=acl).error == refusal


def test_a_sequential_name_may_end_in_a_slash_and_its_number_counts_the_children_ever_created(client: Client) -> None:
    created(client, "/s")
    assert created(client, "/s/", CreateMode.PERSISTENT_SEQUENTIAL) == "/s/0000000000"
    assert created(client, "/s/a-", CreateMode.PERSISTENT_SEQUENTIAL) == "/s/a-0000000001"
    client.delete("/s/a-0000000001")
    client.create("/s/taken/x")
    assert created(client, "/s/b-", CreateMode.EPHEMERAL_SEQUENTIAL) == "/s/b-0000000002"
    assert client.stat("/s/b-0000000002").ephemeral_owner == client.session_id


def test_after_the_last_number_the_next_sequential_create_finds_its_name_taken(
    service: Service, client: Client
) -> None:
    created(client, "/s")
    service.tree.nodes["/s"].cversion = 2**31 - 1
    assert created(client, "/s/", CreateMode.PERSISTENT_SEQUENTIAL) == "/s/2147483647"
    assert client.create("/s/", flags=CreateMode.PERSISTENT_SEQUENTIAL).error == -110
    assert service.tree.nodes["/s"].cversion == 2**31 - 1


def test_create2_and_create_container_answer_with_the_stat(client: Client) -> None:
    for type, flags in ((OpCode.create2, 0), (OpCode.create_container, CreateMode.CONTAINER)):
        path = f"/{int(type)}"
        response = client.ask(type, CreateRequest(path, b"xyz", OPEN_ACL_UNSAFE, flags)).read(Create2Response)
        assert response.path == path
        assert response.stat == client.stat(path)
        assert response.stat.data_length == 3


def test_the_owner_of_an_ephemeral_is_its_session(client: Client) -> None:
    created(client, "/e", CreateMode.EPHEMERAL)
    assert client.stat("/e").ephemeral_owner == client.session_id


def test_a_ttl_needs_extended_types(client: Client) -> None:
    assert client.create_ttl("/t", 5000).error == -6


@pytest.mark.parametrize(
    ("type", "flags", "ttl", "refusal"),
    [
        (OpCode.create_ttl, 5, 1, 0),
        (OpCode.create_ttl, 6, 2**40 - 1, 0),
        (OpCode.create_ttl, 5, 0, -8),
        (OpCode.create_ttl, 5, 2**40, -8),
        (OpCode.create_ttl, 0, 5, -8),
        (OpCode.create, 5, 0, -8),
    ],
)
def test_a_ttl_goes_with_its_modes_and_has_forty_bits(type: int, flags: int, ttl: int, refusal: int) -> None:
    client = Service(Settings(extended_types=True)).client()
    asked: CreateRequest | CreateTTLRequest = CreateRequest("/t", b"", OPEN_ACL_UNSAFE, flags)
    if type == OpCode.create_ttl:
        asked = CreateTTLRequest("/t", b"", OPEN_ACL_UNSAFE, flags, ttl)
    assert client.ask(type, asked).error == refusal


def test_null_data_is_kept_as_null(client: Client) -> None:
    client.create("/n", None)
    assert client.data("/n") is None
    assert client.stat("/n").data_length == 0


# -- delete, setData, setACL -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config", "none", "/\0"])
def test_the_nodes_of_the_server_itself_are_not_deleted(client: Client, path: str) -> None:
    assert client.delete(path).error == -8


def test_delete_looks_at_the_parent_its_list_the_node_its_version_and_its_children(client: Client) -> None:
    client.create("/closed", acl=READ_ACL_UNSAFE)
    client.create("/a")
    client.create("/a/b")
    assert client.delete("/no/a").error == -101
    assert client.delete("/closed/no").error == -102
    assert client.delete("/no").error == -101
    assert client.delete("/a", 7).error == -103
    assert client.delete("/a", 0).error == -111
    assert client.delete("/a/b", 0).error == 0
    assert client.delete("/a").error == 0


def test_the_permission_to_delete_is_that_of_the_parent(client: Client) -> None:
    client.create("/a", acl=NOBODY)
    assert client.delete("/a").error == 0


def test_set_data_looks_at_the_path_the_node_its_list_and_its_version(client: Client) -> None:
    client.create("/closed", acl=NOBODY)
    client.create("/a")
    assert client.set_data("a/", b"").error == -8
    assert client.set_data("", b"").error == -8
    assert client.set_data("/no", b"").error == -101
    assert client.set_data("/closed", b"", 7).error == -102
    assert client.set_data("/a", b"", 7).error == -103
    assert client.set_data("/a", b"", 0).read(Stat).version == 1
    assert client.set_data("/a", b"", -1).read(Stat).version == 2


def test_the_version_grows_with_equal_data_too_and_wraps_like_a_java_int(service: Service, client: Client) -> None:
    client.create("/a", b"same")
    assert client.set_data("/a", b"same").read(Stat).version == 1
    service.tree.nodes["/a"].version = 2**31 - 1
    assert client.set_data("/a", b"same").read(Stat).version == -(2**31)


def test_the_times_of_a_node_are_those_of_its_transactions(service: Service, client: Client) -> None:
    client.create("/a")
    service.elapsed += 100
    stat = client.set_data("/a", b"x").read(Stat)
    assert (stat.ctime, stat.mtime) == (START + 500, START + 600)
    assert (stat.czxid, stat.mzxid) == (2, 3)


def set_acl(client: Client, path: str, acl: AccessList | None, version: int = -1) -> int:
    return client.ask(OpCode.set_acl, SetACLRequest(path, acl, version)).error


def test_set_acl_looks_at_the_path_the_list_the_node_its_list_and_its_aversion(client: Client) -> None:
    client.create("/closed", acl=READ_ACL_UNSAFE)
    client.create("/a")
    assert set_acl(client, "a", None) == -8
    assert set_acl(client, "/no", None) == -114
    assert set_acl(client, "/no", READ_ACL_UNSAFE) == -101
    assert set_acl(client, "/closed", READ_ACL_UNSAFE, 7) == -102
    assert set_acl(client, "/a", NOBODY, 7) == -103
    assert set_acl(client, "/a", NOBODY, 0) == 0
    assert client.exists("/a").error == -102


def test_a_new_list_counts_at_once_for_whoever_asks_behind_it(service: Service, client: Client) -> None:
    client.create("/a")
    service.slow = True
    client.send_all(
        (OpCode.set_acl, SetACLRequest("/a", READ_ACL_UNSAFE, -1)),
        (OpCode.create, CreateRequest("/a/b", b"", OPEN_ACL_UNSAFE, 0)),
    )
    service.sync()
    assert [reply.error for reply in client.replies()] == [0, -102]


def test_reconfig_is_off_and_a_server_of_its_own_has_none() -> None:
    asked = ReconfigRequest(None, None, "server.1=a", -1)
    assert Service().client().ask(OpCode.reconfig, asked).error == -123
    client = Service(Settings(reconfig_enabled=True)).client()
    assert client.ask(OpCode.reconfig, asked).error == -6
    assert not client.connection.closing


@pytest.mark.parametrize("type", [*map(int, (OpCode.check, OpCode.delete_container, OpCode.create_session)), 0, 42])
def test_what_a_client_may_not_send_is_unimplemented(client: Client, type: int) -> None:
    reply = client.ask(type, DeleteRequest("/a", 0))
    assert (reply.error, reply.zxid) == (-6, -1)
    assert client.connection.closing


# -- reads -------------------------------------------------------------------------------------------------------------


def test_exists_needs_the_right_to_read_a_node_that_exists_and_none_for_one_that_does_not(client: Client) -> None:
    client.create("/closed", acl=NOBODY)
    assert client.exists("/closed").error == -102
    assert client.exists("/closed/no").error == -101
    assert client.exists("/\0").error == -8


@pytest.mark.parametrize("path", ["nonsense", "/a/", "//", ""])
def test_reads_do_not_look_whether_a_path_is_valid(client: Client, path: str) -> None:
    assert client.get_data(path).error == (-101 if path else 0)
    assert client.delete("/x" + path + "/").error == -101


def test_reads_need_the_right_to_read(client: Client) -> None:
    client.create("/closed", acl=NOBODY)
    assert client.get_data("/closed").error == -102
    assert client.get_children("/closed").error == -102
    assert client.ask(OpCode.get_children2, ExistsRequest("/closed", False)).error == -102
    assert client.ask(OpCode.get_all_children_number, GetAllChildrenNumberRequest("/closed")).error == -102


def test_children_are_told_in_the_order_they_came(client: Client) -> None:
    for name in "cab":
        client.create(f"/{name}")
    assert client.children("/") == ("zookeeper", "c", "a", "b")


def test_the_number_of_all_children(client: Client) -> None:
    client.create("/a")
    client.create("/a/b")

    def number(path: str) -> int:
        reply = client.ask(OpCode.get_all_children_number, GetAllChildrenNumberRequest(path))
        total: int = reply.read(GetAllChildrenNumberResponse).total_number
        return total

    assert [number(path) for path in ("/", "/a", "/a/b")] == [5, 1, 0]


def test_ephemerals_are_those_of_the_calling_session_by_a_prefix_of_plain_text(service: Service) -> None:
    client, other = service.client(), service.client()
    for path in ("/ab", "/a", "/b"):
        client.create(path, flags=CreateMode.EPHEMERAL)
    other.create("/a2", flags=CreateMode.EPHEMERAL)

    def ephemerals(prefix: str) -> set[str]:
        reply = client.ask(OpCode.get_ephemerals, GetEphemeralsRequest(prefix))
        return set(reply.read(GetEphemeralsResponse).ephemerals)

    assert ephemerals("") == ephemerals("/") == {"/ab", "/a", "/b"}
    assert ephemerals("/a") == {"/a", "/ab"}
    assert ephemerals("b") == set()


def test_sync_echoes_a_path_that_need_not_exist(client: Client) -> None:
    assert client.ask(OpCode.sync, SyncRequest("/no such")).read(SyncResponse).path == "/no such"


def test_without_the_right_to_change_a_list_its_secrets_are_not_shown(client: Client) -> None:
    acl = (ACL(31, Id("digest", "joe:secret")), ACL(1, Id("world", "anyone")), ACL(1, Id("ip", "10.0.0.1")))
    client.create("/a", acl=acl)
    shown = client.ask(OpCode.get_acl, GetACLRequest("/a")).read(GetACLResponse)
    assert [entry.id.id for entry in shown.acl] == ["joe:x", "anyone", "10.0.0.1"]
    assert shown.stat == client.stat("/a")
    client.create("/open")
    assert client.ask(OpCode.get_acl, GetACLRequest("/open")).read(GetACLResponse).acl == OPEN_ACL_UNSAFE
    client.create("/closed", acl=NOBODY)
    assert client.ask(OpCode.get_acl, GetACLRequest("/closed")).error == -102
    assert client.ask(OpCode.get_acl, GetACLRequest("/no")).error == -101


# -- quotas ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("enforced", "refusal"), [(True, -125), (False, 0)])
def test_a_hard_limit_refuses_only_where_quotas_are_enforced(enforced: bool, refusal: int) -> None:
    client = Service(Settings(enforce_quota=enforced)).client()
    for path, data in (
        ("/a", b"1234"),
        ("/zookeeper/quota/a", b""),
        ("/zookeeper/quota/a/zookeeper_limits", b"count=-1,bytes=-1=;byteHardLimit=6;countHardLimit=2"),
        ("/zookeeper/quota/a/zookeeper_stats", b"count=0,bytes=0"),
        ("/a/b", b""),
    ):
        assert client.create(path, data).error == 0
    assert client.create("/a/c").error == refusal
    assert client.set_data("/a", b"1234567").error == refusal
    assert client.set_data("/a", b"123456").error == 0
