"""The data directory: which files are whose, and which may go."""

from __future__ import annotations

from pathlib import Path

import pytest

from consensus_lab.serve.data_dir import DataDir
from consensus_lab.serve.errors import DataDirError
from tests.serve.serving import serving


def folder_with(path: Path, *names: str) -> DataDir:
    path.mkdir(parents=True, exist_ok=True)
    for name in names:
        (path / name).touch()
    return DataDir(path, path)


def test_a_name_tells_the_zxid_in_hexadecimal(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "log.1", "log.ff", "snapshot.0", "snapshot.a.gz", "acceptedEpoch", "log.xyz")
    assert [log.zxid for log in folder.logs()] == [1, 255]
    assert [snapshot.zxid for snapshot in folder.snapshots()] == [10, 0]


def test_replay_begins_in_the_last_log_that_starts_at_or_before_the_snapshot(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "log.1", "log.5", "log.9")
    assert [log.zxid for log in folder.logs_after(4)] == [1, 5, 9]
    assert [log.zxid for log in folder.logs_after(5)] == [5, 9]
    assert [log.zxid for log in folder.logs_after(99)] == [9]


def test_purging_keeps_the_logs_that_the_oldest_kept_snapshot_needs(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "log.1", "log.5", "log.9", "snapshot.0", "snapshot.4", "snapshot.7", "snapshot.c")
    folder.purge(7)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log.5", "log.9", "snapshot.7", "snapshot.c"]


def test_missing_folders_are_made_unless_that_is_forbidden(tmp_path: Path) -> None:
    folder = DataDir(tmp_path / "data" / "version-2", tmp_path / "log" / "version-2")
    with pytest.raises(DataDirError, match=r"there is no such folder, and zookeeper\.datadir\.autocreate is false"):
        folder.open(autocreate=False)
    folder.open()
    assert folder.snapshot_dir.is_dir()
    assert folder.log_dir.is_dir()


def test_two_folders_must_not_mix_their_kinds(tmp_path: Path) -> None:
    folder_with(tmp_path / "logs", "snapshot.1")
    with pytest.raises(DataDirError, match="the folder of logs holds snapshots"):
        DataDir(tmp_path / "snaps", tmp_path / "logs").open()
    folder_with(tmp_path / "snaps", "log.1")
    (tmp_path / "logs" / "snapshot.1").unlink()
    with pytest.raises(DataDirError, match="the folder of snapshots holds logs"):
        DataDir(tmp_path / "snaps", tmp_path / "logs").open()


def test_a_snapshot_that_was_being_written_when_the_server_died_is_swept_away(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ".snapshot.5.tmp", "snapshot.4")
    folder.sweep()
    assert [path.name for path in tmp_path.iterdir()] == ["snapshot.4"]


def test_two_servers_cannot_serve_from_one_folder(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    with folder.locked(), pytest.raises(DataDirError, match="another server serves from this folder"), folder.locked():
        pass
    with folder.locked():
        pass


def test_a_second_server_leaves_the_first_ones_unfinished_snapshot_alone(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        unfinished = server.server.folder.snapshot_dir / ".snapshot.5.tmp"
        unfinished.touch()
        with pytest.raises(DataDirError, match="another server serves from this folder"), serving(tmp_path):
            pass
        assert unfinished.exists()
