"""What ZAB promises: the ten invariants of Apache ZooKeeper's specification Zab.tla, by their names there.

Junqueira, Reed and Serafini (2011), section 3. "Delivered" is what a server knows to be committed. What follows them
is in `durability`: promises that only a server with a disk can keep.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise, permutations

from consensus_lab.kernel import Address, View, invariant
from consensus_lab.kernel.notation import render
from consensus_lab.protocols.zab.durability import DURABILITY
from consensus_lab.protocols.zab.evidence import Delivered, announced, delivered, disks, peers
from consensus_lab.protocols.zab.messages import State, Txn, ZabState, Zxid


@invariant("ShouldNotBeTriggered", "nobody hears what cannot be said if all keep to the protocol")
def nothing_illegal(view: View) -> str | None:
    """ZooKeeper would end the process; a server here looks for a leader again, and remembers why."""
    return next((f"{address}: {peer.alarm}" for address, peer in peers(view).items() if peer.alarm), None)


@invariant("Leadership1", "no two servers lead in the same epoch")
def one_leader_at_a_time(view: View) -> str | None:
    leading = {address: peer for address, peer in peers(view).items() if peer.state is State.LEADING}
    for one, other in combinations(leading, 2):
        entered = all(leading[a].zab_state in (ZabState.SYNCHRONIZATION, ZabState.BROADCAST) for a in (one, other))
        if entered and leading[one].epoch == leading[other].epoch:
            return f"{one} and {other} both lead epoch {leading[one].epoch}"
    return None


@invariant("Leadership2", "no epoch ever has two leaders")
def one_leader_ever(view: View) -> str | None:
    """Every disk that has entered an epoch remembers who led it."""
    known: dict[int, Address] = {}
    for address, disk in disks(view).items():
        for epoch, leader in disk.leaders:
            if known.setdefault(epoch, leader) != leader:
                return f"{address} has followed {leader} into epoch {epoch}, another server {known[epoch]}"
    return None


@invariant("PrefixConsistency", "as far as two servers know it, the same is committed")
def prefixes_agree(view: View) -> str | None:
    for one, other, mine, theirs in pairs(view):
        base = max(mine.base, theirs.base)
        for a, b in zip(mine.beyond(base), theirs.beyond(base), strict=False):
            if a != b:
                return f"{one} has delivered {render(a)} where {other} has delivered {render(b)}"
    return None


@invariant("Integrity", "what is delivered was proposed by whoever led its epoch")
def delivered_was_proposed(view: View) -> str | None:
    """Then there is one such transaction, and somebody has entered that epoch."""
    proposed = {txn.zxid: txn for txn in known_txns(view)}
    epochs = {epoch for disk in disks(view).values() for epoch, _ in disk.leaders}
    for address, txn in announced(view):
        if proposed.setdefault(txn.zxid, txn) != txn:
            return f"{address} delivered {render(txn)}, but {render(proposed[txn.zxid])} is what was proposed"
        if txn.session and txn.zxid.epoch not in epochs:
            return f"{address} delivered {render(txn)}, but nobody has entered epoch {txn.zxid.epoch}"
    return None


@invariant("Agreement", "of two servers, one has delivered all that the other has")
def one_includes_the_other(view: View) -> str | None:
    for one, other, mine, theirs in pairs(view):
        only_mine = set(mine.beyond(theirs.base)) - set(theirs.txns)
        only_theirs = set(theirs.beyond(mine.base)) - set(mine.txns)
        if only_mine and only_theirs:
            return f"only {one} has delivered {first_of(only_mine)}, and only {other} {first_of(only_theirs)}"
    return None


@invariant("TotalOrder", "if one delivers a before b, whoever delivers b has delivered a before it")
def same_order(view: View) -> str | None:
    for one, other, mine, theirs in pairs(view):
        common = set(mine.txns) & set(theirs.txns)
        a, b = (up_to_last(seen.beyond(max(mine.base, theirs.base)), common) for seen in (mine, theirs))
        if a != b:
            return f"{one} delivers {render(tuple(a))}, {other} {render(tuple(b))}"
    return None


@invariant("LocalPrimaryOrder", "what one primary proposed is delivered in its order, and nothing left out")
def order_of_each_primary(view: View) -> str | None:
    proposed: dict[int, list[Zxid]] = {}
    for zxid in sorted({txn.zxid for txn in known_txns(view)}):
        proposed.setdefault(zxid.epoch, []).append(zxid)
    for address, seen in delivered(view).items():
        for epoch in {txn.zxid.epoch for txn in seen.txns}:
            mine = [txn.zxid for txn in seen.txns if txn.zxid.epoch == epoch]
            wanted = [zxid for zxid in proposed[epoch] if zxid > seen.base][: len(mine)]
            if mine != wanted:
                return f"{address} delivers {render(tuple(mine))}, and {render(tuple(wanted))} was the primary's order"
    return None


@invariant("GlobalPrimaryOrder", "what an earlier primary proposed is delivered before what a later one did")
def order_of_primaries(view: View) -> str | None:
    for address, seen in delivered(view).items():
        for before, after in pairwise(seen.txns):
            if before.zxid.epoch > after.zxid.epoch:
                return f"{address} delivers {before.zxid}, and only then {after.zxid}"
    return None


@invariant("PrimaryIntegrity", "whoever leads has delivered what its followers delivered of earlier epochs")
def primary_knows(view: View) -> str | None:
    up, seen = peers(view), delivered(view)
    for leader, follower in permutations(up, 2):
        if not is_broadcasting_to(up[leader].zab_state, up[follower].zab_state) or up[follower].leader != leader:
            continue
        if up[leader].state is not State.LEADING or up[leader].handlers.get(follower) is None:
            continue
        missing = set(seen[follower].beyond(seen[leader].base)) - set(seen[leader].txns)
        earlier = {txn for txn in missing if txn.zxid.epoch < up[leader].epoch}
        if earlier:
            return f"{follower} has delivered {first_of(earlier)}, its leader {leader} has not"
    return None


INVARIANTS = (
    nothing_illegal,
    one_leader_at_a_time,
    one_leader_ever,
    prefixes_agree,
    delivered_was_proposed,
    one_includes_the_other,
    same_order,
    order_of_each_primary,
    order_of_primaries,
    primary_knows,
    *DURABILITY,
)


@invariant("Serving", "once failures are mended, a quorum serves together with its leader")
def a_quorum_serves(view: View) -> str | None:
    """A claim about the end, not about each moment. Not of every server: one that was promised a later epoch by a
    leader who never came to lead refuses the epoch that the others have entered, until they elect again.
    """
    up = peers(view)
    for leader, peer in up.items():
        serving = [a for a, other in up.items() if other.leader == leader and other.zab_state is ZabState.BROADCAST]
        if peer.state is State.LEADING and peer.quorum.reached(serving):
            return None
    return "; ".join(
        f"{address} is in {peer.zab_state.value} with {peer.leader or 'nobody'}" for address, peer in up.items()
    )


EVENTUALLY = (a_quorum_serves,)


# -- who says what -----------------------------------------------------------------------------------------------------


def pairs(view: View) -> Iterator[tuple[Address, Address, Delivered, Delivered]]:
    """Each two servers that are up, and what they have delivered."""
    seen = delivered(view)
    return ((one, other, seen[one], seen[other]) for one, other in combinations(seen, 2))


def known_txns(view: View) -> Iterator[Txn]:
    """Every transaction that stands in a log, in memory or on disk, or was cut off from one."""
    for peer in peers(view).values():
        yield from peer.history.log
    for disk in disks(view).values():
        yield from disk.log
        yield from (txn for txn, _ in disk.cut)


def is_broadcasting_to(leader: ZabState, follower: ZabState) -> bool:
    return leader is ZabState.BROADCAST and follower is ZabState.BROADCAST


def up_to_last(txns: Sequence[Txn], common: set[Txn]) -> list[Txn]:
    """The beginning of a sequence, up to the last one that both have."""
    last = max((index for index, txn in enumerate(txns) if txn in common), default=-1)
    return list(txns[: last + 1])


def first_of(txns: set[Txn]) -> str:
    return render(min(txns, key=lambda txn: txn.zxid))
