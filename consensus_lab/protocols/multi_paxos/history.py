"""The history that clients saw: what each asked for, and what it was answered, in the order in which it happened.

A service is linearizable if each operation seems to take effect at one moment between its call and its return (Herlihy
and Wing, 1990). Here the moments are known: a reply names the slot in whose state it was made. So it is enough that no
operation takes effect before one that had returned when it was called.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from consensus_lab.kernel import View
from consensus_lab.protocols.multi_paxos.messages import Invoked, Reply, Request, Returned


class Operation(NamedTuple):
    """One that has returned: and the last slot whose effect had been told to anybody when it was called."""

    request: Request
    reply: Reply
    told_before: int


def operations(view: View) -> Iterator[Operation]:
    """All that returned, in the order in which they did."""
    latest = 0
    told_before: dict[Request, int] = {}
    for _, value in view.chronicle:
        if isinstance(value, Invoked):
            told_before[value.request] = latest
        elif isinstance(value, Returned):
            latest = max(latest, value.reply.slot)
            yield Operation(value.request, value.reply, told_before.get(value.request, 0))
