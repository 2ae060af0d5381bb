"""A history as text: written, read, and refused with the line that is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.check.linearizability import UNKNOWN, History, Operation
from consensus_lab.check.linearizability.notation import HistoryFile, read, write
from consensus_lab.kernel.trace import BadText

TEXT = """\
consensus-lab history 1
model: register
initial: 0

c1  0..100  write(100)
c2  25..75  read() -> 100
c3  30..60  read() -> ?
c4  40..    cas(100, 7)
"""

VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.tuples(st.text(max_size=2))


@st.composite
def operations(draw: st.DrawFn) -> Operation:
    client, called = draw(st.sampled_from(["c1", "client-2", "#3"])), draw(st.integers(-5, 9))
    arguments = tuple(draw(st.lists(VALUES, max_size=3)))
    if draw(st.booleans()):
        return Operation(client.strip("#"), "call", arguments, called)
    return Operation(client.strip("#"), "call", arguments, called, called + 1, draw(VALUES | st.just(UNKNOWN)))


def test_it_reads_as_it_is_written() -> None:
    file = read(TEXT)
    assert write(file) == TEXT
    assert (file.model, file.initial) == ("register", (0,))
    assert file.history[1] == Operation("c2", "read", (), 25, 75, 100)
    assert file.history[2].answer is UNKNOWN
    assert file.history[3].returned is None


@given(st.lists(operations()).map(tuple))
def test_what_is_written_is_read_back(history: History) -> None:
    assert read(write(HistoryFile(history))).history == history


def test_comments_and_empty_lines_say_nothing() -> None:
    commented = "consensus-lab history 1\n# a comment\n\nc1 0..1 write('#1') # the first\n"
    assert read(commented).history == (Operation("c1", "write", ("#1",), 0, 1, None),)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("c1 read() -> 1", "line 3: expected 'CLIENT  CALLED..RETURNED  VERB"),
        ("c1 5..3 read() -> 1", r"line 3: read\(\) returned at 3, before it was called at 5"),
        ("c1 5.. read() -> 1", "line 3: read has the answer 1, but never returned"),
        ("c1 5..6 read(1 +) -> 1", "line 3: cannot read"),
        ("c1 5..6 read() -> Ballot(1)", "line 3: no message is named Ballot"),
    ],
)
def test_a_line_that_is_none_is_refused(line: str, why: str) -> None:
    with pytest.raises(BadText, match=why):
        read(f"consensus-lab history 1\n\n{line}\n")


def test_another_file_is_refused() -> None:
    with pytest.raises(BadText, match="line 1: not a history: it must begin with 'consensus-lab history 1'"):
        read("consensus-lab trace 1\n")
