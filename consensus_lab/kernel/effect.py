"""Effects: what a handler asked for, as values. Nothing here performs anything.

Who performs them: `consensus_lab.sim.world` in a simulated world, `consensus_lab.net.host` on a real machine; both
through `consensus_lab.kernel.node`, which decides when.
"""

from __future__ import annotations

from typing import Any

from consensus_lab.kernel.message import Address, message


@message
class Send:
    """Send `message` to the node `to`, once every record forced before it is durable (law 2).

    An eager message is the named exception: it leaves at once, as ZAB's proposals do while the leader's disk works.
    """

    to: Address
    message: Any
    eager: bool = False


@message
class Force:
    """Write `record` to the journal; what is said after it waits until it is durable."""

    record: Any


@message
class Append:
    """Write `record` to the journal lazily: nothing waits for it, and a crash may lose it."""

    record: Any


@message
class SetTimer:
    """Deliver `timer` to this node itself, `low` to `high` seconds from now. Setting it again starts it afresh."""

    timer: Any
    low: float
    high: float


@message
class CancelTimer:
    """Forget `timer`, if it is running."""

    timer: Any


@message
class Decide:
    """The node's decision, for the world to record: a promise to a client, so it waits for the disk like a message."""

    value: Any


@message
class Note:
    """A sentence for the reader of a trace. No process can see it."""

    text: str


Effect = Send | Force | Append | SetTimer | CancelTimer | Decide | Note
