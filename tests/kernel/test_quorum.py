"""Quorum systems: which sets may speak for all, and whether any two of them must meet."""

from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.kernel.quorum import (
    Grid,
    Hierarchical,
    Majority,
    Quorum,
    Weighted,
    disjoint_pair,
    meet,
    minimal_quorums,
)

NAMES = ("a", "b", "c", "d", "e", "f")
memberships = st.integers(1, 5).map(lambda count: NAMES[:count])


@st.composite
def quorums(draw: st.DrawFn) -> Quorum:
    members = draw(memberships)
    kind = draw(st.sampled_from(["majority", "flexible", "weighted", "grid", "hierarchical"]))
    if kind == "majority":
        return Majority(frozenset(members))
    if kind == "flexible":
        return Majority(frozenset(members), draw(st.integers(1, len(members))))
    if kind == "weighted":
        weights = draw(st.lists(st.integers(0, 4), min_size=len(members), max_size=len(members)).filter(any))
        return Weighted.of(dict(zip(members, weights, strict=True)))
    if kind == "hierarchical":
        groups: dict[str, dict[str, int]] = {}
        for member in members:
            groups.setdefault(draw(st.sampled_from("xyz")), {})[member] = draw(st.integers(0, 3))
        weighs = any(weight for group in groups.values() for weight in group.values())
        return Hierarchical.of(groups if weighs else {"x": dict.fromkeys(members, 1)})
    width = draw(st.integers(1, len(members)))
    return Grid(tuple(members[start : start + width] for start in range(0, len(members), width)))


def subsets(members: frozenset[str]) -> list[frozenset[str]]:
    ordered = sorted(members)
    return [frozenset(s) for s in chain.from_iterable(combinations(ordered, n) for n in range(len(ordered) + 1))]


def every_quorum(quorum: Quorum) -> list[frozenset[str]]:
    """Brute force: ask about each set of members."""
    return [voters for voters in subsets(quorum.members) if quorum.reached(voters)]


@settings(max_examples=200)
@given(quorums(), quorums())
def test_do_these_two_meet_agrees_with_brute_force(one: Quorum, other: Quorum):
    by_force = all(a & b for a in every_quorum(one) for b in every_quorum(other))
    assert meet(one, other) is by_force
    witness = disjoint_pair(one, other)
    assert (witness is None) is by_force
    if witness is not None:
        assert one.reached(witness[0])
        assert other.reached(witness[1])
        assert not witness[0] & witness[1]


@given(quorums())
def test_a_set_is_a_quorum_exactly_when_it_contains_a_minimal_one(quorum: Quorum):
    smallest = minimal_quorums(quorum)
    for voters in subsets(quorum.members):
        assert quorum.reached(voters) is any(minimal <= voters for minimal in smallest)
    assert not any(one < other for one in smallest for other in smallest)


@given(quorums())
def test_strangers_do_not_count(quorum: Quorum):
    assert not quorum.reached({"stranger", "other", "third"})
    for voters in subsets(quorum.members):
        assert quorum.reached(voters | {"stranger"}) is quorum.reached(voters)


@pytest.mark.parametrize(("members", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)])
def test_a_majority_is_more_than_half(members: int, needed: int):
    everyone = frozenset(NAMES[:members])
    assert Majority(everyone).needed == needed
    assert Majority(everyone).reached(NAMES[:needed])
    assert not Majority(everyone).reached(NAMES[: needed - 1])


@given(memberships)
def test_any_two_majorities_meet(members: tuple[str, ...]):
    assert meet(Majority(frozenset(members)), Majority(frozenset(members)))


@given(memberships, st.data())
def test_flexible_quorums_meet_exactly_when_their_sizes_exceed_the_membership(
    members: tuple[str, ...], data: st.DataObject
):
    first, second = (data.draw(st.integers(1, len(members))) for _ in range(2))
    everyone = frozenset(members)
    assert meet(Majority(everyone, first), Majority(everyone, second)) is (first + second > len(members))


def test_weight_counts_and_a_member_of_weight_0_never_matters():
    heavy = Weighted.of({"a": 3, "b": 1, "c": 1, "d": 0})
    assert heavy.reached({"a"})
    assert not heavy.reached({"b", "c", "d"})
    assert minimal_quorums(heavy) == (frozenset({"a"}),)


def test_exactly_half_of_the_weight_is_not_enough():
    assert not Weighted.of({"a": 1, "b": 1}).reached({"a"})


@pytest.mark.parametrize("weights", [{"a": -1, "b": 3}, {"a": 0}, {}])
def test_weights_that_make_no_sense_are_refused(weights: dict[str, int]):
    with pytest.raises(ValueError, match="weights must be 0 or more, and not all 0"):
        Weighted.of(weights)


def test_a_grid_quorum_is_a_whole_row_and_one_of_every_row():
    grid = Grid((("a", "b"), ("c", "d"), ("e", "f")))
    assert grid.reached({"a", "b", "c", "f"})
    assert not grid.reached({"a", "b", "c"}), "no one of the last row"
    assert not grid.reached({"a", "c", "e"}), "no whole row"
    assert meet(grid, grid)


def test_a_hierarchical_quorum_is_a_majority_of_the_groups_each_by_a_majority_of_its_weight():
    """ZooKeeper's own example: three groups of three, of which four servers can speak for all nine."""
    groups = {name: {f"{name}{number}": 1 for number in (1, 2, 3)} for name in "abc"}
    quorum = Hierarchical.of(groups)
    assert quorum.reached({"a1", "a2", "b1", "b3"})
    assert not quorum.reached({"a1", "a2", "a3", "b1", "c1"})
    assert min(map(len, minimal_quorums(quorum))) == 4
    assert meet(quorum, quorum)


def test_a_group_that_weighs_nothing_is_no_group():
    quorum = Hierarchical.of({"a": {"a1": 1, "a2": 2}, "b": {"b1": 0}})
    assert quorum.members == {"a1", "a2", "b1"}
    assert quorum.reached({"a2"})
    assert not quorum.reached({"a1", "b1"})


@pytest.mark.parametrize("weights", [{"a1": 0}, {"a1": 1, "a2": -1}])
def test_a_hierarchy_needs_weights_that_can_be_weighed(weights: dict[str, int]):
    with pytest.raises(ValueError, match="weights must be 0 or more, and not all 0"):
        Hierarchical.of({"a": weights})
