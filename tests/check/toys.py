"""Small casts that go wrong in one way each, for the checker to say so."""

from dataclasses import dataclass, field
from typing import Any

from consensus_lab.kernel import (
    Address,
    Cast,
    Context,
    Invariant,
    Process,
    Recovered,
    Start,
    View,
    invariant,
    message,
    upon,
)


@message
class Go:
    n: int = 1


@message
class Tick:
    n: int


@message
class Told:
    n: int


@dataclass
class Counter(Process):
    """Counts what it is told, up to three; each Go is told on to everyone."""

    peers: tuple[Address, ...]
    count: int = 0

    @upon(Go)
    def spread(self, go: Go, ctx: Context) -> None:
        ctx.broadcast(self.peers, Told(go.n))

    @upon(Told)
    def add(self, told: Told, ctx: Context) -> None:
        self.count = min(self.count + told.n, 3)


@dataclass
class Endless(Counter):
    """Counts its own timer, and never stops."""

    @upon(Start)
    @upon(Tick)
    def tick(self, tick: Start | Tick, ctx: Context) -> None:
        self.count += 1
        ctx.set_timer(Tick(self.count), 1.0)


@dataclass
class Raises(Counter):
    """Fails when it is told something the second time."""

    @upon(Told)
    def add(self, told: Told, ctx: Context) -> None:
        self.count += 1
        if self.count == 2:
            raise RuntimeError("twice is too often")


@dataclass
class FailsAtOnce(Counter):
    @upon(Start)
    def begin(self, start: Start, ctx: Context) -> None:
        raise RuntimeError("not even begun")


@dataclass
class Keeps(Counter):
    """Keeps whatever it is given in its memory."""

    kept: Any = None

    @upon(Go)
    def keep(self, go: Go, ctx: Context) -> None:
        self.kept = self.what()

    @staticmethod
    def what() -> Any:
        return None


@dataclass
class PlainContainers(Counter):
    """A student's fields: a list, a set and a dict, all changed in place."""

    seen: list[int] = field(default_factory=list)
    by: set[Address] = field(default_factory=set)
    of: dict[Address, list[int]] = field(default_factory=dict)

    @upon(Told)
    def add(self, told: Told, ctx: Context) -> None:
        self.seen.append(told.n)
        self.by.add(ctx.sender)
        self.of.setdefault(ctx.sender, []).append(told.n)


@dataclass
class ForgetsOnDisk(Counter):
    """Decides what it is told, and after a crash decides otherwise."""

    @upon(Told)
    def add(self, told: Told, ctx: Context) -> None:
        ctx.decide(told.n)

    @upon(Recovered)
    def recover(self, recovered: Recovered, ctx: Context) -> None:
        ctx.decide(0)


def counters(
    kind: type[Counter] = Counter, count: int = 2, *, requests: int = 1, claims: tuple[Invariant, ...] = ()
) -> Cast:
    """Nodes a, b, ...; a client says Go to the first."""
    names = tuple("abcdef"[:count])
    asked = tuple(("a", Go(n)) for n in range(1, requests + 1))
    return Cast("counters", {name: kind(names) for name in names}, asked, claims)


@invariant("SMALL", "nobody counts to three")
def small(view: View) -> str | None:
    return next((f"{a} has counted to three" for a, p in view.processes.items() if p.count >= 3), None)  # type: ignore[attr-defined]


@invariant("FINE", "all is well")
def fine(view: View) -> str | None:
    return None
