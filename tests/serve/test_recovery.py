"""What a server knows when it is switched on again: what was promised, or a sentence that says what is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from consensus_lab.serve.data_dir import DataDir
from consensus_lab.serve.errors import DamagedError
from consensus_lab.serve.log_file import LogFile, truncate
from consensus_lab.serve.recovery import Recovered, recover
from consensus_lab.serve.snapshot_file import Style, write_snapshot
from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import ACL, CreateTxn, DeleteTxn, Id, SetDataTxn
from consensus_lab.zookeeper.txns import encode_txn

OPEN = (ACL(31, Id("world", "anyone")),)
BLOCK = 8192


def folder_in(path: Path) -> DataDir:
    folder = DataDir(path / "version-2", path / "version-2")
    folder.open()
    return folder


def created(zxid: int) -> bytes:
    """A transaction that creates /nZXID."""
    txn = CreateTxn(f"/n{zxid}", b"data", OPEN, False, zxid % 1000)
    return encode_txn(1, 1, zxid, 1000, OpCode.create, txn, None)


def write(folder: DataDir, *batches: list[bytes]) -> LogFile:
    log = LogFile(folder, block=BLOCK)
    for batch in batches:
        log.append(batch)
    return log


def told(folder: DataDir, **options: Any) -> tuple[Recovered, list[str]]:
    warnings: list[str] = []
    return recover(folder, DataTree(), warnings.append, **options), warnings


def nodes_of(recovered: Recovered) -> list[str]:
    return [path for path in recovered.database.tree.nodes if path.startswith("/n")]


def test_a_new_folder_gets_its_first_snapshot(tmp_path: Path) -> None:
    recovered, warnings = told(folder := folder_in(tmp_path))
    assert recovered.snapshot == folder.snapshot_dir / "snapshot.0"
    assert not warnings
    assert told(folder)[0].database.tree.last_processed_zxid == 0


def test_the_log_is_replayed_over_the_snapshot(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    told(folder)
    write(folder, [created(1), created(2)], [created(3)]).close()
    recovered, _ = told(folder)
    assert nodes_of(recovered) == ["/n1", "/n2", "/n3"]
    assert (recovered.replayed, recovered.database.tree.last_processed_zxid) == (3, 3)


def test_what_the_snapshot_holds_already_is_replayed_without_harm(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    told(folder)
    changed = encode_txn(1, 2, 2, 1002, OpCode.set_data, SetDataTxn("/n1", b"new", 1), None)
    gone = encode_txn(1, 3, 3, 1003, OpCode.delete, DeleteTxn("/n1"), None)
    write(folder, [created(1), changed, gone, created(4)]).close()
    database = told(folder)[0].database
    fuzzy = write_snapshot(folder, database)
    fuzzy.rename(folder.snapshot_named(1))  # as if it had begun after the first transaction, and ended after the last
    assert nodes_of(told(folder)[0]) == ["/n4"]


def test_a_torn_end_of_the_log_was_never_promised_and_is_left_out(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    told(folder)
    write(folder, [created(1)], [created(2)]).close()
    path = folder.log_named(1)
    data = bytearray(path.read_bytes())
    torn = data.rstrip(b"\0")
    path.write_bytes(torn[:-1])
    assert nodes_of(told(folder)[0]) == ["/n1"]


def test_a_log_that_was_begun_and_holds_nothing_is_deleted(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    told(folder)
    write(folder, [created(1)]).close()
    folder.log_named(2).touch()
    assert nodes_of(told(folder)[0]) == ["/n1"]
    assert not folder.log_named(2).exists()


def test_damage_inside_the_log_stops_the_server(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    told(folder)
    write(folder, [created(1)], [created(2)]).close()
    data = bytearray(folder.log_named(1).read_bytes())
    data[40] ^= 1
    folder.log_named(1).write_bytes(data)
    with pytest.raises(DamagedError, match=r"log\.1: at byte 16: the checksum of an entry does not fit its bytes"):
        told(folder)


def test_a_transaction_that_is_missing_between_two_logs_stops_the_server(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    told(folder)
    log = write(folder, [created(1), created(2)])
    log.roll()
    log.append([created(4)])
    log.close()
    with pytest.raises(DamagedError, match=r"log\.4: the transactions 0x3 to 0x3 are missing before it"):
        told(folder)


def test_a_log_that_ends_before_what_a_fuzzy_snapshot_holds_stops_the_server(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    told(folder)
    write(folder, [created(1), created(2), created(3)]).close()
    write_snapshot(folder, told(folder)[0].database).rename(folder.snapshot_named(1))
    truncate(folder, 2)
    with pytest.raises(
        DamagedError, match=r"the transactions 0x3 to 0x3 are missing, of which .*snapshot\.1 holds a part"
    ):
        told(folder)


def test_a_new_epoch_begins_its_zxids_anew(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    told(folder)
    write(folder, [created(1), created((1 << 32) + 1)]).close()
    assert told(folder)[0].replayed == 2


def test_a_damaged_snapshot_is_passed_over_for_an_older_one(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    told(folder)
    write(folder, [created(1), created(2)]).close()
    database = told(folder)[0].database
    newest = write_snapshot(folder, database)
    data = bytearray(newest.read_bytes())
    data[30] ^= 1
    newest.write_bytes(data)
    recovered, warnings = told(folder)
    assert nodes_of(recovered) == ["/n1", "/n2"]
    assert recovered.snapshot == folder.snapshot_named(0)
    assert warnings == [f"{newest} is passed over: the checksum does not fit the bytes before it"]


def test_without_any_readable_snapshot_the_server_does_not_start(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    told(folder)
    data = bytearray(folder.snapshot_named(0).read_bytes())
    data[30] ^= 1
    folder.snapshot_named(0).write_bytes(data)
    with pytest.raises(DamagedError, match="no snapshot in it can be read"):
        told(folder)


def test_a_log_without_any_snapshot_is_replayed_only_on_demand(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    write(folder, [created(1)]).close()
    with pytest.raises(DamagedError, match="so a snapshot was lost"):
        told(folder)
    assert nodes_of(told(folder, trust_empty=True)[0]) == ["/n1"]


def test_a_compressed_snapshot_is_read_and_written(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    recovered, _ = told(folder, style=Style(".gz"))
    assert recovered.snapshot == folder.snapshot_dir / "snapshot.0.gz"
    write(folder, [created(1)]).close()
    write_snapshot(folder, told(folder)[0].database, Style(".gz"))
    assert nodes_of(told(folder)[0]) == ["/n1"]


def test_a_log_lies_in_zeros_and_rolls_to_a_file_named_after_its_first_transaction(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    log = write(folder, [created(1)])
    assert folder.log_named(1).stat().st_size == BLOCK + 16
    log.roll()
    log.append([created(2)])
    log.close()
    assert [file.zxid for file in folder.logs()] == [1, 2]


def test_a_log_beyond_its_limit_is_left_for_a_new_one(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    log = LogFile(folder, block=BLOCK, limit=150)
    log.append([created(1)])
    log.append([created(2)])
    log.append([created(3)])
    log.close()
    assert [file.zxid for file in folder.logs()] == [1, 3]


def test_truncation_takes_back_what_came_after(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    told(folder)
    log = write(folder, [created(1), created(2), created(3)])
    log.roll()
    log.append([created(4)])
    log.close()
    truncate(folder, 2)
    assert nodes_of(told(folder)[0]) == ["/n1", "/n2"]
    assert [file.zxid for file in folder.logs()] == [1]
