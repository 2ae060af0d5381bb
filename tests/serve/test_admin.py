"""The admin server and the page of metrics: what an operator's tools ask over HTTP."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consensus_lab.serve.admin_commands import COMMANDS, LINKS
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import CreateRequest, GetDataRequest
from consensus_lab.zookeeper.snapshot import read_snapshot
from tests.serve.serving import Running, serving
from tests.serve.wire import OPEN, PATIENCE, Wire

SUPER = "DigestAuthenticationProvider.superDigest=super:D/InIHSb7yEEbrWz8b9l71RjZJU="  # of super:test
LINES = ("admin.enableServer=true", "admin.serverAddress=127.0.0.1", "admin.serverPort=0", SUPER)
PROMETHEUS = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with serving(tmp_path, *LINES) as running:
        yield running


def fetch(
    port: int, target: str, *headers: str, method: str = "GET", body: bytes = b""
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall("\r\n".join((f"{method} {target} HTTP/1.1", *headers, "", "")).encode() + body)
        data = b""
        while more := connection.recv(65536):
            data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body


def told(server: Running, command: str) -> dict[str, Any]:
    status, headers, body = fetch(server.server.admin_port, f"/commands/{command}")
    assert (status, headers["Content-Type"]) == (200, "application/json")
    facts: dict[str, Any] = json.loads(body)
    return facts


def test_every_command_answers_by_each_of_its_names(server: Running) -> None:
    for name, command in COMMANDS.items():
        facts = told(server, name)
        assert facts["command"] == command.names[0]
        assert (facts["error"] is None) == (command.names[0] not in ("leader", "set_trace_mask"))


def test_the_index_links_every_command(server: Running) -> None:
    _, _, body = fetch(server.server.admin_port, "/commands")
    assert re.findall(r'href="/commands/(\w+)"', body.decode()) == sorted(LINKS)


def test_what_connections_sessions_and_watches_there_are(server: Running) -> None:
    with Wire(server.port) as client:
        session = client.connect().session_id
        client.call(OpCode.create, CreateRequest("/e", b"", OPEN, 1))
        client.call(OpCode.get_data, GetDataRequest("/e", True))
        (connection,) = told(server, "cons")["connections"]
        assert (connection["session_id"], connection["packets_received"]) == (session, 3)
        assert connection["last_operation"] == "GETD"
        assert told(server, "dump")["session_id_to_ephemeral_paths"] == {str(session): ["/e"]}
        assert told(server, "wchc")["session_id_to_watched_paths"] == {str(session): ["/e"]}
        assert told(server, "wchp")["path_to_session_ids"] == {"/e": [session]}
        assert told(server, "wchs")["num_total_watches"] == 1
        assert told(server, "srvr")["node_count"] == 6
        assert told(server, "mntr")["ephemerals_count"] == 1


def test_an_unknown_command_is_told_as_such(server: Running) -> None:
    assert told(server, "nosuch") == {"command": "nosuch", "error": "Unknown command: nosuch"}
    assert fetch(server.server.admin_port, "/elsewhere")[0] == 404


@pytest.mark.parametrize(
    ("headers", "status", "error"),
    [
        ((), 401, "Auth info is missing for the command"),
        (("Authorization: nosuch x",), 401, "Not authenticated"),
    ],
)
def test_a_snapshot_is_for_whoever_proves_to_be_somebody(
    server: Running, headers: tuple[str, ...], status: int, error: str
) -> None:
    found, _, body = fetch(server.server.admin_port, "/commands/snapshot", *headers)
    assert (found, json.loads(body)["error"]) == (status, error)


def test_a_snapshot_is_streamed_once_in_a_while(server: Running) -> None:
    with Wire(server.port) as client:
        client.connect()
        client.call(OpCode.create, CreateRequest("/a", b"", OPEN, 0))
    who = "Authorization: digest super:test"
    status, headers, body = fetch(server.server.admin_port, "/commands/snapshot", who)
    assert (status, headers["last_zxid"], int(headers["snapshot_size"])) == (200, "0x2", len(body))
    assert "/a" in [node.path for node in read_snapshot(body).nodes]
    assert told(server, "lsnp")["zxid"] == "2"
    assert fetch(server.server.admin_port, "/commands/snap", who)[0] == 429
    assert told(server, "mntr")["snapshot_rate_limited_count"] == 1


def post(server: Running, body: bytes) -> tuple[int, dict[str, Any]]:
    """Restore this."""
    headers = ("Authorization: digest super:test", f"Content-Length: {len(body)}")
    status, _, answer = fetch(server.server.admin_port, "/commands/restore", *headers, method="POST", body=body)
    return status, json.loads(answer)


def test_a_snapshot_that_is_restored_is_served_from_then_on(tmp_path: Path) -> None:
    with serving(tmp_path, *LINES) as server, Wire(server.port) as client:
        client.connect()
        client.call(OpCode.create, CreateRequest("/kept", b"", OPEN, 0))
        _, _, snapshot = fetch(server.server.admin_port, "/commands/snapshot", "Authorization: digest super:test")
        client.call(OpCode.create, CreateRequest("/lost", b"", OPEN, 0))
        assert post(server, snapshot) == (200, {"last_zxid": 3, "command": "restore", "error": None})
        assert client.read_all() == b""
        with Wire(server.port) as again:
            again.connect()
            assert again.call(OpCode.create, CreateRequest("/new", b"", OPEN, 0))[0].zxid == 5
    with serving(tmp_path) as server:
        assert {"/kept", "/new"} == {path for path in server.server.tree.nodes if path[1:4] in ("kep", "los", "new")}


def test_what_is_no_snapshot_is_not_restored(server: Running) -> None:
    with Wire(server.port) as client:
        client.connect()
        status, answer = post(server, b"ZKSN")
        assert (status, answer["error"]) == (500, "4 bytes are needed where 0 follow")
        assert client.call(OpCode.create, CreateRequest("/a", b"", OPEN, 0))[0].err == 0


def test_a_password_is_told_to_nobody(tmp_path: Path) -> None:
    with serving(tmp_path, *LINES, "ssl.keyStore.password=secret", "snapCount=9") as server:
        facts = told(server, "sysp")
        assert (facts["zookeeper.ssl.keyStore.password"], facts["zookeeper.snapCount"]) == ("***", "9")


@pytest.mark.parametrize("head", ["", "GET", "GET / SMTP", "POST /commands/restore HTTP/1.1\r\nContent-Length: x"])
def test_what_is_no_request_gets_no_answer(server: Running, head: str) -> None:
    with socket.create_connection(("127.0.0.1", server.server.admin_port), PATIENCE) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""


def test_prometheus_finds_the_names_that_apache_gives(tmp_path: Path) -> None:
    where = ("metricsProvider.httpHost=127.0.0.1", "metricsProvider.httpPort=0")
    with serving(tmp_path, f"metricsProvider.className={PROMETHEUS}", *where) as server, Wire(server.port) as client:
        client.connect()
        client.call(OpCode.create, CreateRequest("/a", b"", OPEN, 0))
        status, headers, body = fetch(server.server.metrics_port, "/metrics")
        assert (status, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
        page = body.decode()
        assert "znode_count 6.0\n" in page
        assert "connection_request_count 1.0\n" in page
        assert re.search(r"^fsynctime_count 2\.0$", page, re.MULTILINE)
        assert 'readlatency{quantile="0.99"}' in page
        assert fetch(server.server.metrics_port, "/")[0] == 404
