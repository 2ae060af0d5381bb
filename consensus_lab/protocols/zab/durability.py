"""What a disk is for: promises of a ZAB ensemble whose servers crash and come back.

The specification Zab.tla takes a disk that never fails for granted; these are what a server needs in its place.
"""

from __future__ import annotations

from itertools import combinations

from consensus_lab.kernel import View, invariant
from consensus_lab.kernel.notation import render
from consensus_lab.protocols.zab.evidence import announced, disks, everyone, peers
from consensus_lab.protocols.zab.messages import Zxid
from consensus_lab.protocols.zab.peer import Peer


@invariant("Durable", "what was delivered, and so what a client was told, is on the disks of a quorum")
def on_a_quorum_of_disks(view: View) -> str | None:
    quorum = next(iter(everyone(view).values())).quorum
    held = disks(view)
    for txn in dict.fromkeys(txn for _, txn in announced(view)):
        holders = [address for address, disk in held.items() if disk.holds(txn)]
        if not quorum.reached(holders):
            return f"{render(txn)} was delivered, and is only on {', '.join(holders) or 'no disk'}"
    return None


@invariant("NothingUndone", "no server throws away what it has delivered")
def delivered_is_kept(view: View) -> str | None:
    """TRUNC never below what was committed, and a snapshot that takes a log's place has all of it.

    Cut off before it was delivered, a transaction may come back: a follower that has lost its connection is sent anew
    what is outstanding.
    """
    held = disks(view)
    for address, txn in announced(view):
        for cut, record in held[address].cut:
            if cut == txn and not held[address].holds(txn):
                return f"{address} has delivered {render(txn)}, and threw it away with {render(record)}"
    return None


@invariant("Epochs", "on every disk acceptedEpoch and currentEpoch only rise, and the second never passes the first")
def epochs_rise(view: View) -> str | None:
    for address, disk in disks(view).items():
        if disk.fallen:
            return f"{address}: {disk.fallen}"
        if disk.accepted < disk.current:
            return f"{address} has accepted epoch {disk.accepted}, and is in {disk.current}"
    return None


@invariant("Replicas", "two servers that have processed the same are in the same state")
def same_state(view: View) -> str | None:
    """Whether or not it is committed: a log leads to one state."""
    for (one, mine), (other, theirs) in combinations(peers(view).items(), 2):
        if last_applied(mine) == last_applied(theirs) and mine.replica != theirs.replica:
            return f"after the same, {one} is in state {render(mine.replica)}, {other} in {render(theirs.replica)}"
    return None


def last_applied(peer: Peer) -> Zxid:
    """The zxid of the last transaction that has gone into its state."""
    history = peer.history
    return history.log[history.processed - 1].zxid if history.processed else history.base.zxid


DURABILITY = (on_a_quorum_of_disks, delivered_is_kept, epochs_rise, same_state)
