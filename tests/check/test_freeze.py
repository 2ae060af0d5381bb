"""States are compared by value and by type; what could change unseen or cannot be compared is refused by its field."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.check import Unfreezable, explore
from consensus_lab.check.freeze import freeze, freeze_message, freeze_process
from consensus_lab.kernel import message
from consensus_lab.kernel.process import own
from tests.check.toys import Counter, Keeps, PlainContainers, counters, fine


class Ballot(NamedTuple):
    n: int


class Zxid(NamedTuple):
    n: int


class Colour(Enum):
    RED = 1


@message
class Vote:
    of: Any


@dataclass
class Draft:
    """A dataclass that is not frozen: the kernel copies it, and it is compared by its fields."""

    n: Any = 0


DISTINCT = [
    0, 1, 1.0, True, False, None, "", "1", b"1", (), (1,), [], [1], set(), {1}, frozenset(), frozenset({1}), {}, {1: 1},
    {1: True}, Ballot(1), Zxid(1), Ballot(True), Vote(1), Vote(1.0), Vote(Ballot(1)), Colour.RED, bytearray(b"1"), int,
    Draft(1), Draft([1]), ([1],),
]  # fmt: skip


def test_values_that_python_confuses_are_kept_apart() -> None:
    assert len({freeze(value) for value in DISTINCT}) == len(DISTINCT)


values = st.recursive(
    st.one_of(st.integers(-3, 3), st.booleans(), st.text(max_size=2), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.integers(0, 3), inner, max_size=3), st.sets(st.integers(0, 5))
    ),
)


@given(values)
def test_a_copy_freezes_like_what_it_was_copied_from(value: Any) -> None:
    assert freeze(own(value, "Student.field")) == freeze(value)


def test_a_dict_is_the_same_in_whatever_order_it_was_filled() -> None:
    assert freeze({1: "a", 2: "b"}) == freeze({2: "b", 1: "a"})


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (object(), "a object, which cannot be compared by value; use numbers, text, containers, a @message"),
        ([object()], "a object, which cannot be compared by value"),
        (Draft(object()), "a object, which cannot be compared by value"),
        (lambda: 0, "a function, which cannot be compared"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_field_and_what_to_write_instead(value: Any, says: str) -> None:
    class Holder(Keeps):
        @staticmethod
        def what() -> Any:
            return value

    with pytest.raises(Unfreezable) as refused:
        explore(counters(Holder)).always(fine)
    assert str(refused.value).startswith(f"Holder.kept holds {says}")


def test_what_a_message_carries_must_be_comparable_too() -> None:
    with pytest.raises(Unfreezable, match="Vote carries a object, which cannot be compared by value"):
        freeze_message(Vote(object()))


def test_plain_lists_sets_and_dicts_may_be_changed_in_place() -> None:
    verdict = explore(counters(PlainContainers, requests=2), duplicates=1).always(fine)
    assert verdict.progress.distinct > 100


def test_a_field_that_the_cast_gave_may_be_anything_as_long_as_no_rule_changes_it() -> None:
    anything = object()
    given_one = Counter((anything,))  # type: ignore[arg-type]
    assert freeze_process(given_one) == freeze_process(given_one.clone())
