"""The replicated machine by itself: operations, the client table, and that a request counts once."""

from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.protocols.multi_paxos.client_table import ClientTable, execute_once, is_done
from consensus_lab.protocols.multi_paxos.key_value import Store, execute
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
    store: Store = {}
    table: ClientTable = {}
    request = Request("c1", 1, Add("x", 1))
    first = execute_once(store, table, request, slot=4)
    assert execute_once(store, table, request, slot=9) == first == Reply("c1", 1, 1, 4)
    assert store == {"x": 1}


def test_an_old_request_is_done_once_its_client_has_gone_on():
    table: ClientTable = {}
    execute_once({}, table, Request("c1", 2, Get("x")), slot=1)
    assert is_done(table, Request("c1", 1, Add("x", 1)))
    assert not is_done(table, Request("c1", 3, Add("x", 1)))
    assert not is_done(table, Request("c2", 1, Add("x", 1)))


@given(st.lists(st.tuples(st.integers(0, 2), OPERATIONS), max_size=12), st.randoms())
def test_repeating_any_requests_changes_nothing(asked: list, chance):
    numbers = [0, 0, 0]
    requests = []
    for client, operation in asked:
        numbers[client] += 1
        requests.append(Request(f"c{client}", numbers[client], operation))
    once, twice = ({}, {}), ({}, {})
    for slot, request in enumerate(requests, 1):
        execute_once(*once, request, slot)
        execute_once(*twice, request, slot)
        for earlier in requests[: slot - 1]:
            if chance.random() < 0.3:
                execute_once(*twice, earlier, slot)
    assert once == twice
