"""Apache's server opens our data directory, and ours opens its: every node, every field of a Stat, every list."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from consensus_lab.zookeeper.errors import Code
from consensus_lab.zookeeper.jute import decode, encode
from consensus_lab.zookeeper.opcodes import CreateMode, OpCode
from consensus_lab.zookeeper.records import (
    ACL,
    AuthPacket,
    ConnectRequest,
    ConnectResponse,
    CreateRequest,
    DeleteRequest,
    GetACLRequest,
    GetACLResponse,
    GetChildrenRequest,
    GetChildrenResponse,
    GetDataRequest,
    GetDataResponse,
    Id,
    MultiHeader,
    RequestHeader,
    SetACLRequest,
    SetDataRequest,
)
from tests.serve.apache import Apache, apache
from tests.serve.serving import Running, serving
from tests.serve.wire import OPEN, Wire, four_letters

MINE = (ACL(31, Id("auth", "")), ACL(1, Id("world", "anyone")))
Start = Callable[..., AbstractContextManager[Apache | Running]]


class Found(NamedTuple):
    """All that a client can learn of a node."""

    data: bytes | None
    stat: Any
    acl: Any
    children: tuple[str, ...]


def populate(client: Wire) -> ConnectResponse:
    """Every kind of transaction at least once. Returns the session, which lives on with its ephemerals."""
    session = client.connect()
    client.call(OpCode.auth, AuthPacket(0, "digest", b"ann:secret"), xid=-4)
    for path, data, acl, mode in (
        ("/plain", b"data", OPEN, CreateMode.PERSISTENT),
        ("/plain/null", None, OPEN, CreateMode.PERSISTENT),
        ("/plain/empty", b"", MINE, CreateMode.PERSISTENT),
        ("/plain/gone", b"x", OPEN, CreateMode.PERSISTENT),
        ("/plain/mortal", b"e", OPEN, CreateMode.EPHEMERAL),
        ("/plain/n-", b"1", OPEN, CreateMode.PERSISTENT_SEQUENTIAL),
        ("/plain/n-", b"2", OPEN, CreateMode.EPHEMERAL_SEQUENTIAL),
        ("/ünïcode ☃", "snow ☃".encode(), OPEN, CreateMode.PERSISTENT),
    ):
        assert client.call(OpCode.create, CreateRequest(path, data, acl, mode))[0].err == Code.OK
    assert client.call(OpCode.create_container, CreateRequest("/box", b"", OPEN, 4))[0].err == Code.OK
    assert client.call(OpCode.create2, CreateRequest("/box/in", b"", OPEN, 0))[0].err == Code.OK
    assert client.call(OpCode.create, CreateRequest("/plain", b"", OPEN, 0))[0].err == Code.NODEEXISTS
    assert client.call(OpCode.delete, DeleteRequest("/plain/gone", -1))[0].err == Code.OK
    for version in range(3):
        assert client.call(OpCode.set_data, SetDataRequest("/plain", b"%d" % version, version))[0].err == Code.OK
    assert client.call(OpCode.set_acl, SetACLRequest("/plain/null", MINE, 0))[0].err == Code.OK
    create_together(client, "/m", "/m/a", "/m/b")
    create_together(client, "/k", "/plain")  # the second fails, and so both do
    return session


def create_together(client: Wire, *paths: str) -> None:
    """One multi."""
    header = encode(MultiHeader(OpCode.create, False, -1))
    parts = b"".join(header + encode(CreateRequest(path, b"m", OPEN, 0)) for path in paths)
    client.xid += 1
    head = encode(RequestHeader(client.xid, OpCode.multi))
    client.send_frame(head + parts + encode(MultiHeader(-1, True, -1)))
    assert client.reply()[0].err == Code.OK


def everything(client: Wire, path: str = "/") -> dict[str, Found]:
    """What a client can learn of a node and all below it."""
    data = decode(GetDataResponse, client.call(OpCode.get_data, GetDataRequest(path, False))[1])
    acl = decode(GetACLResponse, client.call(OpCode.get_acl, GetACLRequest(path))[1])
    listed = decode(GetChildrenResponse, client.call(OpCode.get_children, GetChildrenRequest(path, False))[1])
    children = tuple(sorted(listed.children))
    found = {path: Found(data.data, data.stat, acl.acl, children)}
    for child in children:
        found |= everything(client, f"{path.rstrip('/')}/{child}")
    return found


def taken_up(port: int, session: ConnectResponse) -> Wire:
    """The session again, on another server."""
    client = Wire(port)
    again = ConnectRequest(0, 0, 30_000, session.session_id, session.passwd, False)
    assert client.connect(again).session_id == session.session_id
    client.call(OpCode.auth, AuthPacket(0, "digest", b"ann:secret"), xid=-4)
    return client


@pytest.mark.parametrize("lines", [(), ("snapshot.compression.method=gz",), ("snapCount=2",)], ids=["", "gz", "fuzzy"])
@pytest.mark.parametrize(("one", "other"), [(serving, apache), (apache, serving)], ids=["by apache", "of apache"])
def test_the_tree_of_one_server_is_served_by_the_other(
    tmp_path: Path, one: Start, other: Start, lines: tuple[str, ...]
) -> None:
    with one(tmp_path, *lines) as first, Wire(first.port) as client:
        session = populate(client)
        before = everything(client)
    with other(tmp_path, *lines) as second, taken_up(second.port, session) as client:
        assert everything(client) == before
        assert "zk_digest_mismatches_count\t0\n" in four_letters(second.port, "mntr")
        assert client.call(OpCode.create, CreateRequest("/plain/n-", b"3", OPEN, 2))[0].err == Code.OK
        after = everything(client)
        assert "/plain/n-0000000006" in after
    with one(tmp_path, *lines) as first, taken_up(first.port, session) as client:
        assert everything(client) == after


def test_snapshots_alone_are_read_both_ways(tmp_path: Path) -> None:
    with serving(tmp_path) as ours, Wire(ours.port) as client:
        session = populate(client)
        ours.ask(ours.server.take_snapshot())
        before = everything(client)
    for log in (tmp_path / "data" / "version-2").glob("log.*"):
        log.unlink()
    with apache(tmp_path) as theirs, taken_up(theirs.port, session) as client:
        assert everything(client) == before


def test_a_torn_log_means_the_same_to_both(tmp_path: Path) -> None:
    with serving(tmp_path) as ours, Wire(ours.port) as client:
        session = populate(client)
    (log,) = (tmp_path / "data" / "version-2").glob("log.*")
    log.write_bytes(log.read_bytes().rstrip(b"\0")[:-1])  # the last transaction, a multi that failed
    with apache(tmp_path) as theirs, taken_up(theirs.port, session) as client:
        before = everything(client)
        zxid = four_letters(theirs.port, "srvr").partition("Zxid: ")[2].partition("\n")[0]
    with serving(tmp_path) as ours, taken_up(ours.port, session) as client:
        assert everything(client) == before
        assert f"Zxid: {zxid}\n" in four_letters(ours.port, "srvr")
