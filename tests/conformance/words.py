"""What the probes of the conformance suite say, and are told to do."""

from __future__ import annotations

from typing import Any

from consensus_lab.kernel import Address, message


@message
class Order:
    """Client to probe: ask for these effects, in this order."""

    effects: tuple[Any, ...]


@message
class Shout:
    """Client to probe: broadcast a word."""

    to: frozenset[Address]
    text: str


@message
class Word:
    """Probe to probe. Also what a probe writes to its journal and decides."""

    text: str


@message
class Stray:
    """No probe has a rule for it."""


@message
class Alarm:
    """A timer; when it fires its probe asks for `then`."""

    name: str
    then: tuple[Any, ...] = ()
