"""What goes through the codec comes out the same: structure and types, for every value a message may hold."""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.kernel import Disconnected, message
from consensus_lab.kernel.notation import render, vocabulary
from consensus_lab.net.codec import Codec
from consensus_lab.net.errors import CodecError, MalformedError, UnencodableError
from consensus_lab.protocols import two_phase_commit
from tests.net import words
from tests.net.words import Ballot, Box, Colour, Empty, Level, No, Yes

CODEC = Codec(vocabulary(words))

text = st.text(st.characters(exclude_categories=["Cs"]))
atoms = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text | st.binary()
    | st.sampled_from(Colour) | st.sampled_from(Level)
)  # fmt: skip
hashables = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner, max_size=4).map(tuple)
        | st.frozensets(inner, max_size=4)
        | st.builds(Box, inner, text)
        | st.builds(Ballot, inner, inner)
        | st.builds(Yes, text)
        | st.just(Empty())
    ),
    max_leaves=10,
)
values = st.recursive(
    hashables,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.sets(hashables, max_size=4)
        | st.dictionaries(hashables, inner, max_size=4)
        | st.builds(Box, inner, text)
    ),
    max_leaves=20,
)


def typed(value: Any) -> Any:
    """The value with the type of every part written beside it: what == overlooks (True == 1, 0.0 == -0.0)."""
    kind = type(value)
    if isinstance(value, float):
        return kind, value, math.copysign(1, value)
    if isinstance(value, set | frozenset):
        return kind, frozenset(map(typed, value))
    if isinstance(value, dict):
        return kind, tuple((typed(key), typed(item)) for key, item in value.items())
    if isinstance(value, list | tuple):
        return kind, tuple(map(typed, value))
    if isinstance(value, Box):
        return kind, typed(value.content), value.label
    return kind, value


@given(values)
def test_every_value_survives_with_the_types_of_all_its_parts(value: Any):
    assert typed(CODEC.decode(CODEC.encode(value))) == typed(value)


@given(values)
def test_equal_values_have_equal_bytes_so_that_no_run_depends_on_the_order_of_a_set(value: Any):
    assert CODEC.encode(CODEC.decode(CODEC.encode(value))) == CODEC.encode(value)


@pytest.mark.parametrize(
    "value",
    [
        True, 1, 1.0, -0.0, None, "", "Yes", b"", b"\xff", (), [], frozenset(), set(), {}, (1,), [1], [[]], ([],),
        {1: "a", (2, 3): [None]}, Colour.RED, Level.LOW, Ballot(1, "p"), Empty(), Yes("T1"), No("T1"),
        Box(Box((Yes("x"),))), frozenset({1, "1", (1,), Yes("1")}), 2**200, float("inf"), "()", ["()", 1],
        "\u2205 \U0001f600 \n\x00", Disconnected("p1"),
    ],
    ids=lambda value: render(value),  # sorted, so that every worker collects the same
)  # fmt: skip
def test_what_is_easily_confused_is_not(value: Any):
    assert typed(CODEC.decode(CODEC.encode(value))) == typed(value)


def test_not_a_number_survives():
    assert math.isnan(CODEC.decode(CODEC.encode(math.nan)))


def test_a_message_is_plain_json_that_a_person_can_read():
    assert CODEC.encode(Box((Yes("T1"), None), "two")) == b'["Box",["()",["Yes","T1"],null],"two"]'


def test_every_word_of_a_protocol_can_travel():
    codec = Codec(vocabulary(two_phase_commit.messages))
    prepared = two_phase_commit.messages.Prepared("T1", undo="old", redo="T1")
    assert codec.decode(codec.encode(prepared)) == prepared


tags = st.sampled_from(["Yes", "Box", "Colour", "()", "{}", "{*}", "{:}", "b''"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | text | tags,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=2),
)


@given(st.binary(max_size=60) | json_values.map(lambda item: json.dumps(item).encode()))
def test_any_bytes_are_either_read_or_refused_as_malformed(data: bytes):
    with suppress(MalformedError):
        value = CODEC.decode(data)
        assert typed(CODEC.decode(CODEC.encode(value))) == typed(value)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b'["Maybe","T1"]', "no message is named 'Maybe'; known are Ballot, Box,"),
        (b'["Yes"]', "Yes is written Yes(tx), not with 0 fields"),
        (b'["Yes","T1","T2"]', "Yes is written Yes(tx), not with 2 fields"),
        (b'["Colour","GREEN"]', "Colour has no member"),
        (b"[]", "no message is named ''"),
        (b'[["Yes"]]', "no message is named ['Yes']"),
        (b'{"Yes":"T1"}', "a JSON object stands where"),
        (b'["{}",["[]"]]', "unhashable"),
        (b'["{:}",1]', "shorter"),
        (b'["b\'\'","?"]', "cannot read"),
        (b"[\"b''\"]", "bytes are written as one text in base64"),
        (b'["Yes","T1"', 'cannot read b\'["Yes","T1"\''),
        (b"\xff", "cannot read b'\\xff'"),
        (b"", "cannot read b''"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_bytes_that_say_nothing_are_refused_with_what_is_wrong(data: bytes, complaint: str):
    with pytest.raises(MalformedError, match=re.escape(complaint)):
        CODEC.decode(data)


def test_a_value_without_a_word_is_refused_by_name():
    @message
    class Stranger:
        tx: str

    for value in (Stranger("T1"), (1, [Stranger("T1")]), object(), 1j):
        with pytest.raises(UnencodableError, match="is no word here; known are Ballot, Box, Colour"):
            CODEC.encode(value)


@pytest.mark.parametrize(
    ("value", "complaint"), [("\ud800", "not valid Unicode"), (10**5000, "digits")], ids=["surrogate", "digits"]
)
def test_a_value_that_could_not_be_read_back_is_not_written(value: Any, complaint: str):
    with pytest.raises(UnencodableError, match=complaint):
        CODEC.encode(value)


def test_a_value_that_contains_itself_is_refused():
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(CodecError, match="nested too deeply"):
        CODEC.encode(loop)


def test_the_fingerprint_tells_two_vocabularies_apart():
    @message
    class Yes:
        tx: str
        why: str

    same, grown = Codec(vocabulary(words)), Codec({**vocabulary(words), "Yes": Yes})
    assert same.fingerprint == CODEC.fingerprint != grown.fingerprint
