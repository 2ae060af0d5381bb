"""How a connection begins and ends, and what a session outlives."""

import pytest

from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE
from consensus_lab.zookeeper.framing import framed
from consensus_lab.zookeeper.jute import decode, encode
from consensus_lab.zookeeper.opcodes import CreateMode, OpCode
from consensus_lab.zookeeper.records import (
    CloseSessionTxn,
    ConnectRequest,
    ConnectResponse,
    CreateRequest,
    CreateSessionTxn,
    DeleteRequest,
)
from consensus_lab.zookeeper.sessions import password
from consensus_lab.zookeeper.settings import Settings
from tests.zookeeper.service import Client, Service


@pytest.fixture
def service() -> Service:
    return Service()


def greeting(timeout: int = 10_000, session_id: int = 0, secret: bytes = bytes(16), seen: int = 0) -> ConnectRequest:
    return ConnectRequest(0, seen, timeout, session_id, secret, False)


def test_the_first_answer_is_a_connect_response_without_a_reply_header(service: Service) -> None:
    client = Client(service)
    client.send_raw(encode(greeting()))
    (frame,) = client.frames()
    response = decode(ConnectResponse, frame)
    assert len(frame) == 37
    assert (response.protocol_version, response.timeout, response.read_only) == (0, 10_000, False)
    assert response.session_id >> 56 == 1
    assert response.passwd == password(response.session_id)


def test_a_client_that_knows_no_read_only_mode_is_answered_without_it(service: Service) -> None:
    client = Client(service)
    client.send_raw(encode(greeting())[:-1])
    assert [len(frame) for frame in client.frames()] == [36]


@pytest.mark.parametrize(("asked", "given"), [(1, 6000), (6000, 6000), (10_000, 10_000), (60_001, 60_000), (-5, 6000)])
def test_the_timeout_is_clamped_between_two_and_twenty_ticks(service: Service, asked: int, given: int) -> None:
    client = Client(service)
    client.send_raw(encode(greeting(asked)))
    assert decode(ConnectResponse, client.frames()[0]).timeout == given


def test_bounds_of_their_own_go_before_ticks() -> None:
    service = Service(Settings(min_session_timeout=100, max_session_timeout=200))
    for asked, given in ((50, 100), (150, 150), (500, 200)):
        client = Client(service)
        client.send_raw(encode(greeting(asked)))
        assert decode(ConnectResponse, client.frames()[0]).timeout == given


def test_a_client_that_has_seen_more_than_this_server_is_cut_off_without_a_response(service: Service) -> None:
    client = Client(service)
    client.send_raw(encode(greeting(seen=1)))
    assert client.frames() == []
    assert client.connection.closing


@pytest.mark.parametrize("payload", [b"", b"short", bytes(24) + b"\0\0\0\x10", bytes(24) + b"\x7f\xff\xff\xff"])
def test_a_greeting_that_is_none_cuts_the_connection_off(service: Service, payload: bytes) -> None:
    client = Client(service)
    client.send_raw(payload)
    assert client.frames() == []
    assert client.connection.closing


def test_a_greeting_with_a_mad_length_is_not_awaited(service: Service) -> None:
    client = Client(service)
    service.receive(client, b"\x7f\xff\xff\xff")
    assert client.connection.closing


@pytest.mark.parametrize("secret", [bytes(16), b"", b"guess"])
def test_a_wrong_password_is_answered_with_no_session_and_a_hang_up(service: Service, secret: bytes) -> None:
    session_id = service.client().session_id
    client = Client(service)
    client.send_raw(encode(greeting(session_id=session_id, secret=secret)))
    assert [decode(ConnectResponse, frame) for frame in client.frames()] == [ConnectResponse(0, 0, 0, bytes(16), False)]
    assert client.connection.closing


def test_an_unknown_session_is_answered_with_no_session_even_if_its_password_is_right(service: Service) -> None:
    client = Client(service)
    client.send_raw(encode(greeting(session_id=77, secret=password(77))))
    assert decode(ConnectResponse, client.frames()[0]).session_id == 0


def test_a_session_is_logged_before_its_client_hears_of_it(service: Service) -> None:
    client = service.client()
    header, txn, digest = service.txns[0]
    assert (header.client_id, header.cxid, header.zxid, header.type) == (client.session_id, 0, 1, OpCode.create_session)
    assert txn == CreateSessionTxn(10_000)
    assert digest is not None
    assert digest.tree_digest == 0x51C6D660


def test_requests_right_behind_the_greeting_are_answered_behind_its_answer(service: Service) -> None:
    client = Client(service)
    service.receive(client, framed(encode(greeting())) + client.frame(OpCode.ping))
    assert [len(frame) for frame in client.frames()] == [37, 16]


# -- coming back -------------------------------------------------------------------------------------------------------


def back(service: Service, client: Client, timeout: int = 10_000) -> Client:
    again = Client(service)
    again.greet(timeout, client.session_id, client.password)
    return again


def test_a_client_comes_back_to_its_session_and_its_ephemerals_are_still_there(service: Service) -> None:
    client = service.client()
    client.create("/e", flags=CreateMode.EPHEMERAL)
    service.server.closed(client.connection)
    again = back(service, client)
    assert again.session_id == client.session_id
    assert again.stat("/e").ephemeral_owner == client.session_id


def test_coming_back_takes_no_transaction_and_the_timeout_is_that_of_the_last_request(service: Service) -> None:
    client = service.client()
    before = len(service.log)
    again = Client(service)
    again.send_raw(encode(greeting(20_000, client.session_id, client.password)))
    assert decode(ConnectResponse, again.frames()[0]).timeout == 20_000
    assert len(service.log) == before


def test_whoever_names_a_session_cuts_its_connection_off_before_the_password_is_checked(service: Service) -> None:
    client = service.client()
    stranger = Client(service)
    stranger.greet(session_id=client.session_id, password=bytes(16))
    assert client.connection.closing
    assert stranger.connection.closing


def test_watches_belong_to_the_connection_and_go_with_it(service: Service) -> None:
    client, writer = service.client(), service.client()
    client.get_data("/", watch=True)
    client.get_children("/", watch=True)
    service.server.closed(client.connection)
    again = back(service, client)
    writer.set_data("/", b"x")
    assert again.events() == []
    assert not service.tree.data_watches.by_path
    assert not service.tree.child_watches.by_path


def test_the_old_connection_going_does_not_take_the_new_one_with_it(service: Service) -> None:
    client = service.client()
    again = back(service, client)
    service.server.closed(client.connection)
    assert service.server.connections == {client.session_id: again.connection}


# -- ending ------------------------------------------------------------------------------------------------------------


def test_close_session_is_answered_and_then_the_server_hangs_up(service: Service) -> None:
    client = service.client()
    client.create("/e", flags=CreateMode.EPHEMERAL)
    client.create("/q-", flags=CreateMode.EPHEMERAL_SEQUENTIAL)
    reply = client.ask(OpCode.close_session)
    assert (reply.error, reply.body) == (0, b"")
    assert client.connection.closing
    assert service.txns[-1].txn == CloseSessionTxn(("/e", "/q-0000000001"))
    assert "/e" not in service.tree.nodes
    assert client.session_id not in service.server.sessions.sessions


def test_a_request_behind_close_session_is_dropped(service: Service) -> None:
    client = service.client()
    client.send_all((OpCode.close_session, None), (OpCode.ping, None))
    assert len(client.replies()) == 1
    client.send(OpCode.ping)
    assert client.replies() == []


def test_an_ephemeral_that_is_not_applied_yet_goes_with_its_session_all_the_same(service: Service) -> None:
    client, other = service.client(), service.client()
    other.create("/gone", flags=CreateMode.EPHEMERAL)
    service.slow = True
    client.send_all(
        (OpCode.create, CreateRequest("/e", b"", OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL)),
        (OpCode.delete, DeleteRequest("/gone", -1)),
        (OpCode.close_session, None),
    )
    other.send(OpCode.close_session)
    service.sync()
    assert [txn.txn for txn in service.txns[-2:]] == [CloseSessionTxn(("/e",)), CloseSessionTxn(())]
    assert service.tree.node_count == 5


def test_a_silent_session_expires_and_its_connection_is_cut_off(service: Service) -> None:
    client = service.client(timeout=6000)
    client.create("/e", flags=CreateMode.EPHEMERAL)
    client.frames()
    service.wait(6000)
    assert not client.connection.closing
    service.wait(3000)
    assert client.connection.closing
    assert client.frames() == []
    assert "/e" not in service.tree.nodes
    assert service.txns[-1].header.type == OpCode.close_session


def test_a_ping_keeps_a_session_alive(service: Service) -> None:
    client = service.client(timeout=6000)
    for _ in range(10):
        service.wait(3000)
        assert client.ask(OpCode.ping).xid == -2
    assert not client.connection.closing


def test_while_a_session_closes_its_requests_are_not_answered(service: Service) -> None:
    client = service.client(timeout=6000)
    service.slow = True
    service.elapsed += 10_000
    service.server.tick(service.now)
    client.send(OpCode.ping)
    assert client.replies() == []


def test_after_a_restart_sessions_have_their_whole_timeout_and_keep_their_ephemerals(service: Service) -> None:
    client = service.client(timeout=6000)
    client.create("/e", flags=CreateMode.EPHEMERAL)
    restarted = Service(database=service.replayed())
    again = Client(restarted)
    restarted.elapsed += 5000
    again.greet(6000, client.session_id, client.password)
    assert again.session_id == client.session_id
    assert again.stat("/e").ephemeral_owner == client.session_id
    restarted.wait(12_000)
    assert "/e" not in restarted.tree.nodes


def test_ephemerals_of_a_session_that_is_not_known_any_more_are_deleted_at_load(service: Service) -> None:
    client = service.client()
    client.create("/e", flags=CreateMode.EPHEMERAL)
    database = service.replayed()
    database.sessions.clear()
    assert "/e" not in Service(database=database).tree.nodes


def test_a_server_may_leave_the_paths_out_of_a_closing_transaction() -> None:
    service = Service(Settings(close_session_txn=False))
    client = service.client()
    client.create("/e", flags=CreateMode.EPHEMERAL)
    client.send(OpCode.close_session)
    assert service.txns[-1].txn is None
    assert "/e" not in service.tree.nodes
    assert "/e" not in service.replayed().tree.nodes


def test_a_session_that_another_server_took_over_is_cut_off_here_without_a_reply(service: Service) -> None:
    client = service.client()
    service.server.sessions.sessions[client.session_id].owner = "another server"
    client.send(OpCode.create, CreateRequest("/a", b"", OPEN_ACL_UNSAFE, 0))
    assert client.replies() == []
    assert client.connection.closing


# -- local sessions ----------------------------------------------------------------------------------------------------


def test_a_local_session_begins_and_ends_without_a_transaction() -> None:
    service = Service(Settings(local_sessions=True))
    client = service.client()
    assert client.session_id != 0
    assert client.ask(OpCode.close_session).error == 0
    assert client.connection.closing
    silent = service.client(timeout=6000)
    service.wait(12_000)
    assert silent.connection.closing
    assert service.log == []


def test_a_local_session_cannot_own_a_node() -> None:
    service = Service(Settings(local_sessions=True))
    client = service.client()
    assert client.create("/e", flags=CreateMode.EPHEMERAL).error == -120
    assert client.create("/p").error == 0


def test_a_local_session_is_upgraded_for_its_first_ephemeral_where_that_is_allowed() -> None:
    service = Service(Settings(local_sessions=True, local_sessions_upgrading=True))
    client = service.client()
    assert client.create("/e", flags=CreateMode.EPHEMERAL).error == 0
    assert [txn.header.type for txn in service.txns] == [OpCode.create_session, OpCode.create]
    assert service.server.database.sessions == {client.session_id: 10_000}
    client.send(OpCode.close_session)
    assert "/e" not in service.tree.nodes
