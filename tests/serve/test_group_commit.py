"""Group commit: what came together is made durable together, in order, and nothing after the disk failed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from consensus_lab.serve.errors import DiskError
from consensus_lab.serve.group_commit import GroupCommit
from consensus_lab.serve.log_file import LogFile
from tests.serve.test_recovery import created, folder_in, nodes_of, told, write


class Outcome:
    """What a group commit tells, until `wanted` transactions are durable or one failed."""

    def __init__(self, wanted: int) -> None:
        self.durable: list[int] = []
        self.failed: list[DiskError] = []
        self._wanted = wanted
        self.done = asyncio.Event()

    def count(self, count: int, written: int) -> None:
        assert written > 0
        self.durable.append(count)
        if sum(self.durable) == self._wanted:
            self.done.set()

    def fail(self, error: DiskError) -> None:
        self.failed.append(error)
        self.done.set()


def test_everything_submitted_becomes_durable_in_order(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    told(folder)

    async def story() -> Outcome:
        outcome = Outcome(50)
        commit = GroupCommit(LogFile(folder, block=8192), outcome.count, outcome.fail)
        for zxid in range(1, 51):
            commit.submit([created(zxid)])
        await outcome.done.wait()
        commit.stop()
        return outcome

    outcome = asyncio.run(story())
    assert len(outcome.durable) <= 50
    assert nodes_of(told(folder)[0]) == [f"/n{zxid}" for zxid in range(1, 51)]


def test_a_batch_is_no_longer_than_it_may_be_and_a_roll_ends_one(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)

    async def story() -> Outcome:
        outcome = Outcome(6)
        commit = GroupCommit(LogFile(folder, block=8192), outcome.count, outcome.fail, most=1)
        for zxid in (1, 2, 3):
            commit.submit([created(zxid)])
        commit.roll()
        for zxid in (4, 5, 6):
            commit.submit([created(zxid)])
        await outcome.done.wait()
        commit.stop()
        return outcome

    assert asyncio.run(story()).durable == [1] * 6
    assert [log.zxid for log in folder.logs()] == [1, 4]


def test_a_stop_writes_what_was_submitted(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    told(folder)

    async def story() -> None:
        outcome = Outcome(1)
        commit = GroupCommit(LogFile(folder, block=8192), outcome.count, outcome.fail)
        commit.submit([created(1)])
        commit.stop()

    asyncio.run(story())
    assert nodes_of(told(folder)[0]) == ["/n1"]


def test_after_a_failure_nothing_is_written_or_promised_any_more(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    told(folder)

    class Full(LogFile):
        def append(self, bodies: object) -> int:
            raise DiskError("no space left on device")

    async def story() -> Outcome:
        outcome = Outcome(2)
        commit = GroupCommit(Full(folder), outcome.count, outcome.fail)
        commit.submit([created(1)])
        await outcome.done.wait()
        commit.submit([created(2)])
        commit.stop()
        return outcome

    outcome = asyncio.run(story())
    assert not outcome.durable
    assert [str(error) for error in outcome.failed] == ["no space left on device"]
    assert not folder.logs()


def test_a_disk_that_refuses_is_told_as_such(tmp_path: Path) -> None:
    folder = folder_in(tmp_path)
    log = write(folder, [created(1)])
    folder.log_named(2).mkdir()  # no file can be made under this name
    log.roll()
    with pytest.raises(DiskError, match="the disk refused the log: Is a directory"):
        log.append([created(2)])
