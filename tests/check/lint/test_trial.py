"""What a trial finds out by running a process: every step twice, and again with sets in another order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from consensus_lab.check.lint import differences, try_out
from consensus_lab.kernel import Cast, Context, Process, message, upon
from consensus_lab.lab.catalogue import make_cast

calls: list[str] = []


@message
class Ask:
    number: int | bool


class Loose:
    """A value that is equal by what it holds, and can change all the same."""

    def __init__(self) -> None:
        self.seen = 0

    def __hash__(self) -> int:
        return 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loose) and other.seen == self.seen

    def __repr__(self) -> str:
        return f"Loose({self.seen})"


@message
class Box:
    content: Loose


class Pair(NamedTuple):
    number: int


class Twin(NamedTuple):
    number: int


Answer = Callable[["Server", Context], None]


@dataclass
class Server(Process):
    """Answers as it is told to."""

    answer: Answer
    total: int = 0
    kept: Any = field(default=None)

    @upon(Ask)
    def respond(self, ask: Ask, ctx: Context) -> None:
        self.answer(self, ctx)


def found(answer: Answer) -> list[str]:
    cast = Cast("toy", {"s1": Server(answer)}, (("s1", Ask(1)), ("s1", Ask(2))))
    return [finding.what for finding in try_out(cast, seeds=2).findings]


def test_a_shipped_protocol_is_clean() -> None:
    trial = try_out(make_cast("two-phase-commit", ()), seeds=3)
    assert trial.findings == []
    assert len(trial.lines) > 30


def test_a_step_that_differs_when_it_is_taken_again() -> None:
    def count_outside(server: Server, ctx: Context) -> None:
        calls.append("call")
        server.total = len(calls)

    assert "Server.respond does not do the same twice" in found(count_outside)[0]


def test_a_field_that_cannot_be_compared_is_named_with_its_line() -> None:
    def keep_function(server: Server, ctx: Context) -> None:
        server.kept = object()

    cast = Cast("toy", {"s1": Server(keep_function)}, (("s1", Ask(1)),))
    finding = try_out(cast, seeds=1).findings[0]
    assert finding.what == "Server.kept holds a object"
    with open(__file__, encoding="utf-8") as lines:
        assert list(lines)[finding.line - 1].strip() == "kept: Any = field(default=None)"


def test_a_message_that_changes_after_it_was_sent() -> None:
    def change_later(server: Server, ctx: Context) -> None:
        if server.kept is None:
            server.kept = Box(Loose())
        else:
            server.kept.content.seen += 1
        ctx.reply(server.kept)

    assert "Server.respond changed Box" in found(change_later)


def test_equal_messages_that_do_not_say_the_same() -> None:
    def tell_truth_as_number(server: Server, ctx: Context) -> None:
        server.total += 1
        ctx.reply(Ask(True) if server.total == 1 else Ask(1))

    def mistake_tuples(server: Server, ctx: Context) -> None:
        server.total += 1
        ctx.reply(Pair(1) if server.total == 1 else Twin(1))

    assert found(tell_truth_as_number) == ["Server.respond says Ask(1), which equals Ask(True)"]
    assert found(mistake_tuples) == ["Server.respond says Twin(1), which equals Pair(1)"]


def test_a_rule_that_raises_is_no_matter_of_a_trial() -> None:
    def fail(server: Server, ctx: Context) -> None:
        raise NotImplementedError("when?")

    assert found(fail) == []


def test_the_first_step_that_two_interpreters_do_not_do_alike_is_told() -> None:
    lines = try_out(make_cast("two-phase-commit", ()), seeds=1).lines
    changed = [*lines[:3], type(lines[3])(lines[3].file, lines[3].line, "Mine.vote", "other"), *lines[4:]]
    assert differences(lines, lines) == []
    assert differences(changed, lines)[0].what.startswith("Mine.vote depends on the order of a set: once 'other'")
