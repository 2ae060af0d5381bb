"""What may happen next, in the groups a person thinks in; and what may not, with the reason. It knows no protocol."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from consensus_lab.kernel.notation import render
from consensus_lab.kernel.trace import MICROSECOND
from consensus_lab.sim import Choice, Deliver, Fire, Heal, Recover, Resume, Submit, Sync, World
from consensus_lab.sim.moves import OfEnvelope

FLIGHT, TIMERS, DISKS, CLIENT, REPAIRS, SCRIPT = "in flight", "timers", "disks", "client", "repairs", "next"


@dataclass(frozen=True)
class Offer:
    """One thing to choose: what taking it does, how it reads, and why it cannot be taken (None: it can)."""

    group: str
    choice: Choice
    text: str
    detail: str
    refusal: str | None

    @property
    def message(self) -> OfEnvelope | None:
        """The choice, when it is about a message in flight."""
        return self.choice if isinstance(self.choice, OfEnvelope) else None


def offers(world: World, suggestion: Choice | None = None) -> tuple[Offer, ...]:
    """Everything to choose from, oldest first in each group; the suggestion too, when it is no ordinary move."""
    found = [*_flight(world), *_timers(world), *_disks(world), *_client(world), *_repairs(world)]
    if suggestion is not None and all(offer.choice != suggestion for offer in found):
        found.insert(0, _offer(SCRIPT, suggestion, world, str(suggestion).replace("->", "→")))
    return tuple(found)


def _offer(group: str, choice: Choice, world: World, text: str, detail: str = "") -> Offer:
    return Offer(group, choice, text, detail, choice.refusal(world))


def _flight(world: World) -> Iterator[Offer]:
    count = Counter((e.sender, e.to, e.message) for e in world.network.flight)
    put_off = {(e.sender, e.to, e.message) for e in world.network.flight if e.delays}
    for (sender, to, message), copies in count.items():
        words = [f"x{copies}"] * (copies > 1) + ["delayed"] * ((sender, to, message) in put_off)
        text = f"{sender} → {to}  {render(message)}"
        yield _offer(FLIGHT, Deliver(sender, to, message), world, text, " ".join(words))


def _timers(world: World) -> Iterator[Offer]:
    for address, machine in world.machines.items():
        for armed in machine.timers:
            left = (armed.since + armed.low - world.now) / MICROSECOND
            detail = f"in {left:.2f} s" if left > 0 else "due"
            yield _offer(TIMERS, Fire(address, armed.timer), world, f"{address}  {render(armed.timer)}", detail)


def _disks(world: World) -> Iterator[Offer]:
    for address, machine in world.machines.items():
        if machine.unwritten:
            names = ", ".join(type(record).__name__ for record in machine.unwritten)
            yield _offer(DISKS, Sync(address), world, f"{address}  writes {names}")


def _client(world: World) -> Iterator[Offer]:
    for to, request in dict.fromkeys(world.requests):
        yield _offer(CLIENT, Submit(to, request), world, f"client → {to}  {render(request)}")


def _repairs(world: World) -> Iterator[Offer]:
    for address, machine in world.machines.items():
        if not machine.up:
            yield _offer(REPAIRS, Recover(address), world, f"{address} is down: restart it")
        elif machine.paused:
            yield _offer(REPAIRS, Resume(address), world, f"{address} is paused: resume it")
    for (sender, to), _ in world.network.cuts:
        yield _offer(REPAIRS, Heal(sender, to), world, f"{sender} → {to} is cut: heal it")
