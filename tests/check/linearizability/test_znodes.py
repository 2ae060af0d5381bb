"""What a tree of znodes answers, as Apache's DataTree does."""

import pytest

from consensus_lab.check.linearizability import Operation, Ruling, judge
from consensus_lab.check.linearizability.models import EVERYTHING, Znodes
from consensus_lab.check.linearizability.notation import read


def ruling(text: str) -> Ruling:
    return judge(read(f"consensus-lab history 1\n\n{text}").history, Znodes()).ruling


def in_turn(*calls: str) -> str:
    """Calls of one client, one after the other."""
    return "".join(f"a {2 * n}..{2 * n + 1} {call}\n" for n, call in enumerate(calls))


@pytest.mark.parametrize(
    "calls",
    [
        ("create('/a', x) -> '/a'", "get('/a') -> (x, 0)", "set('/a', y) -> 1", "set('/a', z, 0) -> BadVersion"),
        ("create('/a/b', x) -> NoNode", "create('/a') -> '/a'", "create('/a') -> NodeExists"),
        ("create('/a') -> '/a'", "create('/a/b') -> '/a/b'", "delete('/a') -> NotEmpty", "children('/a') -> (b,)"),
        ("create('/a') -> '/a'", "delete('/a', 3) -> BadVersion", "delete('/a', 0)", "exists('/a') -> NoNode"),
        ("create('/e', '', ephemeral) -> '/e'", "create('/e/b') -> NoChildrenForEphemerals", "exists('/e') -> 0"),
        ("create('/e', '', ephemeral) -> '/e'", "end_session()", "exists('/e') -> NoNode"),
        ("create('/n-', '', sequential) -> '/n-0000000000'", "create('/n-', '', sequential) -> '/n-0000000001'"),
    ],
)
def test_these_answers_are_right(calls: tuple[str, ...]) -> None:
    assert ruling(in_turn(*calls)) is Ruling.LINEARIZABLE


def test_a_number_is_not_given_twice_though_its_node_was_deleted() -> None:
    again = ("create('/q') -> '/q'", "create('/q/n', '', sequential) -> '/q/n0000000000'", "delete('/q/n0000000000')")
    assert ruling(in_turn(*again, "create('/q/n', '', sequential) -> '/q/n0000000001'")) is Ruling.LINEARIZABLE
    assert ruling(in_turn(*again, "create('/q/n', '', sequential) -> '/q/n0000000000'")) is Ruling.VIOLATED


def test_a_session_that_ends_takes_only_its_own_ephemerals() -> None:
    text = "a 0..1 create('/e', '', ephemeral) -> '/e'\nb 2..3 end_session()\nb 4..5 exists('/e') -> {}\n"
    assert ruling(text.format("0")) is Ruling.LINEARIZABLE
    assert ruling(text.format("NoNode")) is Ruling.VIOLATED


def test_a_plain_read_that_is_stale_is_not_linearizable() -> None:
    text = "a 0..1 create('/a', x) -> '/a'\na 2..3 set('/a', y) -> 1\nb 4..5 get('/a') -> (x, 0)\n"
    assert ruling(text) is Ruling.VIOLATED


def test_subtrees_are_judged_apart_until_something_touches_them_all() -> None:
    def part(verb: str, *arguments: object) -> object:
        return Znodes().part(Operation("a", verb, arguments, 0, 1))

    assert part("get", "/a/b") == part("create", "/a", "") == "/a"
    assert part("end_session") is part("children", "/") is part("create", "/n", "", "sequential") is EVERYTHING
