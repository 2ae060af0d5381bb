"""A host stops rather than go on: what it does when a rule raises, a disk fails, or somebody asks it to stop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from consensus_lab.kernel import CLIENT, Decide, Force, Links, Process, Send, SetTimer, effect
from consensus_lab.kernel.notation import vocabulary
from consensus_lab.net import journal as journal_module
from consensus_lab.net.codec import Codec
from consensus_lab.net.errors import ListenError, NodeFailedError
from consensus_lab.net.events import Decided, Event, Ran, Stopped
from consensus_lab.net.host import Host
from consensus_lab.net.journal import Journal
from consensus_lab.net.ports import Ports
from consensus_lab.net.tcp_bus import Network, TcpBus
from tests.conformance import words
from tests.conformance.probe import Probe
from tests.conformance.words import Alarm, Order, Word

CODEC = Codec(vocabulary(words, effect))
GENEROUS = 30.0  # seconds


class SlowJournal(Journal):
    """Notes the size of every batch, and takes as long for the first as the test likes."""

    def __init__(self, path: Path) -> None:
        self.batches: list[int] = []
        self.gate = threading.Event()
        super().__init__(path, CODEC)

    def commit(self, records: Sequence[Any]) -> None:
        self.batches.append(len(records))
        assert self.gate.wait(GENEROUS)
        super().commit(records)


class Followed:
    """A host of its own, with all that it reported."""

    def __init__(self, process: Process, ports: Ports, journal: Journal, me: str = "a") -> None:
        self.events: list[Event] = []
        self.changed = asyncio.Event()
        network = Network("probes", Links.FIFO, CODEC, ports.numbers)
        self.host = Host(me, process, TcpBus(me, network, share_port=True), journal, self.hear)
        self.task = asyncio.create_task(self.host.run())

    def hear(self, event: Event) -> None:
        self.events.append(event)
        self.changed.set()

    def order(self, *effects: Any) -> None:
        self.host.deliver(CLIENT, Order(effects))

    async def until(self, happened: Callable[[], bool]) -> None:
        while not happened():
            self.changed.clear()
            await self.changed.wait()

    def obeyed(self) -> int:
        return sum(isinstance(event, Ran) and event.rule == "obey" for event in self.events)


def play(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, GENEROUS))


@pytest.fixture
def ports() -> Iterator[Ports]:
    with Ports(["a", "b"]) as reserved:
        yield reserved


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture(autouse=True)
def nothing_is_left_behind(path: Path) -> Iterator[None]:
    """No thread, and no lock on the journal."""
    threads = threading.active_count()
    yield
    assert threading.active_count() == threads
    Journal(path, CODEC).close()


def test_what_is_written_while_an_fsync_works_is_the_next_batch(ports: Ports, path: Path):
    async def story() -> None:
        journal = SlowJournal(path)
        node = Followed(Probe(), ports, journal)
        node.order(Force(Word("first")), Decide(Word("first")))
        await node.until(lambda: node.obeyed() == 1)
        for number in range(50):
            node.order(Force(Word(str(number))), Decide(Word(str(number))))
        await node.until(lambda: node.obeyed() == 51)
        assert journal.batches == [1]
        journal.gate.set()
        await node.until(lambda: sum(isinstance(event, Decided) for event in node.events) == 51)
        assert journal.batches == [1, 50]
        node.host.stop()
        await node.task

    play(story())


def test_after_a_pause_a_timer_that_is_overdue_fires_before_what_has_arrived_meanwhile(ports: Ports, path: Path):
    async def story() -> None:
        node = Followed(Probe(), ports, Journal(path, CODEC))
        node.order(SetTimer(Alarm("a"), 0.01, 0.01))
        await node.until(lambda: node.obeyed() == 1)
        loop = asyncio.get_running_loop()
        resumed = loop.time() + 0.02
        while loop.time() < resumed:  # the process stands still
            pass
        node.order()
        await node.until(lambda: node.obeyed() == 2)
        ran = [type(event.message) for event in node.events if isinstance(event, Ran)]
        assert ran[-2:] == [Alarm, Order]
        node.host.stop()
        await node.task

    play(story())


def test_a_node_that_is_asked_to_stop_keeps_what_it_has_begun(ports: Ports, path: Path):
    async def story() -> None:
        journal = SlowJournal(path)
        node = Followed(Probe(), ports, journal)
        node.order(Force(Word("1")), Decide(Word("1")))
        await node.until(lambda: node.obeyed() == 1)
        node.order(Force(Word("2")), Decide(Word("2")), SetTimer(Alarm("never"), 0.0, 0.0))
        await node.until(lambda: node.obeyed() == 2)
        node.host.stop()
        node.order(Force(Word("3")))
        journal.gate.set()
        await node.task
        assert node.events[-3:] == [Decided("a", Word("1")), Decided("a", Word("2")), Stopped("a")]

    play(story())
    kept = Journal(path, CODEC)
    kept.close()
    assert kept.records == (Word("1"), Word("2"))


def test_a_disk_that_fails_stops_the_node_and_what_waited_for_it_is_never_said(
    ports: Ports, path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(file: int) -> None:
        raise OSError(28, "No space left on device")

    async def story() -> None:
        journal = Journal(path, CODEC)
        monkeypatch.setattr(journal_module, "datasync", refuse)
        node = Followed(Probe(), ports, journal)
        node.order(Force(Word("1")), Decide(Word("1")), Send(CLIENT, Word("done")))
        with pytest.raises(NodeFailedError, match=r"a stops: .*journal: the disk refused: No space left on device"):
            await node.task
        assert not any(isinstance(event, Decided) for event in node.events)
        assert node.events[-1].reason.endswith("what it holds now is unknown")

    play(story())


def test_after_a_rule_has_raised_nothing_more_is_handled(ports: Ports, path: Path):
    async def story() -> None:
        node = Followed(Probe(), ports, Journal(path, CODEC))
        node.order(SetTimer(Alarm("backwards"), 2.0, 1.0))
        node.order(Decide(Word("never")))
        with pytest.raises(NodeFailedError, match=r"a stops: rule obey raised ValueError on .*: a timer's range"):
            await node.task
        assert node.obeyed() == 0
        assert not any(isinstance(event, Decided) for event in node.events)

    play(story())


def test_after_a_rule_has_raised_nothing_more_leaves(ports: Ports, path: Path, tmp_path: Path):
    async def story() -> None:
        a = Followed(Probe(), ports, Journal(path, CODEC))
        b = Followed(Probe(), ports, Journal(tmp_path / "b", CODEC), "b")
        a.order(Send("b", Word("hello")))
        await b.until(lambda: ("a", "hello") in b.host.node.process.heard)
        a.order(Send("b", Word("in the turn that failed")))
        a.order(SetTimer(Alarm("backwards"), 2.0, 1.0))
        with pytest.raises(NodeFailedError):
            await a.task
        await b.until(lambda: ("a", "Disconnected") in b.host.node.process.heard)
        assert b.host.node.process.words("a") == ("hello", "Disconnected")
        b.host.stop()
        await b.task

    play(story())


def test_a_node_hears_that_it_was_started_before_anything_else(ports: Ports, path: Path):
    async def story() -> None:
        node = Followed(Probe(), ports, Journal(path, CODEC))
        node.order(Send("a", Word("early")))
        await node.until(lambda: ("a", "early") in node.host.node.process.heard)
        assert [event.rule for event in node.events if isinstance(event, Ran)] == ["be_told", "obey", "hear"]
        node.host.stop()
        await node.task

    play(story())


def test_a_node_that_cannot_replay_its_journal_says_so(ports: Ports, path: Path):
    journal = Journal(path, CODEC)
    journal.commit([Word("1")])
    journal.close()

    async def story() -> None:
        node = Followed(Process(), ports, Journal(path, CODEC))
        with pytest.raises(NodeFailedError, match=r"a cannot replay its journal: .* has no restore"):
            await node.task

    play(story())


def test_a_node_whose_port_is_taken_lets_go_of_its_journal(ports: Ports, path: Path, tmp_path: Path):
    async def story() -> None:
        first = Followed(Probe(), ports, Journal(tmp_path / "other", CODEC))
        await first.until(lambda: bool(first.events))
        second = Followed(Probe(), ports, Journal(path, CODEC))
        second.host.bus._share_port = False
        with pytest.raises(ListenError, match="a cannot listen on"):
            await second.task
        first.host.stop()
        await first.task

    play(story())
