"""The probe: a process that does as its client orders and remembers all it hears."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from consensus_lab.kernel import (
    Append,
    CancelTimer,
    Cast,
    Context,
    Decide,
    Disconnected,
    Force,
    Links,
    Note,
    Process,
    Recovered,
    Send,
    SetTimer,
    Start,
    upon,
)
from tests.conformance.words import Alarm, Order, Shout, Word


@dataclass
class Probe(Process):
    """Everything it was told, in order."""

    heard: tuple[tuple[str, str], ...] = ()  # (who, what)
    alarms: tuple[tuple[str, float], ...] = ()  # (name, seconds)
    obeyed: tuple[float, ...] = ()  # seconds, of each order
    restored: tuple[Any, ...] = ()

    @upon(Order)
    def obey(self, order: Order, ctx: Context) -> None:
        self.obeyed += (ctx.now,)
        ask(order.effects, ctx)

    @upon(Shout)
    def shout(self, shout: Shout, ctx: Context) -> None:
        ctx.broadcast(shout.to, Word(shout.text))

    @upon(Word)
    def hear(self, word: Word, ctx: Context) -> None:
        self.heard += ((ctx.sender, word.text),)

    @upon(Alarm)
    def wake(self, alarm: Alarm, ctx: Context) -> None:
        self.alarms += ((alarm.name, ctx.now),)
        ask(alarm.then, ctx)

    @upon(Start)
    @upon(Recovered)
    @upon(Disconnected)
    def be_told(self, told: Start | Recovered | Disconnected, ctx: Context) -> None:
        self.heard += ((ctx.sender, type(told).__name__),)

    def restore(self, record: Any) -> None:
        self.restored += (record,)

    def words(self, sender: str) -> tuple[str, ...]:
        """What this sender said."""
        return tuple(text for who, text in self.heard if who == sender)


def ask(effects: Iterable[Any], ctx: Context) -> None:
    """Each effect by its verb."""
    for effect in effects:
        match effect:
            case Send(to, message, eager):
                ctx.send(to, message, eager=eager)
            case Force(record):
                ctx.force(record)
            case Append(record):
                ctx.append(record)
            case SetTimer(timer, low, high):
                ctx.set_timer(timer, low, high)
            case CancelTimer(timer):
                ctx.cancel_timer(timer)
            case Decide(value):
                ctx.decide(value)
            case Note(text):
                ctx.note(text)


def probes(*addresses: str, links: Links = Links.FIFO) -> Cast:
    """Probes of these addresses."""
    return Cast("probes", {address: Probe() for address in addresses}, links=links)
