"""The replicated machine by itself: operations, the client table, and that a request counts once."""

from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.protocols.multi_paxos.key_value import Store, execute
from consensus_lab.protocols.multi_paxos.machine import Machine
from consensus_lab.protocols.multi_paxos.messages import Add, Get, Put, Reply, Request
from tests.protocols.multi_paxos.running import OPERATIONS


def test_each_operation_answers_with_what_it_found_or_made():
    store: Store = {}
    assert execute(store, Get("x")) is None
    assert execute(store, Put("x", "red")) is None
    assert execute(store, Put("x", 5)) == "red"
    assert execute(store, Add("x", 2)) == 7
    assert execute(store, Get("x")) == 7
    assert store == {"x": 7}


def test_a_request_that_comes_twice_counts_once_and_is_answered_alike():
    machine = Machine(applied=4)
    request = Request("c1", 1, Add("x", 1))
    first = machine.perform(request)
    machine.applied = 9
    assert machine.perform(request) == first == Reply("c1", 1, 1, 4)
    assert machine.store == {"x": 1}


def test_an_old_request_is_done_once_its_client_has_gone_on():
    machine = Machine()
    machine.perform(Request("c1", 2, Get("x")))
    assert machine.is_done(Request("c1", 1, Add("x", 1)))
    assert not machine.is_done(Request("c1", 3, Add("x", 1)))
    assert not machine.is_done(Request("c2", 1, Add("x", 1)))


def requests_of(asked: list) -> list[Request]:
    """Each client numbers what it asks for."""
    numbers = [0, 0, 0]
    requests = []
    for client, operation in asked:
        numbers[client] += 1
        requests.append(Request(f"c{client}", numbers[client], operation))
    return requests


ASKED = st.lists(st.tuples(st.integers(0, 2), OPERATIONS), max_size=12)


@given(ASKED, st.randoms())
def test_repeating_any_requests_changes_nothing(asked: list, chance):
    once, twice = Machine(), Machine()
    requests = requests_of(asked)
    for slot, request in enumerate(requests, 1):
        once.applied = twice.applied = slot
        once.perform(request)
        twice.perform(request)
        for earlier in requests[: slot - 1]:
            if chance.random() < 0.3:
                twice.perform(earlier)
    assert once == twice


@given(ASKED)
def test_a_machine_that_adopts_a_snapshot_goes_on_as_the_one_that_it_is_of(asked: list):
    original, copy = Machine(), Machine()
    requests = requests_of(asked)
    for slot, request in enumerate(requests, 1):
        original.applied = slot
        original.perform(request)
    copy.adopt(original.make_snapshot())
    assert copy == original
    assert [copy.perform(request) for request in requests] == [original.perform(request) for request in requests]
