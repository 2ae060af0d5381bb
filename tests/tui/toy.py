"""A second protocol for the screen, which it has never met: a token goes round on FIFO links, and rallies follow it.

Nothing in `consensus_lab.tui` may know these names; that it shows them anyway is what the tests are about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from consensus_lab.kernel import (
    Address,
    Cast,
    Context,
    Disconnected,
    Links,
    Process,
    Start,
    View,
    invariant,
    message,
    upon,
)


@message
class Serve:
    """Client to a player: begin."""

    balls: int


@message
class Ping:
    hop: int


@message
class Pong:
    hop: int


@message
class Lonely:
    """A timer: nobody has played with me for long."""


@message
class Score:
    """On disk: so many hops were heard."""

    hops: int


@dataclass
class Player(Process):
    """Returns every Ping with a Pong, and sends on what comes back; every fiftieth hop is written down."""

    role: ClassVar[str] = "player"

    peers: tuple[Address, ...]
    state: str = "idle"
    heard: int = 0
    last: int | None = None

    @upon(Start)
    def wait(self, start: Start, ctx: Context) -> None:
        ctx.set_timer(Lonely(), 5.0)

    @upon(Serve)
    def serve(self, serve: Serve, ctx: Context) -> None:
        self.state = "playing"
        ctx.broadcast(self.peers[: serve.balls], Ping(1))

    @upon(Ping)
    def give_back(self, ping: Ping, ctx: Context) -> None:
        self._count(ping.hop, ctx)
        ctx.reply(Pong(ping.hop + 1))

    @upon(Pong)
    def send_on(self, pong: Pong, ctx: Context) -> None:
        self._count(pong.hop, ctx)
        ctx.send(self.peers[pong.hop * 7 % len(self.peers)], Ping(pong.hop + 1))

    def _count(self, hop: int, ctx: Context) -> None:
        self.state, self.heard, self.last = "playing", self.heard + 1, hop
        if hop % 50 == 0:
            ctx.force(Score(self.heard))
            ctx.decide(hop)

    @upon(Lonely)
    def complain(self, lonely: Lonely, ctx: Context) -> None:
        self.state = "lonely"

    @upon(Disconnected)
    def notice(self, lost: Disconnected, ctx: Context) -> None:
        self.state = f"misses {lost.peer}"

    def restore(self, record: Score) -> None:
        self.heard = record.hops


@invariant("few", "nobody has heard more than a thousand million hops")
def few(view: View) -> str | None:
    return next((f"{a} heard {p.heard}" for a, p in view.processes.items() if p.heard > 1_000_000_000), None)  # type: ignore[attr-defined]


def toy(players: int = 5, links: Links = Links.FIFO) -> Cast:
    """Players n1, n2 ...; the first is asked to serve to all."""
    names = [f"n{number}" for number in range(1, players + 1)]
    processes = {name: Player(tuple(peer for peer in names if peer != name)) for name in names}
    return Cast("table-tennis", processes, (("n1", Serve(players - 1)),), (few,), links)
