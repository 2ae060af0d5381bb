"""A journal keeps what it was given: a torn tail is cut, any other change is refused, and one process owns it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.kernel.notation import vocabulary
from consensus_lab.net import journal as journal_module
from consensus_lab.net.codec import Codec
from consensus_lab.net.errors import (
    JournalCorruptError,
    JournalFailedError,
    JournalInUseError,
    UnencodableError,
)
from consensus_lab.net.journal import Journal
from consensus_lab.net.journal_format import MAGIC, framed
from tests.net import words
from tests.net.words import Box, Empty, Yes

CODEC = Codec(vocabulary(words))
RECORDS = (Yes("T1"), Box(("a", 1, None), "label"), Empty(), Yes("T2"))

records = st.lists(st.builds(Yes, st.text("ab\u2205", max_size=5)) | st.just(Empty()), max_size=5)


def opened(path: Path) -> tuple[Any, ...]:
    """What a journal holds when a node is switched on with it."""
    journal = Journal(path, CODEC)
    journal.close()
    return journal.records


def written(path: Path, batches: Sequence[Sequence[Any]]) -> bytes:
    journal = Journal(path, CODEC)
    for batch in batches:
        journal.commit(batch)
    journal.close()
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node" / "journal"


# -- what is durable ---------------------------------------------------------------------------------------------------


def test_a_new_journal_holds_nothing_and_has_not_existed(path: Path):
    journal = Journal(path, CODEC)
    journal.close()
    assert (journal.records, journal.existed, journal.cut) == ((), False, 0)


def test_a_reopened_journal_holds_every_record_in_order(path: Path):
    written(path, [RECORDS[:1], RECORDS[1:]])
    journal = Journal(path, CODEC)
    journal.close()
    assert (journal.records, journal.existed, journal.cut) == (RECORDS, True, 0)


def test_a_batch_costs_one_write_and_one_fsync(path: Path, monkeypatch: pytest.MonkeyPatch):
    calls = []
    journal = Journal(path, CODEC)
    monkeypatch.setattr(journal_module.os, "write", counted(calls, "write", os.write))
    monkeypatch.setattr(journal_module, "datasync", counted(calls, "fsync", os.fdatasync))
    journal.commit(RECORDS)
    journal.close()
    assert calls == ["write", "fsync"]


def test_creating_a_journal_makes_its_directory_entry_durable_too(path: Path, monkeypatch: pytest.MonkeyPatch):
    synced = []
    real = os.fsync
    monkeypatch.setattr(journal_module.os, "fsync", lambda file: (synced.append(os.fstat(file)), real(file)))
    opened(path)
    assert any(os.path.samestat(entry, path.parent.stat()) for entry in synced)


def counted(calls: list[str], name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        calls.append(name)
        return real(*arguments)

    return call


def test_a_write_that_the_kernel_splits_is_completed(path: Path, monkeypatch: pytest.MonkeyPatch):
    journal = Journal(path, CODEC)
    real = os.write
    monkeypatch.setattr(journal_module.os, "write", lambda file, data: real(file, data[:7]))
    journal.commit(RECORDS)
    monkeypatch.undo()
    journal.close()
    assert opened(path) == RECORDS


def test_a_record_without_a_word_is_refused_before_anything_is_written(path: Path):
    journal = Journal(path, CODEC)
    with pytest.raises(UnencodableError):
        journal.commit([Yes("T1"), object()])
    journal.commit([Yes("T2")])
    journal.close()
    assert opened(path) == (Yes("T2"),)


# -- damage ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder, "journal")


@given(records, st.data())
def test_any_beginning_of_a_journal_reopens_with_a_beginning_of_its_records(scratch: Path, kept: list[Any], data: Any):
    scratch.unlink(missing_ok=True)
    whole = written(scratch, [kept])
    scratch.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    survivors = opened(scratch)
    assert survivors == tuple(kept)[: len(survivors)]
    assert opened(scratch) == survivors, "the tail was cut off for good"


@given(records.filter(bool), st.data())
def test_a_flipped_byte_is_refused_or_was_in_the_last_record(scratch: Path, kept: list[Any], data: Any):
    scratch.unlink(missing_ok=True)
    damaged = bytearray(written(scratch, [kept]))
    last = len(damaged) - len(framed(CODEC.encode(kept[-1])))
    where = data.draw(st.integers(0, len(damaged) - 1))
    damaged[where] ^= data.draw(st.integers(1, 255))
    scratch.write_bytes(damaged)
    if where < last:
        with pytest.raises(JournalCorruptError):
            opened(scratch)
        assert scratch.read_bytes() == damaged, "what is refused is not touched"
    else:
        assert opened(scratch) == tuple(kept[:-1])


def test_a_torn_tail_is_cut_off_and_reported_and_the_journal_goes_on(path: Path):
    whole = written(path, [RECORDS])
    path.write_bytes(whole[:-3])
    journal = Journal(path, CODEC)
    assert (journal.records, journal.cut) == (RECORDS[:-1], len(framed(CODEC.encode(RECORDS[-1]))) - 3)
    journal.commit([Yes("T3")])
    journal.close()
    assert opened(path) == (*RECORDS[:-1], Yes("T3"))


@pytest.mark.parametrize("tail", [b"\0" * 100, b"\xff" * 100, b"{" * 9, b"\0"], ids=repr)
def test_a_tail_that_never_was_a_record_is_cut_off(path: Path, tail: bytes):
    whole = written(path, [RECORDS])
    path.write_bytes(whole + tail)
    assert opened(path) == RECORDS
    assert path.read_bytes() == whole


def test_damage_in_the_middle_names_the_file_the_offset_and_what_to_do(path: Path):
    whole = bytearray(written(path, [RECORDS]))
    second = len(MAGIC) + len(framed(CODEC.encode(RECORDS[0])))
    whole[second + 10] ^= 1
    path.write_bytes(whole)
    with pytest.raises(JournalCorruptError, match="Restore this file from a copy, or remove it") as caught:
        opened(path)
    assert str(path) in str(caught.value)
    assert f"at byte {second}" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"consensus-lab journal 2\n", "another version"),
        (b"\x7fELF" + bytes(100), "this is no journal"),
        (b"x", "no journal"),
    ],
)
def test_another_kind_of_file_is_refused_and_left_alone(path: Path, content: bytes, complaint: str):
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(JournalCorruptError, match=complaint):
        opened(path)
    assert path.read_bytes() == content


def test_a_journal_of_another_protocol_is_refused_by_its_first_unknown_word(path: Path):
    written(path, [[Yes("T1")]])
    with pytest.raises(JournalCorruptError, match="no message is named 'Yes'"):
        Journal(path, Codec({"Empty": Empty}))


# -- one owner, and a disk that fails ----------------------------------------------------------------------------------


def test_a_journal_that_is_open_cannot_be_opened_again(path: Path):
    journal = Journal(path, CODEC)
    with pytest.raises(JournalInUseError, match="another process has this journal open"):
        Journal(path, CODEC)
    journal.commit([Yes("T1")])
    journal.close()
    assert opened(path) == (Yes("T1"),)


def test_another_process_cannot_open_it_either_until_the_first_is_gone(path: Path):
    journal = Journal(path, CODEC)
    program = (
        "import sys; from pathlib import Path\n"
        "from consensus_lab.net.codec import Codec; from consensus_lab.net.errors import JournalInUseError\n"
        "from consensus_lab.net.journal import Journal\n"
        "try: Journal(Path(sys.argv[1]), Codec({}))\n"
        "except JournalInUseError: sys.exit(42)\n"
    )
    command = [sys.executable, "-c", program, str(path)]
    assert subprocess.run(command, timeout=60, check=False).returncode == 42
    journal.close()
    assert subprocess.run(command, timeout=60, check=False).returncode == 0


@pytest.mark.parametrize("call", ["write", "fdatasync"])
def test_after_one_failure_of_the_disk_it_is_never_tried_again(path: Path, monkeypatch: pytest.MonkeyPatch, call: str):
    journal = Journal(path, CODEC)

    def refuse(*arguments: Any) -> int:
        raise OSError(5, "Input/output error")

    where, name = (journal_module.os, "write") if call == "write" else (journal_module, "datasync")
    monkeypatch.setattr(where, name, refuse)
    with pytest.raises(JournalFailedError, match="the disk refused: Input/output error"):
        journal.commit([Yes("T1")])
    monkeypatch.undo()
    with pytest.raises(JournalFailedError, match="an earlier write to it failed"):
        journal.commit([Yes("T2")])
    journal.close()


def test_a_place_where_no_file_can_be_is_named(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(JournalFailedError, match="cannot open this journal"):
        Journal(tmp_path / "file" / "journal", CODEC)
