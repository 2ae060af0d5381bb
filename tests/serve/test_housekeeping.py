"""Snapshots come when the log has grown, and old files go."""

from __future__ import annotations

from pathlib import Path

import pytest

from consensus_lab.serve.data_dir import DataDir
from consensus_lab.serve.housekeeping import SnapshotRule, purge
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import CreateRequest, GetChildrenRequest, SetDataRequest
from consensus_lab.zookeeper.snapshot import LAST_BYTES
from tests.serve.serving import serving
from tests.serve.wire import OPEN, Wire


@pytest.mark.parametrize(("drawn", "last"), [(0.0, 5), (0.5, 7), (0.999, 9)])
def test_a_snapshot_is_due_after_more_than_half_of_the_count_plus_a_random_part(drawn: float, last: int) -> None:
    rule = SnapshotRule(10, 0, draw=lambda: drawn)
    assert not rule.is_due(last, 1)
    assert rule.is_due(1, 1)


def test_size_counts_too_and_the_next_one_begins_from_nothing() -> None:
    rule = SnapshotRule(1000, 100, draw=lambda: 0.5)
    assert not rule.is_due(1, 75)
    assert rule.is_due(1, 1)
    rule.begin()
    assert not rule.is_due(1, 75)


def test_a_server_under_load_takes_snapshots_and_its_log_begins_anew(tmp_path: Path) -> None:
    with serving(tmp_path, "snapCount=20") as server, Wire(server.port) as client:
        client.connect()
        for number in range(100):
            client.call(OpCode.create, CreateRequest(f"/{number}", b"", OPEN, 0))
        folder = server.server.folder
        assert len(folder.logs()) > 2
    assert len(folder.snapshots()) > 2
    with serving(tmp_path) as server, Wire(server.port) as client:
        client.connect()
        assert client.call(OpCode.get_children, GetChildrenRequest("/", False))[1][:4] == (101).to_bytes(4, "big")


def test_a_snapshot_taken_while_the_tree_changes_is_set_right_by_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consensus_lab.zookeeper.snapshot.BATCH", 1)  # the tree may change after every node
    with serving(tmp_path) as server, Wire(server.port) as client:
        client.connect()
        for number in range(300):
            client.send(OpCode.create, CreateRequest(f"/{number}", b"before", OPEN, 0))
        for _ in range(300):
            client.reply()
        for number in range(300):
            client.send(OpCode.set_data, SetDataRequest(f"/{number}", b"after", -1))
        server.ask(server.server.take_snapshot())
        for _ in range(300):
            client.reply()
        before = {path: (node.data, node.persisted()) for path, node in server.server.tree.nodes.items()}
        digest = server.server.tree.digest
    with serving(tmp_path) as server:
        tree = server.server.tree
        assert {path: (node.data, node.persisted()) for path, node in tree.nodes.items()} == before
        assert (tree.digest, server.server.database.mismatches) == (digest, 0)


def test_purging_counts_whole_snapshots_only(tmp_path: Path) -> None:
    folder = DataDir(tmp_path, tmp_path)
    for zxid in range(1, 7):
        (tmp_path / f"snapshot.{zxid}").write_bytes(bytes(10) + (LAST_BYTES if zxid != 6 else b"torn"))
        (tmp_path / f"log.{zxid}").touch()
    purge(folder, 3)
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["log.3", "log.4", "log.5", "log.6", "snapshot.3", "snapshot.4", "snapshot.5", "snapshot.6"]


def test_a_server_purges_when_it_starts(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        for _ in range(5):
            with Wire(server.port) as client:
                client.connect()
            server.ask(server.server.take_snapshot())
        assert len(server.server.folder.snapshots()) > 4
    with serving(tmp_path, "autopurge.purgeInterval=1", "autopurge.snapRetainCount=3") as server:
        assert len(server.server.folder.snapshots()) <= 4  # three, and the one that every start takes
