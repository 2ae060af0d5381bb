"""What can be known of a ZAB ensemble from outside: who has delivered what, and what each disk holds.

Two witnesses are asked. A server that is up says how much of its log it knows to be committed; what anybody has ever
announced stands in the decisions, though not what a server found on its own disk when it was switched on. Journals tell
the rest, also of servers that are down. This module refuses to judge.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from consensus_lab.kernel import Address, View
from consensus_lab.protocols.zab.messages import (
    AcceptedEpoch,
    CurrentEpoch,
    Logged,
    Snapshot,
    Truncated,
    Txn,
    Zxid,
)
from consensus_lab.protocols.zab.peer import Peer

# -- servers -----------------------------------------------------------------------------------------------------------


def peers(view: View) -> dict[Address, Peer]:
    """The servers that are up."""
    return {address: peer for address, peer in view.processes.items() if isinstance(peer, Peer)}


def everyone(view: View) -> dict[Address, Peer]:
    """The servers as they were cast, also those that are down."""
    return {address: peer for address, peer in view.cast.processes.items() if isinstance(peer, Peer)}


@dataclass(frozen=True)
class Delivered:
    """What a server has delivered: everything up to `base`, it need not say what, and then these."""

    base: Zxid
    txns: Sequence[Txn]

    @classmethod
    def by(cls, peer: Peer) -> Delivered:
        """As the server itself sees it: of its log, what it knows to be committed."""
        history = peer.history
        count = bisect_right(history.log, peer.last_committed, key=lambda txn: txn.zxid)
        return cls(min(history.base.zxid, peer.last_committed), history.log[:count])

    def beyond(self, zxid: Zxid) -> Sequence[Txn]:
        """What it has delivered after that one."""
        return [txn for txn in self.txns if txn.zxid > zxid]


def delivered(view: View) -> dict[Address, Delivered]:
    """By server that is up."""
    return {address: Delivered.by(peer) for address, peer in peers(view).items()}


def announced(view: View) -> Iterator[tuple[Address, Txn]]:
    """Everything that anybody has ever delivered for others to see."""
    return ((decision.node, decision.value) for decision in view.decisions if isinstance(decision.value, Txn))


# -- disks -------------------------------------------------------------------------------------------------------------


@dataclass
class Disk:
    """What a journal comes to, and what it once held."""

    log: list[Txn]
    accepted: int
    current: int
    base: Zxid
    leaders: list[tuple[int, Address]] = field(default_factory=list)  # whom it has followed, and into which epoch
    cut: list[tuple[Txn, Any]] = field(default_factory=list)  # what it has thrown away, and by which record
    fallen: str = ""  # an epoch that was lower than one before it

    @classmethod
    def of(cls, view: View, address: Address) -> Disk:
        """The disk of a server, which may be down."""
        first = everyone(view)[address]
        disk = cls(list(first.history.log), first.accepted_epoch, first.current_epoch, first.history.base.zxid)
        for record in view.journal(address):
            disk.replay(record)
        return disk

    def replay(self, record: Any) -> None:
        """The next record."""
        match record:
            case Logged(txn):
                self.log.append(txn)
            case AcceptedEpoch(epoch):
                self._rise("acceptedEpoch", self.accepted, epoch)
                self.accepted = epoch
            case CurrentEpoch(epoch, leader):
                self._rise("currentEpoch", self.current, epoch)
                self.current = epoch
                self.leaders.append((epoch, leader))
            case Truncated(zxid):
                self._keep(zxid, record)
            case Snapshot(zxid):
                self._keep(zxid, record)
                self.log, self.base = [], zxid

    def holds(self, txn: Txn) -> bool:
        """Whether it has this one, be it in a snapshot."""
        return txn.zxid <= self.base or txn in self.log

    def _keep(self, zxid: Zxid, record: Any) -> None:
        self.cut += [(txn, record) for txn in self.log if txn.zxid > zxid]
        self.log = [txn for txn in self.log if txn.zxid <= zxid]

    def _rise(self, what: str, before: int, after: int) -> None:
        if after < before:
            self.fallen = f"{what} falls from {before} to {after}"


def disks(view: View) -> dict[Address, Disk]:
    """By server."""
    return {address: Disk.of(view, address) for address in everyone(view)}
