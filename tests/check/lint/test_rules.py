"""What the text of a process must not do: each found at its line, with what to do instead. Nothing is run."""

import textwrap

import pytest

from consensus_lab.check.lint import Source, lint_source

HEAD = """\
import os, random, socket, threading
import time as t
from collections import namedtuple
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic as clock
from typing import NamedTuple

from consensus_lab.kernel import Context, Process, message, upon

seen = []
limits = {"votes": 3}

"""


def lint(text: str, *classes: str) -> list[str]:
    """What is found, each with the text of its line."""
    whole = HEAD + textwrap.dedent(text)
    found = lint_source(Source("mine.py", whole), *classes)
    return [f"{whole.splitlines()[finding.line - 1].strip()} | {finding.what}" for finding in found]


def rule(*body: str) -> str:
    """A process with one rule of these lines."""
    lines = "".join(f"        {line}\n" for line in body)
    return f"class Mine(Process):\n    total: int = 0\n\n    def hear(self, yes: 'Yes', ctx: Context) -> None:\n{lines}"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("self.total = t.time()", "reads a clock: time.time"),
        ("self.total = clock()", "reads a clock: time.monotonic"),
        ("self.total = datetime.now()", "reads a clock: datetime.datetime.now"),
        ("self.total = random.randint(1, 6)", "throws dice: random.randint"),
        ("self.total = os.urandom(8)", "throws dice: os.urandom"),
        ("threading.Thread(target=self.hear).start()", "runs something beside the rule: threading.Thread"),
        ("socket.create_connection(('localhost', 80))", "opens a way out of its own: socket.create_connection"),
        ("open('log', 'a')", "goes to files or the system: open"),
        ("self.total = os.getpid()", "goes to files or the system: os.getpid"),
        ("self.total = hash(yes)", "asks for an identity: hash"),
        ("self.total = ctx.now", "reads ctx.now, which differs from run to run and from search to search"),
        ("seen.append(yes)", "changes a variable of the module: seen"),
        ("limits['votes'] = 4", "changes a variable of the module: limits"),
        ("del limits['votes']", "changes a variable of the module: limits"),
        ("global seen", "changes a variable of the module: seen"),
        ("Mine.total += 1", "changes what belongs to the class, not to the node: Mine.total"),
        ("type(self).total = 1", "changes what belongs to the class, not to the node: type(self).total"),
        ("yes.voters.add(ctx.me)", "changes the message that it received: yes"),
        ("yes.tx = 'T2'", "changes the message that it received: yes"),
        ("object.__setattr__(yes, 'tx', 'T2')", "forces a frozen value open with object.__setattr__"),
    ],
)
def test_each_is_found_at_its_line(line: str, what: str) -> None:
    assert lint(rule(line)) == [f"{line} | {what}"]


@pytest.mark.parametrize(
    "line",
    [
        "self.total = timedelta(seconds=3).total_seconds()",
        "seen = []; seen.append(yes)",
        "self.total = len(seen) + limits['votes']",
        "votes = set(); votes.add(ctx.sender)",
        "random = 4; self.total = random",
        "ctx.set_timer(yes, 1.0, 2.0); ctx.send(ctx.sender, yes)",
        "self.total = {**limits}['votes']",
    ],
)
def test_what_is_its_own_affair_is_not_found(line: str) -> None:
    assert lint(rule(line)) == []


def test_a_container_of_the_class_that_is_no_field_is_shared_by_all_nodes() -> None:
    shared = """\
        class Mine(Process):
            votes = set()

            def hear(self, yes, ctx: Context) -> None:
                self.votes.add(ctx.sender)
        """
    assert lint(shared) == [
        "self.votes.add(ctx.sender) | changes what belongs to the class, not to the node: self.votes"
    ]


def test_a_field_may_be_called_like_what_a_rule_must_not_call() -> None:
    assert lint("class Mine(Process):\n    id: int = 0\n    hash: str = ''\n    time: float = 0.0\n") == []


def test_what_a_rule_calls_is_looked_at_too_and_what_nobody_calls_is_not() -> None:
    text = """\
        def now():
            return clock()

        def unused():
            return clock()

        class Mine(Process):
            def hear(self, yes, ctx: Context) -> None:
                self.since = now()

        class Other(Process):
            def hear(self, yes, ctx: Context) -> None:
                self.since = unused()
        """
    assert lint(text, "Mine") == ["return clock() | reads a clock: time.monotonic"]
    assert len(lint(text)) == 2


def test_messages_whose_equality_lies() -> None:
    text = """\
        class Yes(NamedTuple):
            tx: str

        No = namedtuple("No", "tx")

        @dataclass
        class Maybe:
            tx: str

        @dataclass(frozen=True, eq=False)
        class Never:
            tx: str

        class Point(NamedTuple):
            x: int

        class Mine(Process):
            @upon(Yes)
            def hear(self, yes: Yes, ctx: Context) -> None:
                ctx.reply(No("t"))
                ctx.broadcast(["a"], Maybe("t"))
                ctx.force(Never("t"))
                self.at = Point(1)
        """
    tuples = "is a tuple, so it equals every other message with the same values: {0}(1) == Other(1)"
    assert lint(text, "Mine") == [
        f"class Yes(NamedTuple): | Yes {tuples.format('Yes')}",
        f'No = namedtuple("No", "tx") | No {tuples.format("No")}',
        "class Maybe: | Maybe is sent, and could change after it was",
        "class Never: | Never is equal only to itself, so no two schedules would meet",
    ]


def test_every_finding_says_how_to_mend_it() -> None:
    (finding,) = lint_source(Source("mine.py", HEAD + rule("self.total = t.time()")))
    assert str(finding).startswith("mine.py:18: reads a clock: time.time\n    Time arrives as messages: set a timer")
