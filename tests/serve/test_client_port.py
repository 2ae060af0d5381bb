"""The client port: frames in, frames out, whoever else behaves badly."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

import pytest

from consensus_lab.serve.errors import DiskError
from consensus_lab.serve.standalone import Standalone
from consensus_lab.zookeeper.errors import Code
from consensus_lab.zookeeper.jute import decode, encode
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import (
    ConnectRequest,
    CreateRequest,
    GetDataRequest,
    GetDataResponse,
    SetDataRequest,
)
from tests.serve.serving import serving
from tests.serve.wire import NEW_SESSION, OPEN, Closed, Wire, four_letters


def create(path: str, data: bytes = b"") -> CreateRequest:
    return CreateRequest(path, data, OPEN, 0)


def test_a_write_is_answered_when_it_is_on_the_disk_and_read_after_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path) as server, Wire(server.port) as client:
        client.connect()
        header, _ = client.call(OpCode.create, create("/a", b"data"))
        assert header.err == Code.OK
    with serving(tmp_path) as server, Wire(server.port) as client:
        client.connect()
        _, body = client.call(OpCode.get_data, GetDataRequest("/a", False))
        assert decode(GetDataResponse, body).data == b"data"


def test_requests_in_a_row_are_answered_in_their_order(tmp_path: Path) -> None:
    with serving(tmp_path) as server, Wire(server.port) as client:
        client.connect()
        sent = [client.send(OpCode.create, create("/a"))]
        for number in range(200):
            sent.append(client.send(OpCode.set_data, SetDataRequest("/a", b"%d" % number, number)))
            sent.append(client.send(OpCode.get_data, GetDataRequest("/a", False)))
        replies = [client.reply() for _ in sent]
        assert [header.xid for header, _ in replies] == sent
        assert all(header.err == Code.OK for header, _ in replies)
        assert decode(GetDataResponse, replies[-1][1]).data == b"199"


def test_a_stream_may_be_cut_anywhere(tmp_path: Path) -> None:
    with serving(tmp_path) as server, Wire(server.port) as client:
        hello = encode(NEW_SESSION)
        request = encode(GetDataRequest("/zookeeper", False))
        stream = struct.pack(">i", len(hello)) + hello + struct.pack(">iii", 8 + len(request), 7, 4) + request
        for byte in stream:
            client.socket.sendall(bytes([byte]))
        client.read_frame()
        assert client.reply()[0].xid == 7


@pytest.mark.parametrize("length", [-1, 0x100000, 0x7FFFFFFF])
def test_a_frame_of_an_impossible_length_closes_that_connection_only(tmp_path: Path, length: int) -> None:
    with serving(tmp_path) as server, Wire(server.port) as bad, Wire(server.port) as good:
        bad.connect()
        good.connect()
        bad.socket.sendall(struct.pack(">i", length))
        with pytest.raises(Closed):
            bad.read(1)
        assert good.call(OpCode.create, create("/a"))[0].err == Code.OK


def test_a_first_frame_of_an_impossible_length_is_closed_without_a_word(tmp_path: Path) -> None:
    with serving(tmp_path) as server, Wire(server.port) as client:
        client.socket.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert client.read_all() == b""


def test_one_connection_more_than_an_address_may_have_is_closed_at_once(tmp_path: Path) -> None:
    with serving(tmp_path, "maxClientCnxns=2") as server, Wire(server.port) as one, Wire(server.port) as two:
        one.connect()
        two.connect()
        with Wire(server.port) as three:
            assert three.read_all() == b""
        assert one.call(OpCode.create, create("/a"))[0].err == Code.OK


def test_connections_in_all_are_bounded_too(tmp_path: Path) -> None:
    with serving(tmp_path, "maxCnxns=1") as server, Wire(server.port) as one:
        one.connect()
        with Wire(server.port) as two:
            assert two.read_all() == b""


def test_without_a_token_a_new_client_is_turned_away(tmp_path: Path) -> None:
    lines = ("connection_throttle_tokens=1", "connection_throttle_fill_time=3600000")
    with serving(tmp_path, *lines) as server, Wire(server.port) as one, Wire(server.port) as two:
        one.connect()
        with pytest.raises(Closed):
            two.connect()


@pytest.mark.parametrize("said", [b"", b"\0\0", b"\0\0\0\x2d", b"\0\0\0\x2d\0\0\0"])
def test_a_connection_that_never_says_who_it_is_is_closed(tmp_path: Path, said: bytes) -> None:
    with serving(tmp_path, "nio.sessionlessCnxnTimeout=1", "tickTime=50") as server, Wire(server.port) as silent:
        silent.socket.sendall(said)
        assert silent.read_all() == b""


def test_too_much_in_process_holds_up_whoever_sends_it_and_loses_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, "globalOutstandingLimit=1") as server, Wire(server.port) as client:
        client.connect()
        sent = [client.send(OpCode.create, create(f"/n{number}")) for number in range(100)]
        assert [client.reply()[0].xid for _ in sent] == sent


def test_a_client_that_does_not_read_is_cut_off_and_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consensus_lab.serve.client_port.MOST_UNSENT", 1 << 20)
    with serving(tmp_path) as server, Wire(server.port) as deaf, Wire(server.port) as client:
        deaf.connect()
        client.connect()
        client.call(OpCode.create, create("/a", bytes(500_000)))
        deaf.socket.settimeout(0.2)
        try:
            for _ in range(500):  # 250 MB to be told; what the sockets hold of that is a few
                deaf.send(OpCode.get_data, GetDataRequest("/a", False))
        except OSError:
            pass  # it is not read from any more, or cut off
        assert client.call(OpCode.get_data, GetDataRequest("/a", False))[0].err == Code.OK


def test_a_client_that_does_not_read_is_not_waited_for_when_its_session_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consensus_lab.serve.client_port.LINGER", 0.05)
    lines = ("tickTime=50", "minSessionTimeout=50")
    with serving(tmp_path, *lines) as server, Wire(server.port) as deaf:
        deaf.connect(ConnectRequest(0, 0, 50, 0, bytes(16), False))
        deaf.call(OpCode.create, create("/a", bytes(900_000)))
        for _ in range(30):  # 27 MB, which no socket's buffers hold
            deaf.send(OpCode.get_data, GetDataRequest("/a", False))
        assert any("Connections: 1\n" in four_letters(server.port, "srvr") for _ in range(5000))


def test_a_client_that_knows_of_a_later_transaction_is_closed(tmp_path: Path) -> None:
    with serving(tmp_path) as server, Wire(server.port) as client, pytest.raises(Closed):
        client.connect(ConnectRequest(0, 99, 30_000, 0, bytes(16), False))


def test_a_session_is_taken_up_again_after_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path) as server, Wire(server.port) as client:
        session = client.connect()
        client.call(OpCode.create, CreateRequest("/e", b"", OPEN, 1))
    again = ConnectRequest(0, 0, 30_000, session.session_id, session.passwd, False)
    with serving(tmp_path) as server, Wire(server.port) as client:
        assert client.connect(again).session_id == session.session_id
        assert client.call(OpCode.get_data, GetDataRequest("/e", False))[0].err == Code.OK


def test_a_silent_session_expires_and_its_ephemerals_go(tmp_path: Path) -> None:
    lines = ("tickTime=50", "minSessionTimeout=50")
    with serving(tmp_path, *lines) as server, Wire(server.port) as silent, Wire(server.port) as client:
        silent.connect(ConnectRequest(0, 0, 50, 0, bytes(16), False))
        silent.call(OpCode.create, CreateRequest("/e", b"", OPEN, 1))
        client.connect()
        assert silent.read_all() == b""
        assert client.call(OpCode.get_data, GetDataRequest("/e", False))[0].err == Code.NONODE


def test_a_disk_that_fails_stops_the_server_and_nothing_is_acknowledged(tmp_path: Path) -> None:
    def break_disk(server: Standalone) -> None:
        def refuse(*_: object) -> None:
            raise DiskError("no space left on device")

        server._log.append = refuse  # type: ignore[method-assign,assignment]

    with serving(tmp_path, prepare=break_disk) as server, Wire(server.port) as client:
        with pytest.raises(Closed):
            client.connect()
        server.wait()
        assert str(server.failure) == "no space left on device"
    with serving(tmp_path) as server:
        assert "Zxid: 0x0" in four_letters(server.port, "srvr")


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(Exception, match=f"127.0.0.1, port {port}, cannot be listened on"),
            serving(tmp_path, f"clientPort={port}"),
        ):
            pass


def test_a_server_that_does_not_serve_yet_closes_who_asks_and_still_answers_words(tmp_path: Path) -> None:
    with serving(tmp_path, prepare=lambda server: server.service.stop()) as server, Wire(server.port) as client:
        with pytest.raises(Closed):
            client.connect()
        assert four_letters(server.port, "ruok") == "imok"
        assert four_letters(server.port, "isro") == "null"
        assert four_letters(server.port, "srvr") == "This ZooKeeper instance is not currently serving requests\n"


def test_a_mistake_of_its_own_stops_the_server_rather_than_half_a_change(tmp_path: Path) -> None:
    def break_core(server: Standalone) -> None:
        def raise_it(*_: object) -> None:
            raise ZeroDivisionError("oh")

        server.service.core.durable = raise_it  # type: ignore[method-assign,assignment]

    with serving(tmp_path, prepare=break_core) as server, Wire(server.port) as client:
        with pytest.raises(Closed):
            client.connect()
        server.wait()
        assert str(server.failure) == "the server broke: ZeroDivisionError: oh"
