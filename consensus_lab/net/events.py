"""What a host tells whoever follows it: facts about its node, in the order they happened. No process can see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from consensus_lab.kernel import Address, message


@message
class Up:
    """The node listens, and has replayed its journal: so many records, so many bytes of a torn tail cut off."""

    node: Address
    recovered: bool
    records: int
    cut: int


@message
class Ran:
    """A rule ran upon a message; `rule` is empty when there was none for it here, which is no error."""

    node: Address
    sender: Address
    message: Any
    rule: str


@message
class Decided:
    """The node announced a decision."""

    node: Address
    value: Any


@message
class Answered:
    """The node sent something to the outside: to its client."""

    node: Address
    to: Address
    message: Any


@message
class Noted:
    """The process left a sentence."""

    node: Address
    text: str


@message
class Connected:
    """A connection to a peer (or the client) is ready, hello and all."""

    node: Address
    peer: Address


@message
class Lost:
    """The connection to a peer is gone, with all that was in flight on it."""

    node: Address
    peer: Address


@message
class Refused:
    """A connection was closed because of what came over it."""

    node: Address
    reason: str


@message
class Stopped:
    """The last event: in order if there is no `reason`, else with what broke."""

    node: Address
    reason: str = ""


Event = Up | Ran | Decided | Answered | Noted | Connected | Lost | Refused | Stopped
KINDS: dict[str, type] = {
    kind.__name__: kind for kind in (Up, Ran, Decided, Answered, Noted, Connected, Lost, Refused, Stopped)
}
Report = Callable[[Event], None]


def silent(event: Event) -> None:
    """For a host that nobody follows."""
