"""Linearizable means: each operation at one moment of its own, between its call and its return (Herlihy, Wing 1990)."""

from collections.abc import Sequence
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.check.linearizability import MODELS, UNKNOWN, History, Model, Operation, Ruling, judge, minimise
from consensus_lab.check.linearizability.models import KeyValue, Lock, Queue, Register
from consensus_lab.check.linearizability.notation import read


def of(model: str, text: str) -> tuple[Model, History]:
    return MODELS[model](), read(f"consensus-lab history 1\n\n{text}").history


def ruling(model: str, text: str) -> Ruling:
    kind, history = of(model, text)
    return judge(history, kind).ruling


# -- what the definition says ------------------------------------------------------------------------------------------


def test_a_read_during_a_write_may_see_it_or_not() -> None:
    either = "a 0..9 write(1)\nb 2..4 read() -> {}\n"
    assert ruling("register", either.format("1")) is Ruling.LINEARIZABLE
    assert ruling("register", either.format("None")) is Ruling.LINEARIZABLE


def test_a_read_after_a_write_sees_it() -> None:
    assert ruling("register", "a 0..1 write(1)\nb 2..4 read() -> None\n") is Ruling.VIOLATED


def test_what_one_read_saw_of_a_write_no_later_read_may_unsee() -> None:
    text = "a 0..9 write(1)\nb 1..3 read() -> 1\nc 4..6 read() -> None\n"
    assert ruling("register", text) is Ruling.VIOLATED


def test_what_touches_is_concurrent() -> None:
    assert ruling("register", "a 0..2 write(1)\nb 2..4 read() -> None\n") is Ruling.LINEARIZABLE


def test_a_call_that_never_returned_may_take_effect_late() -> None:
    assert ruling("register", "a 0.. write(1)\nb 5..6 read() -> None\nb 7..8 read() -> 1\n") is Ruling.LINEARIZABLE


def test_a_call_that_never_returned_takes_effect_once() -> None:
    text = "a 0.. write(1)\nb 1..2 read() -> 1\nb 3..4 write(2)\nb 5..6 read() -> 1\n"
    assert ruling("register", text) is Ruling.VIOLATED


def test_an_answer_that_nobody_saw_may_have_been_any() -> None:
    assert ruling("register", "a 0..1 cas(5, 6) -> ?\nb 2..3 read() -> None\n") is Ruling.LINEARIZABLE


def test_a_wrong_type_is_a_wrong_answer() -> None:
    assert ruling("register", "a 0..1 write(1)\nb 2..3 read() -> True\n") is Ruling.VIOLATED


def test_an_order_that_explains_the_history_is_given() -> None:
    kind, history = of("register", "a 0..9 write(1)\nb 1..8 write(2)\nc 2..3 read() -> 2\nc 4..5 read() -> 1\n")
    (part,) = judge(history, kind).parts
    assert [str(operation) for operation in part.order] == ["write(2)", "read() -> 2", "write(1)", "read() -> 1"]


def test_nothing_at_all_is_linearizable() -> None:
    assert judge((), Register()).ruling is Ruling.LINEARIZABLE


# -- what a budget may say ---------------------------------------------------------------------------------------------

HARD = tuple(Operation(f"c{n}", "enqueue", (n,), 0, 100) for n in range(9))
HARD = (*HARD, *(Operation("r", "dequeue", (), 101 + 2 * n, 102 + 2 * n, n if n < 8 else 99) for n in range(9)))


def test_a_spent_budget_of_steps_is_no_verdict() -> None:
    verdict = judge(HARD, Queue(), steps=1_000)
    assert verdict.ruling is Ruling.UNKNOWN
    assert str(verdict).startswith("unknown: the queue not settled within 1,000 steps (18 operations on a queue")


def test_time_is_read_from_the_clock_that_is_handed_in() -> None:
    hours = iter(range(10**6))
    verdict = judge(HARD, Queue(), seconds=3, clock=lambda: next(hours))
    assert verdict.ruling is Ruling.UNKNOWN
    assert "within 3 seconds" in str(verdict)


def test_seconds_need_a_clock() -> None:
    with pytest.raises(ValueError, match="needs a clock"):
        judge(HARD, Queue(), seconds=1)


def test_a_part_that_is_violated_is_told_though_others_are_unknown() -> None:
    keys = (*(Operation(f"c{n}", "append", ("x", n), 0, 9) for n in range(3)), Operation("r", "get", ("y",), 0, 1, 5))
    verdict = judge(keys, KeyValue(), steps=2)
    assert verdict.ruling is Ruling.VIOLATED
    assert str(verdict).startswith("not linearizable: key y (4 operations on a kv")


def test_an_operation_that_the_object_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a register has no get: it has read\(\), write\(new\), cas\(expected, new\)"):
        judge((Operation("a", "get", (), 0, 1),), Register())
    with pytest.raises(ValueError, match=r"write\(1, 2\) does not fit: a register has"):
        judge((Operation("a", "write", (1, 2), 0, 1),), Register())


def test_an_operation_that_makes_no_sense_where_it_is_done_is_refused() -> None:
    with pytest.raises(ValueError, match=r"append\(x, 1\) cannot be done where 'a b' is"):
        judge(
            (Operation("a", "put", ("x", "a b"), 0, 1, None), Operation("a", "append", ("x", 1), 2, 3, None)),
            KeyValue(),
        )


# -- parts -------------------------------------------------------------------------------------------------------------


def test_keys_are_judged_one_by_one() -> None:
    kind, history = of("kv", "a 0..1 put(x, 1)\nb 2..3 get(y) -> None\nb 4..5 get(x) -> 1\n")
    assert {part.key: len(part.operations) for part in judge(history, kind).parts} == {"x": 2, "y": 1}


def test_a_lock_is_held_by_one_client_at_a_time() -> None:
    assert ruling("lock", "a 0..1 acquire(L)\nb 2..3 acquire(L)\n") is Ruling.VIOLATED
    assert ruling("lock", "a 0..1 acquire(L)\nb 2..5 acquire(L)\na 3..4 release(L)\n") is Ruling.LINEARIZABLE
    assert ruling("lock", "a 0..1 acquire(L)\nb 2..3 acquire(K)\n") is Ruling.LINEARIZABLE
    assert ruling("lock", "a 0..1 acquire(L)\nb 2..3 try_acquire(L) -> False\n") is Ruling.LINEARIZABLE
    assert ruling("lock", "a 0..1 acquire(L)\nb 2..3 release(L)\n") is Ruling.VIOLATED
    assert Lock().verbs().keys() == {"acquire", "try_acquire", "release"}


def test_a_queue_gives_back_in_the_order_in_which_it_was_given() -> None:
    both = "a 0..1 enqueue(1)\na 2..3 enqueue(2)\nb 4..5 dequeue() -> {}\nb 6..7 dequeue() -> {}\n"
    assert ruling("queue", both.format(1, 2)) is Ruling.LINEARIZABLE
    assert ruling("queue", both.format(2, 1)) is Ruling.VIOLATED
    assert ruling("queue", "b 0..1 dequeue() -> None\n") is Ruling.LINEARIZABLE


@pytest.mark.parametrize(
    ("model", "states", "operations"),
    [
        (Register(), (None, 0, 1), "a 0..1 read() -> 0\na 2..3 cas(0, 1) -> False\n"),
        (KeyValue(), (None, 0, 1), "a 0..1 get(x) -> 0\na 2..3 cas(x, 0, 1) -> False\n"),
        (Lock(), (None, "a", "b"), "a 0..1 try_acquire(L) -> False\n"),
        (Queue(), ((), (1,), (1, 2)), "a 0..1 dequeue() -> None\n"),
    ],
)
def test_what_is_said_to_observe_changes_nothing(model: Model, states: tuple[object, ...], operations: str) -> None:
    for operation in read(f"consensus-lab history 1\n\n{operations}").history:
        assert model.observes(operation)
        effects = [(state, model.apply(state, operation)) for state in states]
        assert all(effect[0] == state for state, effect in effects if effect and effect[1] == operation.answer)


# -- against the definition, tried out in full -------------------------------------------------------------------------

CALLS = st.one_of(
    st.tuples(st.just("read"), st.just(()), st.sampled_from([None, 0, 1])),
    st.tuples(st.just("write"), st.tuples(st.integers(0, 1)), st.none()),
    st.tuples(st.just("cas"), st.tuples(st.integers(0, 1), st.integers(0, 1)), st.booleans()),
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Up to five operations, some of which never return, or return with an answer that nobody saw."""
    made = []
    for number in range(draw(st.integers(1, 5))):
        verb, arguments, answer = draw(CALLS)
        called = draw(st.integers(0, 8))
        returned = draw(st.none() | st.integers(called, called + 4))
        unseen = returned is None or draw(st.integers(0, 4)) == 0
        made.append(Operation(f"c{number}", verb, arguments, called, returned, UNKNOWN if unseen else answer))
    return tuple(made)


def is_explained(history: Sequence[Operation]) -> bool:
    """The definition, word by word: some of the unanswered taken as well, and some order of all that respects time."""
    returned = [operation for operation in history if operation.returned is not None]
    others = [operation for operation in history if operation.returned is None]
    chosen = (picked for count in range(len(others) + 1) for picked in combinations(others, count))
    return any(gives_its_answers(order) for picked in chosen for order in permutations([*returned, *picked]))


def gives_its_answers(order: Sequence[Operation]) -> bool:
    register, state = Register(), None
    for place, operation in enumerate(order):
        if any(later.returned is not None and later.returned < operation.called for later in order[place:]):
            return False
        state, answer = register.apply(state, operation)
        if operation.answer is not UNKNOWN and (type(answer), answer) != (type(operation.answer), operation.answer):
            return False
    return True


@given(histories())
def test_the_search_agrees_with_the_definition(history: History) -> None:
    assert (judge(history, Register()).ruling is Ruling.LINEARIZABLE) == is_explained(history)


@given(histories())
def test_a_window_is_not_linearizable_by_the_definition_either(history: History) -> None:
    part = judge(history, Register()).offending
    if part is not None:
        window = minimise(part, Register())
        assert not is_explained((*first_written(window.states, window.operations), *window.operations, *window.free))


def first_written(states: tuple[object, ...], operations: History) -> History:
    """The state at the beginning as a write that came before all: the definition knows of no other."""
    assert len(states) >= 1
    before = min(operation.called for operation in operations) - 2
    return () if states[0] is None else (Operation("before", "write", (states[0],), before - 1, before),)
