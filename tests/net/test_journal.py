"""A journal keeps what it was given: a batch that never was durable is cut, damage before it is refused."""

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
from consensus_lab.net import journal_format
from consensus_lab.net.codec import Codec
from consensus_lab.net.errors import (
    JournalCorruptError,
    JournalFailedError,
    JournalInUseError,
    UnencodableError,
)
from consensus_lab.net.journal import Journal
from consensus_lab.net.journal_format import HEAD, MAGIC, framed, scan
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


def test_what_a_dead_process_wrote_is_durable_before_anybody_acts_on_it(path: Path, monkeypatch: pytest.MonkeyPatch):
    written(path, [RECORDS])
    calls: list[str] = []
    monkeypatch.setattr(journal_module.os, "fsync", counted(calls, "fsync", os.fsync))
    assert opened(path) == RECORDS
    assert calls == ["fsync", "fsync"], "the file and its directory"


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


batches = st.lists(records, max_size=4)
PAGE = 8  # bytes: small, so that a batch has many


def flat(kept: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
    return tuple(record for batch in kept for record in batch)


@given(batches, st.data())
def test_any_beginning_of_a_journal_reopens_with_a_beginning_of_its_batches(scratch: Path, kept: Any, data: Any):
    scratch.unlink(missing_ok=True)
    whole = written(scratch, kept)
    scratch.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    survivors = opened(scratch)
    assert survivors in [flat(kept[:count]) for count in range(len(kept) + 1)], "all of a batch or none"
    assert opened(scratch) == survivors, "the tail was cut off for good"


@given(batches.filter(bool), st.data())
def test_a_batch_that_was_not_durable_may_persist_in_any_part_and_order(scratch: Path, kept: Any, data: Any):
    """The power fails before the fsync: every page is as it was written, or zeros; the file may be too short."""
    scratch.unlink(missing_ok=True)
    durable = written(scratch, kept[:-1])
    whole = written(scratch, kept[-1:])
    last = whole[len(durable) :]
    pages = [last[at : at + PAGE] for at in range(0, len(last), PAGE)]
    arrived = data.draw(st.lists(st.booleans(), min_size=len(pages), max_size=len(pages)))
    tail = b"".join(page if here else bytes(len(page)) for page, here in zip(pages, arrived, strict=True))
    scratch.write_bytes(durable + tail[: data.draw(st.integers(0, len(tail)))])
    assert opened(scratch) in (flat(kept[:-1]), flat(kept)), "all of it or none, and nothing that was promised is lost"


def test_a_batch_whose_first_page_is_lost_and_whose_second_is_there_is_cut_off_as_a_whole(path: Path):
    durable = written(path, [[Yes("promised")]])
    batch = framed(CODEC.encode((Box("x" * 5000, "long"), Yes("T2"))), len(durable))
    path.write_bytes(durable + bytes(4096) + batch[4096:])
    journal = Journal(path, CODEC)
    journal.close()
    assert (journal.records, journal.cut) == ((Yes("promised"),), len(batch))


def test_what_a_disk_brings_back_from_elsewhere_is_no_batch_there(path: Path):
    whole = written(path, [[Yes("T1")], [Yes("T2")]])
    (_, _), (second, _) = scan(whole).batches
    path.write_bytes(whole + b"\0" + whole[second:])
    assert opened(path) == (Yes("T1"), Yes("T2"))


@given(batches.filter(bool), st.data())
def test_a_flipped_byte_is_refused_or_was_in_the_last_batch(scratch: Path, kept: Any, data: Any):
    scratch.unlink(missing_ok=True)
    damaged = bytearray(written(scratch, kept))
    last, _ = scan(damaged).batches[-1]
    where = data.draw(st.integers(0, len(damaged) - 1))
    damaged[where] ^= data.draw(st.integers(1, 255))
    scratch.write_bytes(damaged)
    if where < last:
        with pytest.raises(JournalCorruptError):
            opened(scratch)
        assert scratch.read_bytes() == damaged, "what is refused is not touched"
    else:
        assert opened(scratch) == flat(kept[:-1]), "which a batch that never was durable would look like"


@given(st.integers(0, len(MAGIC)), st.integers(0, len(MAGIC)))
def test_a_journal_whose_making_was_cut_short_is_made_anew(scratch: Path, arrived: int, size: int):
    scratch.write_bytes((MAGIC[:arrived] + bytes(len(MAGIC)))[:size])
    assert opened(scratch) == ()
    assert scratch.read_bytes() == MAGIC


def test_a_torn_tail_is_cut_off_and_reported_and_the_journal_goes_on(path: Path):
    whole = written(path, [RECORDS[:-1], RECORDS[-1:]])
    path.write_bytes(whole[:-3])
    journal = Journal(path, CODEC)
    assert (journal.records, journal.cut) == (RECORDS[:-1], HEAD.size + len(CODEC.encode(RECORDS[-1:])) - 3)
    journal.commit([Yes("T3")])
    journal.close()
    assert opened(path) == (*RECORDS[:-1], Yes("T3"))


@pytest.mark.parametrize("tail", [b"\0" * 100, b"\xff" * 100, b"{" * 9, b"\0", journal_format.MARK * 9], ids=repr)
def test_a_tail_that_never_was_a_batch_is_cut_off(path: Path, tail: bytes):
    whole = written(path, [RECORDS])
    path.write_bytes(whole + tail)
    assert opened(path) == RECORDS
    assert path.read_bytes() == whole


def test_a_batch_too_long_to_be_read_back_is_refused_before_it_is_written(path: Path, monkeypatch: pytest.MonkeyPatch):
    whole = written(path, [RECORDS])
    monkeypatch.setattr(journal_format, "LONGEST", 10)
    journal = Journal(path, CODEC)
    with pytest.raises(UnencodableError, match="a batch of 25 bytes does not fit: at most 10 are allowed"):
        journal.commit([Yes("T1234567")])
    journal.close()
    assert path.read_bytes() == whole


def test_damage_in_the_middle_names_the_file_the_offset_and_what_to_do(path: Path):
    whole = bytearray(written(path, [[record] for record in RECORDS]))
    second, _ = scan(whole).batches[1]
    whole[second + HEAD.size] ^= 1
    path.write_bytes(whole)
    with pytest.raises(JournalCorruptError, match="Restore this file from a copy, or remove it") as caught:
        opened(path)
    assert str(path) in str(caught.value)
    assert f"at byte {second}" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"consensus-lab journal 1\n", "another version"),
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


def test_an_intact_batch_that_holds_no_records_is_refused(path: Path):
    whole = written(path, [])
    path.write_bytes(whole + framed(b"7", len(whole)))
    with pytest.raises(JournalCorruptError, match="7 is no tuple of records"):
        opened(path)


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
