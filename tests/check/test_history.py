"""A history is the order of decisions, up to what commutes: one sequence stands for all that cannot be told apart."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.check.history import Commute, History
from consensus_lab.check.layout import Field
from consensus_lab.kernel import Decision

FIELD = Field(3, 16)
decisions = st.lists(st.builds(Decision, st.sampled_from("abc"), st.integers(0, 2)), max_size=6)


def is_even(one: Decision, other: Decision) -> bool:
    return one.value % 2 == other.value % 2


def number(history: History, sequence: list[Decision]) -> int:
    return FIELD.read(sum_of(history, sequence))


def sum_of(history: History, sequence: list[Decision]) -> int:
    state = 0
    for decision in sequence:
        state += history.change(state, history.told([decision]))
    return state


def equivalents(sequence: list[Decision], commute: Commute) -> set[tuple[Decision, ...]]:
    """Every sequence that comes of changing places, found by trying."""
    known, todo = {tuple(sequence)}, [tuple(sequence)]
    while todo:
        one = todo.pop()
        for at in range(len(one) - 1):
            a, b = one[at], one[at + 1]
            swapped = (*one[:at], b, a, *one[at + 2 :])
            if a.node != b.node and commute(a, b) and swapped not in known:
                known.add(swapped)
                todo.append(swapped)
    return known


@given(decisions)
def test_sequences_have_one_number_exactly_when_they_cannot_be_told_apart(sequence: list[Decision]) -> None:
    history = History(is_even, FIELD)
    same = equivalents(sequence, is_even)
    for other in list(permutations(sequence))[:60]:
        assert (number(history, list(other)) == number(history, sequence)) == (other in same)


@given(decisions)
def test_if_nothing_commutes_a_history_is_what_happened(sequence: list[Decision]) -> None:
    history = History(lambda one, other: False, FIELD)
    assert history.decisions(sum_of(history, sequence)) == sequence


@given(decisions)
def test_what_is_seen_is_an_order_in_which_it_may_have_been(sequence: list[Decision]) -> None:
    history = History(is_even, FIELD)
    assert tuple(history.decisions(sum_of(history, sequence))) in equivalents(sequence, is_even)


@given(decisions)
def test_it_makes_no_difference_how_many_are_told_at_once(sequence: list[Decision]) -> None:
    history = History(is_even, FIELD)
    assert history.change(0, history.told(sequence)) == sum_of(history, sequence)
