"""Faults that strike a run at a moment, and their mending. What each of them does is what `sim.faults` says of it.

A strike draws whom it hits. It refuses to know how often it strikes: see `weather`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from consensus_lab.check.fuzz.network import Connections
from consensus_lab.check.fuzz.weather import Storm
from consensus_lab.kernel import Address
from consensus_lab.sim import Crash, Cut, Heal, Partition, Pause, Recover, Reset, Resume
from consensus_lab.sim.chance import Stream
from consensus_lab.sim.network import Link

if TYPE_CHECKING:
    from consensus_lab.check.fuzz.run import Run


class Strike:
    """Something that goes wrong now and then."""

    def __init__(self, kind: str, storm: Storm) -> None:
        self.kind = kind
        self.gap = storm.gap
        self.left = storm.times

    def happen(self, run: Run, number: int) -> None:
        """It strikes, and the next one is drawn; until all is mended for good."""
        if run.hinders:
            STRIKES[self.kind](run)
            self.draw(run)

    def draw(self, run: Run) -> None:
        """When it strikes next, if it has any left."""
        if self.left:
            self.left -= 1
            run.push(self, self.gap // 2 + run.stream.below(self.gap))


class Mending:
    """The end of an outage: of a node, or of some links."""

    def __init__(self, mend: Callable[[Run], None]) -> None:
        self._mend = mend

    def happen(self, run: Run, number: int) -> None:
        self._mend(run)


# -- nodes ------------------------------------------------------------------------------------------------------------


def crash(run: Run) -> None:
    """One of those that are up."""
    up = [me for me, standing in run.standings.items() if standing.process is not None]
    if up:
        crash_node(run, up[run.stream.below(len(up))], "crash")


def fail_power(run: Run) -> None:
    """All who are up, at once."""
    for me in run.cast.addresses:
        if run.standings[me].process is not None:
            crash_node(run, me, "power")


def crash_node(run: Run, me: Address, kind: str) -> None:
    """Its records reach the disk up to any one of them, which may be torn; it comes back after a while."""
    unwritten = run.standings[me].unwritten
    kept = run.stream.below(unwritten + 1)
    torn = kept < unwritten and run.stream.below(2) == 1
    run.strike(kind, Crash(me, kept, torn))
    run.crash(Crash(me, kept, torn))
    run.push(Mending(lambda run: recover(run, me)), run.outage())


def recover(run: Run, me: Address) -> None:
    """Switch it on, unless somebody has."""
    if run.standings[me].process is None:
        run.recover(Recover(me))


def pause(run: Run) -> None:
    """One of those that run."""
    running = [me for me in run.cast.addresses if me not in run.absent]
    if running:
        me = running[run.stream.below(len(running))]
        run.strike("pause", Pause(me))
        run.absent.add(me)
        run.push(Mending(lambda run: resume(run, me)), run.outage())


def resume(run: Run, me: Address) -> None:
    """Let it go on, if it still waits."""
    if me in run.absent and run.standings[me].process is not None:
        run.resume(Resume(me))


# -- links ------------------------------------------------------------------------------------------------------------


def cut(run: Run) -> None:
    """One direction between two nodes, or all that one node says."""
    me, *others = shuffled(run.cast.addresses, run.stream)
    deaf = others if run.stream.below(2) else others[:1]
    cut_links(run, "cut", [(me, peer) for peer in deaf])


def cut_links(run: Run, kind: str, links: Iterable[Link]) -> None:
    """Cut those that are not cut yet, for one while."""
    fresh = [link for link in links if link not in run.cuts]
    for link in fresh:
        run.strike(kind, Cut(*link))
        run.cuts.add(link)
    run.push(Mending(lambda run: heal(run, fresh)), run.outage())


def heal(run: Run, links: Iterable[Link]) -> None:
    """Mend those that are still cut."""
    for link in links:
        if link in run.cuts:
            run.note(Heal(*link))
            run.cuts.discard(link)
            run.network.healed([link])


def partition(run: Run) -> None:
    """Two sides; or a network in which some see both, or each sees another majority (Jepsen's bridge and ring)."""
    nodes = shuffled(run.cast.addresses, run.stream)
    shape = run.stream.below(4)
    if shape == 2 and len(nodes) > 2:
        cut_links(run, "partition", bridge(nodes))
    elif shape == 3 and len(nodes) > 3:
        cut_links(run, "partition", ring(nodes))
    elif len(nodes) > 1:
        split(run, nodes, 1 if shape == 0 else 1 + run.stream.below(len(nodes) - 1))


def split(run: Run, nodes: Sequence[Address], size: int) -> None:
    """The first `size` of these on one side, the others on the other."""
    sides = Partition((frozenset(nodes[:size]), frozenset(nodes[size:])))
    links = [(a, b) for a in nodes[:size] for b in nodes[size:]] + [(b, a) for a in nodes[:size] for b in nodes[size:]]
    if not run.cuts.issuperset(links):
        fresh = [link for link in links if link not in run.cuts]
        run.strike("partition", sides)
        run.cuts.update(fresh)
        run.push(Mending(lambda run: heal(run, fresh)), run.outage())


def bridge(nodes: Sequence[Address]) -> Iterator[Link]:
    """The links between two halves to both of which the first node still speaks."""
    middle = 1 + (len(nodes) - 1) // 2
    for a in nodes[1:middle]:
        for b in nodes[middle:]:
            yield from ((a, b), (b, a))


def ring(nodes: Sequence[Address]) -> Iterator[Link]:
    """The links that leave each node a majority to hear, and no two the same."""
    size = len(nodes)
    majority = size // 2 + 1
    for place, me in enumerate(nodes):
        heard = {nodes[(place + step) % size] for step in range(majority)}
        yield from ((peer, me) for peer in nodes if peer not in heard)


def reset(run: Run) -> None:
    """The connection of two who are up."""
    up = [me for me, standing in run.standings.items() if standing.process is not None]
    if len(up) > 1 and isinstance(run.network, Connections):
        a, b = shuffled(up, run.stream)[:2]
        run.strike("reset", Reset(a, b))
        run.network.lose(a, b)


def shuffled(addresses: Sequence[Address], stream: Stream) -> list[Address]:
    """In a random order."""
    left = list(addresses)
    return [left.pop(stream.below(len(left))) for _ in addresses]


STRIKES: dict[str, Callable[[Run], None]] = {
    "crash": crash,
    "power": fail_power,
    "pause": pause,
    "cut": cut,
    "partition": partition,
    "reset": reset,
}
