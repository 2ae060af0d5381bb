"""The replicated applications: a primary prepares ahead of what is applied, and a replica follows by applying."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.protocols.zab.application import (
    CloseSession,
    Counter,
    Delete,
    Entered,
    Get,
    Increment,
    KeyValueMap,
    Put,
    Refused,
    Removed,
    Total,
)

OPERATIONS = st.one_of(
    st.builds(Put, st.sampled_from("abc"), st.sampled_from("xy"), st.integers(-1, 2), st.booleans()),
    st.builds(Delete, st.sampled_from("abc")),
    st.just(CloseSession()),
)


def test_a_counter_prepares_totals_and_not_increments():
    primary = Counter(value=5)
    primary.lead()
    assert [primary.prepare(1, Increment(2)), primary.prepare(2, Increment(3))] == [Total(7), Total(10)]
    assert primary.read(Total()) == 5
    assert primary.apply(1, Total(7)) == 7
    primary.lead()
    assert primary.prepare(1, Increment()) == Total(8), "what was prepared before will not come"


def test_a_map_prepares_versions_ahead_of_what_is_applied():
    primary = KeyValueMap()
    first, second = primary.prepare(1, Put("k", "v")), primary.prepare(1, Put("k", "w", version=0))
    assert (first, second) == (Entered("k", "v", 0), Entered("k", "w", 1))
    assert primary.prepare(2, Put("k", "x", version=0)) == Refused("version is 1")
    assert primary.read(Get("k")) is None
    assert [primary.apply(1, body) for body in (first, second)] == [0, 1]
    assert (primary.read(Get("k")), primary.ahead) == ("w", {})


def test_what_is_ephemeral_goes_with_its_session_be_it_applied_or_only_prepared():
    primary = KeyValueMap()
    primary.apply(7, primary.prepare(7, Put("a", "v", ephemeral=True)))
    primary.prepare(7, Put("b", "v", ephemeral=True))
    primary.prepare(7, Put("c", "v"))
    assert primary.prepare(7, CloseSession()) == Removed(("a", "b"), closed=True)
    assert primary.knows(7)
    primary.apply(7, Removed(("a", "b"), closed=True))
    assert not primary.knows(7)


def test_what_cannot_be_done_is_a_transaction_that_does_nothing():
    primary = KeyValueMap()
    refused = primary.prepare(1, Delete("k"))
    assert refused == Refused("no such key")
    assert primary.apply(1, refused) == refused


@pytest.mark.parametrize("make", [KeyValueMap], ids=["map"])
@given(st.lists(st.tuples(st.integers(1, 2), OPERATIONS, st.integers(0, 3)), max_size=20))
def test_a_primary_foresees_exactly_what_comes(make: Any, wishes: list):
    """However far it prepares ahead, its replica at the end is that of one that prepared each when it was due."""
    ahead, due, outstanding = make(), make(), []
    for session, operation, applied in wishes:
        outstanding.append((session, ahead.prepare(session, operation)))
        due.apply(session, due.prepare(session, operation))
        for _ in range(min(applied, len(outstanding))):
            ahead.apply(*outstanding.pop(0))
    for session, body in outstanding:
        ahead.apply(session, body)
    assert ahead.snapshot() == due.snapshot()
    assert ahead.ahead == {}


@pytest.mark.parametrize("application", [Counter(7), KeyValueMap()], ids=["counter", "map"])
def test_a_snapshot_restores_the_state(application: Any):
    if isinstance(application, KeyValueMap):
        application.apply(1, application.prepare(1, Put("k", "v")))
        application.apply(2, application.prepare(2, CloseSession()))
    other = type(application)()
    other.restore(application.snapshot())
    assert other.snapshot() == application.snapshot()
