"""What a host tells whoever follows it: facts about its node, in the order they happened. No process can see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from consensus_lab.kernel import Address, message
from consensus_lab.kernel.notation import render
from consensus_lab.net.codec import Codec
from consensus_lab.net.errors import MalformedError


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
KINDS: dict[str, Any] = {
    kind.__name__: kind for kind in (Up, Ran, Decided, Answered, Noted, Connected, Lost, Refused, Stopped)
}
Report = Callable[[Event], None]


def silent(event: Event) -> None:
    """For a host that nobody follows."""


def sentence(event: Event) -> str:
    """An event for people, after the name of its node."""
    match event:
        case Up(_, recovered, records, cut):
            torn = f", of which {cut} torn bytes were cut off" if cut else ""
            return f"is up again; its journal holds {records} records{torn}" if recovered else "is up"
        case Ran(_, sender, heard, rule):
            return f"{rule or 'no rule here'} upon {render(heard)} from {sender}"
        case Decided(_, value):
            return f"decides {render(value)}"
        case Answered(_, to, answer):
            return f"answers {to}: {render(answer)}"
        case Noted(_, text):
            return f"notes: {text}"
        case Connected(_, peer):
            return f"is connected to {peer}"
        case Lost(_, peer):
            return f"has lost its connection to {peer}"
        case Refused(_, reason):
            return f"closed a connection: {reason}"
        case Stopped(_, reason):
            return f"broke: {reason}" if reason else "stopped"


def to_line(event: Event, codec: Codec) -> bytes:
    """An event as one line of JSON, for a follower in another process."""
    fields = (getattr(event, name) for name in type(event).__match_args__)
    return codec.encode((type(event).__name__, *fields)) + b"\n"


def from_line(line: bytes, codec: Codec) -> Event:
    """The inverse. Raises MalformedError for a line that is no event."""
    match codec.decode(line.rstrip()):
        case (str(name), *fields) if name in KINDS and len(fields) == len(KINDS[name].__match_args__):
            event: Event = KINDS[name](*fields)
            return event
    raise MalformedError(f"no event: {line[:80]!r}")
