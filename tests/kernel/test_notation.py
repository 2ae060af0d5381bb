"""The one notation: what `render` writes `parse` reads back, the same on every machine and in every run."""

import math
import subprocess
import sys
from enum import Enum, IntEnum
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.kernel import Start, message
from consensus_lab.kernel.notation import parse, render, vocabulary
from consensus_lab.protocols.two_phase_commit import messages
from tests.conftest import REPO


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Ballot(NamedTuple):
    number: int
    node: str


@message
class One:
    content: Any


@message
class Two:
    left: Any
    right: Any


@message
class Nothing:
    pass


WORDS = {kind.__name__: kind for kind in (Colour, Ballot, One, Two, Nothing)}

odd_strings = st.sampled_from(
    [
        *("", " ", "None", "True", "∅", "class", "a b", "it's", 'say "no"', "1", "1.5", "-1", "a=b", "{}", "(,)", "\\"),
        *("One(1)", "Colour.RED", "__debug__", "a  | b", "# c", "x -> y", "é", "日本"),
        *("new\nline", "tab\t", "\x00", "\x85", "\u2028", "\ud800"),
    ]
)
plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.binary(max_size=5),
    odd_strings,
    st.text(max_size=10),
    st.sampled_from(Colour),
    st.builds(Ballot, st.integers(), st.text(max_size=3)),
    st.just(Nothing()),
)
values = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.builds(One, inner),
        st.builds(Two, inner, inner),
        st.lists(inner, max_size=3).map(tuple),
        st.frozensets(inner, max_size=3),
    ),
    max_leaves=8,
)


def exactly(value: Any) -> Any:
    """The value with the type of everything in it, so that True and 1 differ."""
    if isinstance(value, frozenset):
        return frozenset, frozenset(map(exactly, value))
    if isinstance(value, tuple):
        return type(value), tuple(map(exactly, value))
    if isinstance(value, One | Two):
        return type(value), tuple(exactly(getattr(value, name)) for name in value.__match_args__)
    return type(value), repr(value)  # repr tells 0.0 from -0.0


@given(values)
def test_what_is_rendered_reads_back_as_the_same_value(value: Any):
    assert exactly(parse(render(value), WORDS)) == exactly(value)


@given(values)
def test_a_rendering_is_one_line(value: Any):
    assert len(render(value).splitlines()) <= 1


def test_equal_values_that_are_not_alike_read_differently():
    # In one process and in this order, so that no memory of the first text may serve the second.
    assert [render(One(n)) for n in (1, True, 1.0)] == ["One(1)", "One(True)", "One(1.0)"]
    assert [render((n,)) for n in (True, 1)] == ["(True,)", "(1,)"]
    assert [render(Two(n, 0)) for n in (False, 0)] == ["Two(left=False, right=0)", "Two(left=0, right=0)"]


def test_how_it_reads():
    assert render(messages.Prepared("T1", "old", "T1")) == "Prepared(tx=T1, undo=old, redo=T1)"
    assert render(messages.Yes("T1")) == "Yes(T1)"
    assert render(Nothing()) == "Nothing()"
    assert render(frozenset({"p2", "p10", "p1"})) == "{p1, p10, p2}"
    assert render({"b": 1, "a": Colour.RED}) == "{a: Colour.RED, b: 1}"
    assert render([1, ("x",)]) == "[1, (x,)]"
    assert render("two words") == "'two words'"


def test_a_list_that_changes_is_rendered_as_it_is_now():
    growing = [1]
    inside = One(growing)
    assert (render(growing), render(inside)) == ("[1]", "One([1])")
    growing.append(2)
    assert (render(growing), render(inside)) == ("[1, 2]", "One([1, 2])")


def test_a_vocabulary_is_the_classes_that_a_module_defines_and_the_kernels_own():
    words = vocabulary(messages)
    assert words["VoteRequest"] is messages.VoteRequest
    assert words["Start"] is Start
    assert "message" not in words
    assert "Enum" not in words, "imported, not defined there"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "a message is written Name"),
        ("One(", "a message is written Name"),
        ("a\0b", "a message is written Name"),
        ("Unknown(1)", "no message is named Unknown; known are Ballot, Colour, Nothing, One, Two"),
        ("Two(1)", r"Two does not take these fields; it is written Two\(left, right\)"),
        ("Two(1, 2, 3)", r"it is written Two\(left, right\)"),
        ("Two(wrong=1)", r"it is written Two\(left, right\)"),
        ("Colour.GREEN", "Colour has no member GREEN"),
        ("Shade.RED", "no message is named Shade"),
        ("Colour(green)", "green"),
        ("1 + 2", "only names, numbers, strings, tuples, sets and messages"),
        ("__import__('os').system('true')", "only names, numbers"),
        ("[x for x in y]", "only names, numbers"),
        ("{[1]}", "cannot read '{\\[1\\]}': unhashable"),
        ("One({(1, [2])})", "unhashable"),
        ("{**a}", "only names, numbers"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(text: str, says: str):
    with pytest.raises(ValueError, match=says):
        parse(text, WORDS)


RENDER_SETS = """
import sys
sys.path.insert(0, sys.argv[1])
from consensus_lab.kernel.notation import render
print(render(frozenset("zyxwvutsrqponmlkjihgfedcba")), render({"b": frozenset({"q", "p", 3}), "a": {2, "1"}}))
"""


def test_the_text_does_not_depend_on_the_hash_seed():
    told = {
        subprocess.run(
            [sys.executable, "-B", "-c", RENDER_SETS, str(REPO)],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(told) == 1
    assert told.pop().endswith("{a: {'1', 2}, b: {3, p, q}}\n")


class Level(IntEnum):
    LOW = 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Level.LOW, "Level.LOW"),
        ({}, "dict()"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        ("inf", "'inf'"),
        ("nan", "'nan'"),
    ],
)
def test_no_two_values_share_a_text(value, text):
    assert render(value) == text
    assert parse(text, {"Level": Level}) == value
    assert type(parse(text, {"Level": Level})) is type(value)
