"""Growing: a sequence that a million worlds share, and that none of them can change for another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.sim.growing import Growing


@given(st.lists(st.tuples(st.integers(0, 50), st.lists(st.integers(), max_size=3)), max_size=30))
def test_every_branch_reads_as_if_it_had_been_copied(growth: list[tuple[int, list[int]]]):
    shared, copied = [Growing[int]()], [()]
    for which, more in growth:  # grow any of those that there are, the longest or not
        index = which % len(shared)
        shared.append(shared[index].plus(*more))
        copied.append((*copied[index], *more))
    for growing, plain in zip(shared, copied, strict=True):
        assert tuple(growing) == plain
        assert len(growing) == len(plain)
        assert tuple(growing[:2]) == plain[:2]
        assert tuple(growing[-2:]) == plain[-2:]
        assert (growing == Growing(plain), hash(growing) == hash(Growing(plain))) == (True, True)


def test_the_longest_grows_in_place_and_a_branch_copies_only_its_own_prefix():
    one = Growing([1])
    longest = one.plus(2)
    branch = one.plus(3)
    assert (list(one), list(longest), list(branch)) == ([1], [1, 2], [1, 3])
    assert longest._items is one._items
    assert branch._items is not one._items


def test_an_index_beyond_its_own_end_is_an_error_also_where_another_branch_goes_on():
    one = Growing([1])
    one.plus(2)
    assert (one[0], one[-1]) == (1, 1)
    for index in (1, -2):
        with pytest.raises(IndexError):
            one[index]


def test_it_equals_another_growing_of_the_same_items_and_nothing_else():
    assert Growing([1]) == Growing().plus(1)
    assert Growing([1]) != Growing([2])
    assert Growing([1]) != [1]
