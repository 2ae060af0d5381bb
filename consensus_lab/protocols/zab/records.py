"""What the disk of a ZAB server remembers: transactions, what became of the log, and two epochs.

Apache ZooKeeper 3.9 keeps them in four kinds of files (log, snapshot, acceptedEpoch, currentEpoch); here one journal
holds all four, in the order in which they were written.
"""

from __future__ import annotations

from typing import Any

from consensus_lab.kernel import Address, message
from consensus_lab.protocols.election.messages import Zxid

ZERO = Zxid(0, 0)
"""Before every transaction. A zxid whose counter is 0 numbers none: it stands for the beginning of its epoch."""


@message
class Txn:
    """One transaction of the log: what a request of `session` came to. Announced as a decision when it is delivered."""

    zxid: Zxid
    session: int
    cxid: int
    body: Any


@message
class AcceptedEpoch:
    """Record: the latest epoch that a leader has proposed (paper: f.p)."""

    epoch: int


@message
class CurrentEpoch:
    """Record: the epoch whose initial history this disk holds (paper: f.a), and who leads it.

    No file of ZooKeeper's names the leader: it is here for whoever reads journals.
    """

    epoch: int
    leader: Address


@message
class Logged:
    """Record: the next transaction of the log."""

    txn: Txn


@message
class Truncated:
    """Record: nothing after this zxid counts."""

    zxid: Zxid


@message
class Snapshot:
    """Record: the state at this zxid, in place of all before it."""

    zxid: Zxid
    state: Any
