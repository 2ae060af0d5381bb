"""What a protocol costs, in the currency of the textbooks. Measured from a trace, or promised by a formula.

It refuses to know which: `lab.costs` measures, and a protocol's own `costs` promises.
"""

from __future__ import annotations

from typing import NamedTuple


class Cost(NamedTuple):
    """The price of one decision, until nothing is owed to anybody any more."""

    messages: int  # sent between nodes
    forced: int  # log writes that somebody waited for
    delays: int  # message delays until the last node has decided
    round_trips: int  # completed exchanges along the longest chain of messages
