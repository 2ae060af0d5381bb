"""Quorum systems: which sets of nodes may speak for all, and whether any two of them must meet.

Majority and weighted voting (Gifford, 1979; Garcia-Molina and Barbara, 1985), grids (Cheung, Ammar and Ahamad, 1990),
hierarchies (Kumar, 1991) and flexible pairs (Howard, Malkhi and Spiegelman, 2016). This module refuses to know what is
being voted on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

from consensus_lab.kernel.message import Address


class Quorum(Protocol):
    """A rule that says whether a set of nodes is a quorum."""

    @property
    def members(self) -> frozenset[Address]: ...

    def reached(self, voters: Iterable[Address]) -> bool:
        """Whether these voters contain a quorum. Strangers among them do not count."""
        ...


@dataclass(frozen=True)
class Majority:
    """More than half of the members; or at least `size` of them, when a size is given (a flexible quorum)."""

    members: frozenset[Address]
    size: int | None = None

    @property
    def needed(self) -> int:
        """How many votes make a quorum."""
        return len(self.members) // 2 + 1 if self.size is None else self.size

    def reached(self, voters: Iterable[Address]) -> bool:
        return len(self.members & frozenset(voters)) >= self.needed


@dataclass(frozen=True)
class Weighted:
    """More than half of the total weight. A member of weight 0 never matters (as in ZooKeeper's QuorumHierarchical)."""

    weights: tuple[tuple[Address, int], ...]

    @classmethod
    def of(cls, weights: Mapping[Address, int]) -> Weighted:
        """From a mapping of address to weight. Raises ValueError for a negative weight or a total of 0."""
        if any(weight < 0 for weight in weights.values()) or sum(weights.values()) == 0:
            raise ValueError(f"weights must be 0 or more, and not all 0: {dict(sorted(weights.items()))}")
        return cls(tuple(sorted(weights.items())))

    @property
    def members(self) -> frozenset[Address]:
        return frozenset(address for address, _ in self.weights)

    def reached(self, voters: Iterable[Address]) -> bool:
        voted = frozenset(voters)
        total = sum(weight for _, weight in self.weights)
        return 2 * sum(weight for address, weight in self.weights if address in voted) > total


@dataclass(frozen=True)
class Grid:
    """Nodes in rows: a quorum holds one whole row and one node of every row, so that any two quorums meet."""

    rows: tuple[tuple[Address, ...], ...]

    @property
    def members(self) -> frozenset[Address]:
        return frozenset(address for row in self.rows for address in row)

    def reached(self, voters: Iterable[Address]) -> bool:
        voted = frozenset(voters)
        covers = all(voted & frozenset(row) for row in self.rows)
        return covers and any(voted >= frozenset(row) for row in self.rows)


@dataclass(frozen=True)
class Hierarchical:
    """Groups of weighted nodes: more than half of the weight in each of more than half of the groups.

    ZooKeeper's QuorumHierarchical. A group whose members all weigh 0 is none: it neither helps nor is needed.
    """

    groups: tuple[Weighted, ...]

    @classmethod
    def of(cls, groups: Mapping[str, Mapping[Address, int]]) -> Hierarchical:
        """From the weights of each group's members. Raises ValueError for a negative weight or a total of 0."""
        Weighted.of({address: weight for group in groups.values() for address, weight in group.items()})
        return cls(tuple(Weighted(tuple(sorted(group.items()))) for _, group in sorted(groups.items())))

    @property
    def members(self) -> frozenset[Address]:
        return frozenset(address for group in self.groups for address in group.members)

    def reached(self, voters: Iterable[Address]) -> bool:
        voted = frozenset(voters)
        heavy = [group for group in self.groups if any(weight for _, weight in group.weights)]
        return 2 * sum(group.reached(voted) for group in heavy) > len(heavy)


def minimal_quorums(quorum: Quorum) -> tuple[frozenset[Address], ...]:
    """Every quorum that has no smaller quorum inside it, smallest first. Exponential in members: for small casts."""
    found: list[frozenset[Address]] = []
    for size in range(1, len(quorum.members) + 1):
        for voters in map(frozenset, combinations(sorted(quorum.members), size)):
            if quorum.reached(voters) and not any(smaller <= voters for smaller in found):
                found.append(voters)
    return tuple(found)


def disjoint_pair(one: Quorum, other: Quorum) -> tuple[frozenset[Address], frozenset[Address]] | None:
    """A quorum of each that do not meet, as the witness against safety; None when every pair meets."""
    pairs = ((a, b) for a in minimal_quorums(one) for b in minimal_quorums(other))
    return next(((a, b) for a, b in pairs if not a & b), None)


def meet(one: Quorum, other: Quorum) -> bool:
    """Do these two meet: does every quorum of `one` share a node with every quorum of `other`?"""
    return disjoint_pair(one, other) is None
