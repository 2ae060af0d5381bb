"""What is in flight in a seeded run, on each kind of links. The rules are those of `sim.network`, `draft` and `faults`.

It refuses to know what becomes of a message once it has arrived.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from consensus_lab.check.fuzz.events import Letter
from consensus_lab.kernel import Address, Disconnected
from consensus_lab.sim import Delay, Drop, Duplicate
from consensus_lab.sim.network import Link

if TYPE_CHECKING:
    from consensus_lab.check.fuzz.run import Run

SECOND = 1_000_000  # microseconds: by so much a message that is put off comes later


class Network(Protocol):
    """Takes letters, and hands them to the run when they arrive."""

    def send(self, letter: Letter) -> None: ...

    def arrive(self, letter: Letter) -> None:
        """The time has come that was drawn for this letter."""
        ...

    def crashed(self, node: Address, peers: Iterable[Address]) -> None: ...

    def healed(self, links: Iterable[Link]) -> None: ...

    def resumed(self, node: Address) -> None: ...


class Datagrams:
    """A BAG network: letters overtake each other, get lost, come twice; what cannot arrive is lost."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def send(self, letter: Letter) -> None:
        run = self._run
        run.flying += 1
        late = self._hindrance(letter) if run.hinders else 0
        if late is not None:
            run.push(letter, run.latency(letter) + late)

    def _hindrance(self, letter: Letter) -> int | None:
        """How much later it comes; None if it is lost. It may come a second time, too."""
        run, weather = self._run, self._run.weather
        if weather.loss and run.happens(weather.loss):
            self._lose(letter, "loss")
            return None
        if weather.duplication and run.happens(weather.duplication):
            run.strike("duplication", Duplicate(*_three(letter)))
            run.flying += 1
            run.push(letter, run.latency(letter))
        if weather.delay and run.happens(weather.delay):
            run.strike("delay", Delay(*_three(letter)))
            return SECOND
        return 0

    def _lose(self, letter: Letter, kind: str) -> None:
        self._run.flying -= 1
        self._run.strike(kind, Drop(*_three(letter)))

    def arrive(self, letter: Letter) -> None:
        run = self._run
        if letter.to in run.absent:
            self._miss(letter)
        elif run.cuts and letter.link in run.cuts:
            self._lose(letter, "")
        else:
            run.flying -= 1
            run.take(letter.to, letter)

    def _miss(self, letter: Letter) -> None:
        """A paused node's inbox holds it back; a node that is down loses it."""
        if self._run.standings[letter.to].process is None:
            self._lose(letter, "")
        else:
            self._run.wait(letter.to, 0, letter)

    def crashed(self, node: Address, peers: Iterable[Address]) -> None:
        """What is on its way to it will find it down."""

    def healed(self, links: Iterable[Link]) -> None:
        """What came in the meantime is lost."""

    def resumed(self, node: Address) -> None:
        """Its inbox was kept by the run."""


class Connections:
    """A FIFO network: each message once and in order, until a connection is lost with all that is in flight on it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.queues: dict[Link, deque[Letter]] = {}

    def send(self, letter: Letter) -> None:
        if self._run.standings[letter.to].process is not None and not self._is_broken(letter.link):
            self._put(letter)

    def _put(self, letter: Letter) -> None:
        self._run.flying += 1
        self.queues.setdefault(letter.link, deque()).append(letter)
        self._run.push(letter, self._run.latency(letter))

    def _is_broken(self, link: Link) -> bool:
        """Its connection was lost, and its sender has not been told yet: that would be the next it hears."""
        back = self.queues.get((link[1], link[0]))
        return bool(back) and _is_notice(back[0])  # type: ignore[index]

    def arrive(self, letter: Letter) -> None:
        """Whatever is next on this link: a letter that went under with a connection leaves its time to another."""
        run, queue = self._run, self.queues[letter.link]
        if queue and letter.to not in run.absent and letter.link not in run.cuts:
            run.flying -= 1
            run.take(letter.to, queue.popleft())

    def lose(self, a: Address, b: Address) -> None:
        """The connection between a and b, with both its queues; who is up and listens is told."""
        run = self._run
        for link in ((a, b), (b, a)):
            run.flying -= len(self.queues.get(link, ()))
            self.queues[link] = deque()
        for me, peer in ((a, b), (b, a)):
            notice = run.nodes.notice(peer, me) if run.standings[me].process is not None else None
            if notice is not None:
                self._put(notice)

    def crashed(self, node: Address, peers: Iterable[Address]) -> None:
        own = (node, node)
        self._run.flying -= len(self.queues.get(own, ()))
        self.queues[own] = deque()
        for peer in peers:
            self.lose(node, peer)

    def healed(self, links: Iterable[Link]) -> None:
        for link in links:
            self._hurry(link)

    def resumed(self, node: Address) -> None:
        for link in self.queues:
            if link[1] == node:
                self._hurry(link)

    def _hurry(self, link: Link) -> None:
        """What was held back comes now, one after the other."""
        for letter in self.queues.get(link, ()):
            self._run.push(letter, self._run.latency(letter))


def _is_notice(letter: Letter) -> bool:
    return letter.parcel is not None and isinstance(letter.parcel.message, Disconnected)


def _three(letter: Letter) -> tuple[Address, Address, object]:
    """Whose, for whom, and what."""
    assert letter.parcel is not None
    return letter.sender, letter.to, letter.parcel.message
