"""Casts of toys, worlds by the text of choices, random trails through them, and a deep look at a world."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from hypothesis import strategies as st

from consensus_lab.kernel import (
    CLIENT,
    Address,
    Cast,
    Context,
    Disconnected,
    Links,
    Node,
    Process,
    Recovered,
    Start,
    message,
    upon,
)
from consensus_lab.kernel.cast import Cast as CastType
from consensus_lab.protocols.two_phase_commit import VARIANTS, cast
from consensus_lab.sim import Choice, World
from consensus_lab.sim.reading import read_choice


@message
class Go:
    n: int = 1


@message
class Ping:
    n: int


@message
class Pong:
    n: int


@message
class Kept:
    n: int


@message
class Wake:
    n: int


@dataclass
class Gossip(Process):
    """Uses every verb: forces and appends, replies, broadcasts, sets timers, decides, and tells its client."""

    peers: frozenset[Address]
    state: str = "new"
    heard: tuple[Any, ...] = ()
    lost: tuple[Address, ...] = ()
    kept: tuple[int, ...] = ()

    @upon(Start)
    @upon(Recovered)
    def begin(self, start: Start | Recovered, ctx: Context) -> None:
        ctx.set_timer(Wake(1), 1.0, 2.0)

    @upon(Go)
    @upon(Wake)
    def ask_all(self, why: Go | Wake, ctx: Context) -> None:
        ctx.broadcast(self.peers, Ping(why.n))
        ctx.append(Kept(-why.n))

    @upon(Ping)
    def keep(self, ping: Ping, ctx: Context) -> None:
        self.heard += (ping,)
        ctx.force(Kept(ping.n))
        ctx.reply(Pong(ping.n))
        ctx.set_timer(Wake(ping.n + 1), 3.0, 9.0)

    @upon(Pong)
    def settle(self, pong: Pong, ctx: Context) -> None:
        self.heard += (pong,)
        ctx.cancel_timer(Wake(1))
        ctx.decide(pong.n)
        ctx.send(CLIENT, pong)

    @upon(Disconnected)
    def miss(self, notice: Disconnected, ctx: Context) -> None:
        self.lost += (notice.peer,)

    def restore(self, record: Kept) -> None:
        self.kept += (record.n,)


def gossip(count: int = 3, links: Links = Links.BAG, kind: type[Gossip] = Gossip) -> Cast:
    """Nodes a, b, c ... who all know each other; clients may say Go to the first, twice."""
    names = "abcdefgh"[:count]
    processes = {name: kind(frozenset(names) - {name}) for name in names}
    return Cast("gossip", processes, (("a", Go(1)), ("a", Go(2))), links=links)


def after(world: World, script: str) -> World:
    """The world after these choices, one a line."""
    for line in filter(None, map(str.strip, script.splitlines())):
        world = world.take(read_choice(line, world))
    return world


def process(world: World, address: Address) -> Any:
    return world.processes[address]


def texts(choices: Sequence[Choice]) -> list[str]:
    return [str(choice) for choice in choices]


# -- random trails ----------------------------------------------------------------------------------------------------

casts = st.one_of(
    st.builds(gossip, st.integers(1, 4), st.sampled_from(Links)),
    st.builds(lambda n, variant: cast(n, variant=variant), st.integers(1, 3), st.sampled_from(sorted(VARIANTS))),
)
numbers = st.lists(st.integers(0, 10**6), min_size=5, max_size=40)


def chosen(world: World, number: int) -> Choice | None:
    """The choice that a number picks: a verb first, so that rare ones come up as often as those that abound."""
    by_verb: dict[str, list[Choice]] = {}
    for choice in world.choices() if number % 3 == 0 else world.moves():
        by_verb.setdefault(choice.verb, []).append(choice)
    if not by_verb:
        return None
    of_verb = by_verb[sorted(by_verb)[number // 3 % len(by_verb)]]
    return of_verb[number // 100 % len(of_verb)]


def trail(cast: CastType, picks: Sequence[int]) -> Iterator[World]:
    """The worlds along a random trail, the first included."""
    world = World.of(cast)
    yield world
    for number in picks:
        choice = chosen(world, number)
        if choice is None:
            return
        world = world.take(choice)
        yield world


# -- a deep look ------------------------------------------------------------------------------------------------------


def snapshot(value: Any) -> Any:
    """Everything inside a value, copied out as plain tuples: equal before and after exactly when nothing changed."""
    if isinstance(value, Node):
        return "Node", tuple(snapshot(getattr(value, name)) for name in Node.__slots__)
    if isinstance(value, Process):
        return type(value), snapshot(vars(value))
    if isinstance(value, CastType):
        return "Cast", snapshot(value.processes)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value), tuple(snapshot(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, Mapping):
        return "Mapping", tuple((key, snapshot(item)) for key, item in value.items())
    if isinstance(value, set | frozenset):
        return "Set", frozenset(value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return "Sequence", tuple(map(snapshot, value))
    return value
