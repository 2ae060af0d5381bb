"""Who does the work: this process, or a pool of processes on this machine. A cluster is in `cluster`.

An engine takes batches as it has room for them and gives each back with what it came to, in any order. A worker that
dies loses nothing: what it had is done again. Who killed it is found out by doing the suspects one at a time; a batch
that kills its worker three times on its own is given up and said to be.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Protocol

from consensus_lab.lab.sweep.tally import Row, Tally
from consensus_lab.lab.sweep.work import Batch, Done, Lost, Outcome, Work, perform

TRIES = 3
"""How often a batch may kill its worker before it is given up."""
AHEAD = 2
"""Batches that are under way or waiting, for each worker: none should wait for work."""


class Engine(Protocol):
    """Does batches, and says in words what it is."""

    def map_batches(self, work: Work, batches: Iterable[Batch]) -> Iterator[Outcome]:
        """Each batch with what it came to, in any order; `batches` is asked for more when there is room."""
        ...


@dataclass(frozen=True)
class Serial:
    """This process, one batch after the other."""

    def __str__(self) -> str:
        return "this process"

    def map_batches(self, work: Work, batches: Iterable[Batch]) -> Iterator[Outcome]:
        for batch in batches:
            yield Done(batch, Tally.of_json(perform(work.kind, work.common, list(batch.items))))


@dataclass
class Pool:
    """Processes on this machine, as many as it has cores if nothing else is said."""

    workers: int = field(default_factory=lambda: os.cpu_count() or 1)

    def __str__(self) -> str:
        return f"{self.workers} process{'' if self.workers == 1 else 'es'}"

    def map_batches(self, work: Work, batches: Iterable[Batch]) -> Iterator[Outcome]:
        with Crew(self.workers) as crew:
            yield from PoolRun(crew, work, iter(batches)).outcomes()


class Crew:
    """The processes, which are hired anew when one of them has died: then none of a pool can be used any more."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool = self._hired()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def start(self, work: Work, batch: Batch) -> Future[Row]:
        """Give a batch to a worker. A pool that has broken meanwhile says so by the future, as for any other."""
        try:
            return self._pool.submit(perform, work.kind, work.common, list(batch.items))
        except BrokenExecutor as error:
            broken: Future[Row] = Future()
            broken.set_exception(error)
            return broken

    def hire_anew(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._pool = self._hired()

    def _hired(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self.workers, multiprocessing.get_context("spawn"), initializer=_leave_interrupts)


def _leave_interrupts() -> None:
    """Ctrl-C is for whoever started the sweep, who ends the workers in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class PoolRun:
    """One mapping over a crew: what is flying, and who is suspected of having killed a worker."""

    def __init__(self, crew: Crew, work: Work, batches: Iterator[Batch]) -> None:
        self.crew = crew
        self.work = work
        self.waiting = batches
        self.flying: dict[Future[Row], Batch] = {}
        self.suspects: deque[Batch] = deque()

    def outcomes(self) -> Iterator[Outcome]:
        while self._fill():
            finished, _ = wait(self.flying, return_when=FIRST_COMPLETED)
            yield from self._landed(finished)
            if self.suspects and not self.flying:
                self.crew.hire_anew()
                while self.suspects:
                    yield self._alone(self.suspects.popleft())

    def _fill(self) -> bool:
        """Give out work while there is room, and nobody is suspected; whether anything is under way."""
        while not self.suspects and len(self.flying) < AHEAD * self.crew.workers:
            batch = next(self.waiting, None)
            if batch is None:
                break
            self.flying[self.crew.start(self.work, batch)] = batch
        return bool(self.flying)

    def _landed(self, finished: Iterable[Future[Row]]) -> Iterator[Outcome]:
        for future in finished:
            batch = self.flying.pop(future)
            try:
                yield Done(batch, Tally.of_json(future.result()))
            except BrokenExecutor:
                self.suspects.append(batch)

    def _alone(self, batch: Batch) -> Outcome:
        """Do a batch with nobody else at work, so that a death is its own doing."""
        for _ in range(TRIES):
            try:
                return Done(batch, Tally.of_json(self.crew.start(self.work, batch).result()))
            except BrokenExecutor:
                self.crew.hire_anew()
        return Lost(batch, f"it killed its worker {TRIES} times")
