"""The network of a world, as a value: what is in flight, and which links are cut.

It refuses to know when anything arrives: that is the picker's choice. On a BAG network any message may arrive next; on
a FIFO network only the oldest of its link, until a reset loses the connection with all that was in flight on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from consensus_lab.kernel import Address, Disconnected, Links, message
from consensus_lab.kernel.notation import alike, render

Link = tuple[Address, Address]
"""One direction between two nodes: (sender, to)."""


@message
class Envelope:
    """One message in flight."""

    serial: int  # counted from 1 over the whole run: no two envelopes share one
    sender: Address
    to: Address
    message: Any
    sent: int  # microseconds
    step: int  # the number of steps taken when it was sent
    depth: int  # how many messages, one caused by the other, lead up to and include this one
    delays: int = 0  # how often someone put it off
    copy: bool = False  # made by a Duplicate

    @property
    def link(self) -> Link:
        return (self.sender, self.to)

    def __str__(self) -> str:
        return f"{self.sender} -> {self.to} {render(self.message)}"


@dataclass(frozen=True, slots=True)
class Network:
    """Envelopes in the order sent, and the links that are cut, with the time since when."""

    links: Links
    flight: tuple[Envelope, ...] = ()
    cuts: tuple[tuple[Link, int], ...] = ()

    def is_cut(self, link: Link) -> bool:
        return any(link == cut for cut, _ in self.cuts)

    def is_next(self, envelope: Envelope) -> bool:
        """Whether its turn has come: always on a BAG network, when it is its link's oldest on a FIFO one."""
        return self.links is Links.BAG or next(self.on(envelope.link)) is envelope

    def on(self, link: Link) -> Iterator[Envelope]:
        """What is in flight on this link, oldest first."""
        return (envelope for envelope in self.flight if envelope.link == link)

    def find(self, sender: Address, to: Address, content: Any) -> Envelope | None:
        """The oldest envelope with these three; equal envelopes are interchangeable."""
        return next((e for e in self.on((sender, to)) if alike(e.message, content)), None)

    def plus(self, *envelopes: Envelope) -> Network:
        return replace(self, flight=self.flight + envelopes)

    def minus(self, *envelopes: Envelope) -> Network:
        return replace(self, flight=tuple(e for e in self.flight if not any(e is gone for gone in envelopes)))

    def cut(self, links: Iterator[Link] | tuple[Link, ...], now: int) -> Network:
        fresh = tuple((link, now) for link in links if not self.is_cut(link))
        return replace(self, cuts=tuple(sorted(self.cuts + fresh)))

    def heal(self, *links: Link) -> Network:
        """Mend these links; every cut one when none is named."""
        return replace(self, cuts=tuple((cut, since) for cut, since in self.cuts if links and cut not in links))

    def is_broken(self, link: Link) -> bool:
        """On FIFO links: the connection was lost, and this link's sender has not been told yet."""
        sender, to = link
        return any(isinstance(e.message, Disconnected) for e in self.on((to, sender)))
