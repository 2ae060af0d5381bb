"""The order of things: force before you speak, and answer in the order of asking."""

import pytest

from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE
from consensus_lab.zookeeper.framing import framed
from consensus_lab.zookeeper.jute import decode
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import (
    ConnectResponse,
    CreateRequest,
    CreateTxn,
    GetDataRequest,
    GetDataResponse,
    SetDataRequest,
)
from tests.zookeeper.service import Client, Service


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def client(service: Service) -> Client:
    return service.client()


def create(path: str, data: bytes = b"") -> tuple[int, CreateRequest]:
    return OpCode.create, CreateRequest(path, data, OPEN_ACL_UNSAFE, 0)


def get(path: str) -> tuple[int, GetDataRequest]:
    return OpCode.get_data, GetDataRequest(path, False)


def put(path: str, data: bytes) -> tuple[int, SetDataRequest]:
    return OpCode.set_data, SetDataRequest(path, data, -1)


def test_nothing_is_answered_before_it_is_durable(service: Service, client: Client) -> None:
    service.slow = True
    client.send(*create("/a"))
    assert client.replies() == []
    assert "/a" not in service.tree.nodes
    service.sync()
    assert [reply.body for reply in client.replies()] == [b"\0\0\0\2/a"]


def test_a_session_is_given_when_it_is_durable(service: Service) -> None:
    service.slow = True
    client = Client(service)
    client.greet()
    assert client.session_id == 0
    service.sync()
    (frame,) = client.frames()
    assert decode(ConnectResponse, frame).session_id != 0


def test_replies_on_one_connection_come_strictly_in_request_order_pings_too(service: Service, client: Client) -> None:
    service.slow = True
    client.send_all(get("/"), create("/a", b"1"), get("/a"), (OpCode.ping, None), put("/a", b"2"), get("/a"))
    assert [reply.xid for reply in client.replies()] == [1]
    service.sync(1)
    first = client.replies()
    assert [reply.xid for reply in first] == [2, 3, -2]
    assert first[1].read(GetDataResponse).data == b"1"
    service.sync(1)
    last = client.replies()
    assert [reply.xid for reply in last] == [5, 6]
    assert last[1].read(GetDataResponse).data == b"2"


def test_a_read_sees_its_own_sessions_writes_and_none_behind_it(service: Service, client: Client) -> None:
    service.slow = True
    client.send_all(create("/a", b"1"), get("/a"), put("/a", b"2"))
    service.sync()
    replies = client.replies()
    assert replies[1].read(GetDataResponse).data == b"1"


def test_other_sessions_reads_overtake_writes_and_see_nothing_of_them(service: Service, client: Client) -> None:
    client.create("/a", b"old")
    other = service.client()
    service.slow = True
    client.send(*put("/a", b"new"))
    assert other.data("/a") == b"old"
    service.sync()
    assert other.data("/a") == b"new"


def test_pipelined_requests_see_each_other_before_any_is_applied(service: Service, client: Client) -> None:
    service.slow = True
    client.send_all(create("/a"), create("/a/b"), create("/a/b"), (OpCode.set_data, SetDataRequest("/a/b", b"", 0)))
    client.send_all(*[(OpCode.set_data, SetDataRequest("/a/b", b"", 1))] * 2)
    service.sync()
    assert [reply.error for reply in client.replies()] == [0, 0, -110, 0, 0, -103]
    assert service.replayed().mismatches == 0


def test_every_write_takes_a_zxid_also_one_that_fails(service: Service, client: Client) -> None:
    before = service.tree.last_processed_zxid
    reply = client.delete("/nothing")
    assert (reply.error, reply.zxid) == (-101, before + 1)
    assert service.tree.last_processed_zxid == before + 1
    header, txn, digest = service.txns[-1]
    assert (header.type, header.zxid, txn.err, digest) == (OpCode.error, before + 1, -101, None)


def test_reads_pings_and_auth_take_no_zxid(service: Service, client: Client) -> None:
    before = len(service.log)
    for request in (get("/"), get("/nothing"), (OpCode.ping, None), (OpCode.who_am_i, None)):
        assert client.ask(*request).zxid == service.tree.last_processed_zxid
    assert len(service.log) == before


def test_records_are_the_transactions_in_order(service: Service, client: Client) -> None:
    client.send_all(create("/a"), create("/b"))
    assert [(txn.header.zxid, txn.txn) for txn in service.txns[-2:]] == [
        (2, CreateTxn("/a", b"", OPEN_ACL_UNSAFE, False, 1)),
        (3, CreateTxn("/b", b"", OPEN_ACL_UNSAFE, False, 2)),
    ]


def test_however_the_stream_is_cut_the_answers_are_the_same(service: Service, client: Client) -> None:
    stream = b"".join(client.frame(*request) for request in (create("/a", b"x"), get("/a"), put("/a", b"y"), get("/a")))
    for at in range(len(stream)):
        service.receive(client, stream[at : at + 1])
    assert [reply.xid for reply in client.replies()] == [1, 2, 3, 4]


@pytest.mark.parametrize("length", [-1, 7, 0, 0xFFFFF + 1, 2**31 - 1])
def test_a_frame_of_no_possible_length_cuts_its_connection_off_without_a_word(
    service: Service, client: Client, length: int
) -> None:
    service.receive(client, client.frame(*get("/")) + length.to_bytes(4, "big", signed=True) + bytes(20))
    assert [reply.xid for reply in client.replies()] == [1]
    assert client.connection.closing


def test_a_closed_connection_is_told_nothing_and_its_writes_are_done_all_the_same(
    service: Service, client: Client
) -> None:
    service.slow = True
    client.send_all(create("/a"), get("/a"))
    service.server.closed(client.connection)
    service.sync()
    assert client.replies() == []
    assert "/a" in service.tree.nodes


def test_whoever_said_something_is_named_once(service: Service, client: Client) -> None:
    service.server.take_spoken()
    client.send_all(get("/"), get("/"))
    assert service.server.take_spoken() == [client.connection]
    assert service.server.take_spoken() == []


def test_a_payload_that_is_no_record_is_a_marshalling_error_in_its_turn(service: Service, client: Client) -> None:
    service.slow = True
    client.send_all(create("/a"), (OpCode.set_data, b"\0\0\0\5/a"), (OpCode.get_acl, b""), get("/a"))
    service.sync()
    assert [(reply.xid, reply.error) for reply in client.replies()] == [(1, 0), (2, -5), (3, -5), (4, 0)]


def test_a_write_that_cannot_be_read_takes_its_zxid_like_any_other_that_fails(service: Service, client: Client) -> None:
    assert client.ask(OpCode.delete, b"").zxid == 2
    header, txn, digest = service.txns[-1]
    assert (header.type, header.zxid, txn.err, digest) == (OpCode.error, 2, -5, None)


def test_an_unknown_operation_is_answered_and_the_connection_closed(client: Client) -> None:
    reply = client.ask(99)
    assert (reply.error, reply.zxid) == (-6, -1)
    assert client.connection.closing


def test_the_server_needs_no_whole_frame_of_a_greeting_at_once(service: Service) -> None:
    client = Client(service)
    stream = framed(bytes(45))
    service.receive(client, stream[:3])
    service.receive(client, stream[3:20])
    assert client.frames() == []
    service.receive(client, stream[20:])
    assert len(client.frames()) == 1
