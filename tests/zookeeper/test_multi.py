"""Several operations as one: all or nothing, or, if they only read, each for itself."""

import pytest

from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE, READ_ACL_UNSAFE
from consensus_lab.zookeeper.jute import decode, encode
from consensus_lab.zookeeper.opcodes import CreateMode, OpCode
from consensus_lab.zookeeper.records import (
    CheckVersionRequest,
    Create2Response,
    CreateRequest,
    CreateResponse,
    CreateTTLRequest,
    CreateTxn,
    DeleteRequest,
    ErrorResponse,
    ErrorTxn,
    GetChildrenRequest,
    GetDataRequest,
    MultiHeader,
    SetDataRequest,
    Stat,
)
from consensus_lab.zookeeper.settings import Settings
from consensus_lab.zookeeper.txns import decode_part
from tests.zookeeper.service import Client, Service, check, multi, results


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def client(service: Service) -> Client:
    return service.client()


def create(path: str, flags: int = 0, type: int = OpCode.create) -> tuple[int, CreateRequest]:
    return type, CreateRequest(path, b"", OPEN_ACL_UNSAFE, flags)


def delete(path: str) -> tuple[int, DeleteRequest]:
    return OpCode.delete, DeleteRequest(path, -1)


def put(path: str, data: bytes = b"x", version: int = -1) -> tuple[int, SetDataRequest]:
    return OpCode.set_data, SetDataRequest(path, data, version)


def test_each_operation_of_a_success_has_its_own_result(client: Client) -> None:
    answers = client.multi(
        create("/a"), create("/b", type=OpCode.create2), put("/a"), check("/a", 1), delete("/b"), create("/c", 4)
    )
    assert [(type, error) for type, error, _ in answers] == [(1, 0), (15, 0), (5, 0), (13, 0), (2, 0), (15, 0)]
    assert decode(CreateResponse, answers[0][2]).path == "/a"
    assert decode(Create2Response, answers[1][2]).path == "/b"
    assert decode(Stat, answers[2][2]).version == 1
    assert [body for _, _, body in answers[3:5]] == [b"", b""]
    assert decode(Create2Response, answers[5][2]).path == "/c"


def test_the_whole_of_it_shares_one_zxid_and_one_time(service: Service, client: Client) -> None:
    client.multi(create("/a"), create("/a/b"), put("/a"))
    a, b = client.stat("/a"), client.stat("/a/b")
    assert {a.czxid, a.mzxid, a.pzxid, b.czxid} == {2}
    assert {a.ctime, a.mtime, b.ctime} == {a.ctime}
    assert service.tree.last_processed_zxid == 2


def test_after_a_failure_nothing_is_applied_and_each_operation_says_why(service: Service, client: Client) -> None:
    answers = client.multi(create("/a"), put("/a"), delete("/no"), create("/b"))
    assert [(type, error) for type, error, _ in answers] == [(-1, 0), (-1, 0), (-1, -101), (-1, -2)]
    assert [decode(ErrorResponse, body).err for _, _, body in answers] == [0, 0, -101, -2]
    assert service.tree.node_count == 5


def test_a_failed_one_still_takes_its_zxid_and_is_logged_with_what_stood_before_the_failure(
    service: Service, client: Client
) -> None:
    client.multi(create("/a"), delete("/no"), create("/b"))
    header, txn, digest = service.txns[-1]
    assert (header.type, header.zxid) == (OpCode.multi, 2)
    assert digest is not None
    assert [decode_part(part) for part in txn.txns] == [
        CreateTxn("/a", b"", OPEN_ACL_UNSAFE, False, 1),
        ErrorTxn(-101),
        ErrorTxn(-2),
    ]
    assert service.replayed().tree.node_count == 5
    assert service.replayed().mismatches == 0


def test_an_empty_one_is_legal_and_takes_a_zxid(service: Service, client: Client) -> None:
    reply = client.ask(OpCode.multi, multi())
    assert (reply.error, reply.zxid, results(reply.body)) == (0, 2, [])


def test_after_a_failed_one_later_requests_see_what_stood_before_it(service: Service, client: Client) -> None:
    service.slow = True
    client.send_all(
        create("/a"),
        put("/a", b"1"),
        (OpCode.multi, multi(put("/a", b"2"), create("/a/b"), create("/c"), delete("/no"))),
        put("/a", b"3", 1),
        create("/c"),
        delete("/a"),
    )
    service.sync()
    assert [reply.error for reply in client.replies()] == [0] * 6
    assert service.replayed().mismatches == 0


def test_a_failed_one_uses_no_sequence_number_up(service: Service, client: Client) -> None:
    service.slow = True
    client.send_all(
        create("/q-", CreateMode.PERSISTENT_SEQUENTIAL),
        (OpCode.multi, multi(create("/q-", CreateMode.PERSISTENT_SEQUENTIAL), delete("/no"))),
        create("/q-", CreateMode.PERSISTENT_SEQUENTIAL),
    )
    service.sync()
    replies = client.replies()
    assert replies[0].read(CreateResponse).path == "/q-0000000000"
    assert replies[2].read(CreateResponse).path == "/q-0000000001"


def test_a_check_demands_a_version_and_changes_nothing(service: Service, client: Client) -> None:
    client.create("/a")
    assert [error for _, error, _ in client.multi(check("/a", 0), put("/a"))] == [0, 0]
    assert [error for _, error, _ in client.multi(check("/a", 0), put("/a"))] == [-103, -2]
    assert [error for _, error, _ in client.multi(check("/no", 0))] == [-101]
    assert [error for _, error, _ in client.multi(check("no/", 0))] == [-8]
    assert client.stat("/a").version == 1


def test_permissions_count_within_it(client: Client) -> None:
    client.create("/closed", acl=READ_ACL_UNSAFE)
    assert [error for _, error, _ in client.multi(create("/a"), put("/closed"))] == [0, -102]


@pytest.mark.parametrize(
    "payload",
    [
        multi((OpCode.set_acl, DeleteRequest("/a", 0))),
        multi((OpCode.get_data, GetDataRequest("/", False))),
        multi(create("/a", 9)),
        multi(create("/a", 5)),
        encode(MultiHeader(OpCode.delete, False, -1)),
        multi(delete("/a"))[:-9],
    ],
)
def test_reads_unknown_operations_bad_flags_and_half_ones_cannot_be_read(client: Client, payload: bytes) -> None:
    assert client.ask(OpCode.multi, payload).error == -5
    assert not client.connection.closing


def test_ttl_nodes_are_answered_with_their_stat_and_other_modes_of_that_operation_without() -> None:
    client = Service(Settings(extended_types=True)).client()
    answers = client.multi(
        (OpCode.create_ttl, CreateTTLRequest("/t", b"", OPEN_ACL_UNSAFE, 5, 1000)),
        (OpCode.create_ttl, CreateTTLRequest("/p", b"", OPEN_ACL_UNSAFE, 0, 1000)),
    )
    assert [type for type, _, _ in answers] == [15, 1]


def test_reads_in_one_are_answered_each_for_itself_and_take_no_zxid(service: Service, client: Client) -> None:
    client.create("/a", b"xyz")
    before = len(service.log)
    answers = client.multi(
        (OpCode.get_data, GetDataRequest("/a", True)),
        (OpCode.get_data, GetDataRequest("/no", False)),
        (OpCode.get_children, GetChildrenRequest("/a", False)),
        type=OpCode.multi_read,
    )
    assert [(type, error) for type, error, _ in answers] == [(4, 0), (-1, -101), (8, 0)]
    assert answers[0][2] == client.get_data("/a").body
    assert decode(ErrorResponse, answers[1][2]).err == -101
    assert len(service.log) == before


def test_writes_among_reads_cannot_be_read(client: Client) -> None:
    payload = multi((OpCode.get_data, GetDataRequest("/", False)), (OpCode.check, CheckVersionRequest("/", 0)))
    assert client.ask(OpCode.multi_read, payload).error == -5


def test_reads_in_one_set_no_watches(service: Service, client: Client) -> None:
    client.multi(
        (OpCode.get_data, GetDataRequest("/", True)),
        (OpCode.get_children, GetChildrenRequest("/", True)),
        type=OpCode.multi_read,
    )
    assert not service.tree.data_watches.by_path
    assert not service.tree.child_watches.by_path
