"""A trace as a space-time diagram: lanes, a row for each step, and arrows from sending to receiving.

The one geometry behind the screen, the site's player and any other picture. It draws nothing and knows no protocol.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from consensus_lab.kernel import Address
from consensus_lab.sim import Deliver, World, WorldStep
from consensus_lab.sim.network import Envelope


@dataclass(slots=True)
class Arrow:
    """One message: from the row in which it was sent to the row in which it arrived or was lost."""

    serial: int
    sender: Address
    to: Address
    label: str
    sent: int  # row
    ended: int | None = None  # row; None while it is in flight
    lost: bool = False


class Row(NamedTuple):
    """One step as it stands in the diagram."""

    actor: Address | None  # whose lane it marks; None for what happens to links
    verb: str
    label: str  # the message, timer or request, by name; empty otherwise
    sent: tuple[Arrow, ...]
    ended: tuple[Arrow, ...]  # what arrived or was lost in this step


class SpaceTime:
    """Grows step by step; branches by being built again from a shorter trace."""

    def __init__(self, lanes: Sequence[Address], start: World | None = None) -> None:
        self.lanes = tuple(lanes)
        self.rows: list[Row] = []
        self.arrows: list[Arrow] = []
        self._flying: dict[int, Arrow] = {}
        self._serial = 0  # the newest envelope that has an arrow
        if start is not None:
            self.begin(start)

    def begin(self, world: World) -> None:
        """What is in flight before the first step (sent upon Start) leaves in row -1."""
        for envelope in world.network.flight:
            self._depart(envelope, -1)
            self._serial = max(self._serial, envelope.serial)

    def add(self, step: WorldStep) -> Row:
        """Append the row of one step."""
        number = len(self.rows)
        flight = {envelope.serial: envelope for envelope in step.world.network.flight}
        ended = tuple(arrow for serial, arrow in self._flying.items() if serial not in flight)
        for arrow in ended:
            del self._flying[arrow.serial]
            arrow.ended, arrow.lost = number, not isinstance(step.choice, Deliver)
        sent = tuple(self._depart(envelope, number) for envelope in flight.values() if envelope.serial > self._serial)
        self._serial = max([self._serial, *flight])
        choice = step.choice
        named = next((getattr(choice, name) for name in ("message", "timer", "request") if hasattr(choice, name)), None)
        row = Row(choice.actor, choice.verb, type(named).__name__ if named is not None else "", sent, ended)
        self.rows.append(row)
        return row

    def _depart(self, envelope: Envelope, row: int) -> Arrow:
        arrow = Arrow(envelope.serial, envelope.sender, envelope.to, type(envelope.message).__name__, row)
        self._flying[envelope.serial] = arrow
        self.arrows.append(arrow)
        return arrow
