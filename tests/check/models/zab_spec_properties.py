"""The ten properties of Apache's protocol-spec/Zab.tla, and a search that holds every state to them.

Each is named after the specification's. A transaction is its zxid and its value: who acknowledged it does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, product
from typing import NamedTuple

from tests.check.models.zab_spec import steps
from tests.check.models.zab_spec_failures import Bounds, follows
from tests.check.models.zab_spec_state import (
    BROADCAST,
    FOLLOWING,
    LEADING,
    SYNCHRONIZATION,
    Server,
    State,
    Zxid,
    initial,
)

Delivery = tuple[Zxid, int]


def delivered(server: Server) -> list[Delivery]:
    """What lies before lastCommitted, first to last."""
    return [(known.zxid, known.value) for known in server.history[: server.committed.index]]


def of_followers(state: State) -> Iterator[list[Delivery]]:
    yield from (delivered(server) for server in state.servers if server.state == FOLLOWING)


def should_not_be_triggered(state: State) -> bool:
    return not state.violated


def leadership1(state: State) -> bool:
    """No two established leaders are in the same epoch."""
    epochs = [server.current_epoch for server in state.servers
              if server.state == LEADING and server.phase in {SYNCHRONIZATION, BROADCAST}]  # fmt: skip
    return len(epochs) == len(set(epochs))


def leadership2(state: State) -> bool:
    """No epoch ever has two leaders."""
    return len({epoch for epoch, _ in state.epoch_leaders}) == len(state.epoch_leaders)


def prefix_consistency(state: State) -> bool:
    """Of two servers, one has delivered a prefix of what the other has; and each still holds what it delivered."""
    held = all(server.committed.index <= len(server.history) for server in state.servers)
    pairs = combinations(map(delivered, state.servers), 2)
    return held and all(all(a == b for a, b in zip(one, other, strict=False)) for one, other in pairs)


def integrity(state: State) -> bool:
    """What a follower delivers, a primary has proposed."""
    proposed = {(proposal.zxid, proposal.value) for proposal in state.proposals}
    return all(proposed.issuperset(deliveries) for deliveries in of_followers(state))


def agreement(state: State) -> bool:
    """Of two followers, one has delivered all that the other has."""
    pairs = combinations(map(set, of_followers(state)), 2)
    return all(one <= other or other <= one for one, other in pairs)


def total_order(state: State) -> bool:
    """Who delivers b has delivered everything before it that anyone delivered before b."""
    everyone = [delivered(server) for server in state.servers]
    return all(
        b not in theirs or set(ours[:place]) <= set(theirs[: theirs.index(b)])
        for ours, theirs in product(everyone, repeat=2)
        if min(len(ours), len(theirs)) >= 2
        for place, b in enumerate(ours)
    )


def local_primary_order(state: State) -> bool:
    """Who delivers what a primary proposed has delivered, before it, whatever the primary had proposed before it."""
    return all(
        later not in deliveries[1:] or earlier in deliveries[: deliveries.index(later)]
        for deliveries in map(delivered, state.servers)
        if len(deliveries) >= 2
        for earlier, later in primary_pairs(state)
    )


def primary_pairs(state: State) -> Iterator[tuple[Delivery, Delivery]]:
    """Two transactions that one primary proposed in one epoch, in the order of their zxids."""
    for one, other in product(state.proposals, repeat=2):
        if (one.source, one.epoch) == (other.source, other.epoch) and one.zxid < other.zxid:
            yield (one.zxid, one.value), (other.zxid, other.value)


def global_primary_order(state: State) -> bool:
    """Everyone delivers epoch by epoch."""
    epochs = [[epoch for (epoch, _), _ in delivered(server)] for server in state.servers]
    return all(order == sorted(order) for order in epochs)


def primary_integrity(state: State) -> bool:
    """A primary has delivered whatever its followers have delivered of earlier epochs."""
    for (i, leader), (j, follower) in product(enumerate(state.servers), repeat=2):
        if follows(state, j, i) and leader.phase == follower.phase == BROADCAST:
            earlier = {known for known in delivered(follower) if known[0][0] < leader.current_epoch}
            if not earlier.issubset(delivered(leader)):
                return False
    return True


Property = Callable[[State], bool]

PROPERTIES: tuple[Property, ...] = (
    should_not_be_triggered,
    leadership1,
    leadership2,
    prefix_consistency,
    integrity,
    agreement,
    total_order,
    local_primary_order,
    global_primary_order,
    primary_integrity,
)


class Counts(NamedTuple):
    """In TLC's convention."""

    distinct: int
    generated: int
    depth: int


class Search(NamedTuple):
    counts: Counts
    broken: frozenset[str]  # the names of the properties that some state does not have


def search(size: int, bounds: Bounds) -> Search:
    """Every state that this many servers reach, breadth first; up to the end of the level that breaks a property."""
    level = {initial(size)}
    seen = set(level)
    generated, depth = 1, 0
    broken: set[str] = set()
    while level and not broken:
        depth += 1
        broken.update(claim.__name__ for state in level for claim in PROPERTIES if not claim(state))
        successors = [after for state in level for after in steps(state, bounds)]
        generated += len(successors)
        level = set(successors) - seen
        seen |= level
    return Search(Counts(len(seen), generated, depth), frozenset(broken))
