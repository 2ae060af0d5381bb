"""A trace as text: a line a step, readable in a diff, read back line by line, with a sentence for what is no trace."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.kernel import Append, CancelTimer, Decide, Effect, Force, Note, Send, SetTimer
from consensus_lab.kernel.notation import render
from consensus_lab.kernel.trace import BadText, Header, Step, Trace, describe, read, read_parameters, write_parameters
from tests.kernel.toys import Alarm, Answer, Ask, Kept, Said

HEADER = Header("toy", (("participants", "3"), ("variant", "odd")), "toy/story", "seeded 7")


def step(choice: str, *asked: Effect, rule: str = "", held: Any = (), freed: Any = (), now: int = 0) -> Step[str, None]:
    return Step(choice, now, rule, asked, tuple(held), tuple(freed), None)


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (Send("p1", Ask(1)), "send Ask(1) -> p1"),
        (Send("p1", Ask(1), eager=True), "send eagerly Ask(1) -> p1"),
        (Force(Kept(1)), "force Kept(1)"),
        (Append(Kept(1)), "append Kept(1)"),
        (SetTimer(Alarm(1), 2.0, 2.0), "timer Alarm(1) in 2 s"),
        (SetTimer(Alarm(1), 0.15, 0.3), "timer Alarm(1) in 0.15 to 0.3 s"),
        (CancelTimer(Alarm(1)), "cancel Alarm(1)"),
        (Decide(Answer(1)), "decide Answer(1)"),
        (Note("a sentence"), "note a sentence"),
    ],
)
def test_every_effect_is_a_few_words(effect: Effect, words: str):
    assert describe(effect) == words


def test_what_waits_for_the_disk_is_told_as_held():
    assert describe(Send("p1", Ask(1)), held=True) == "hold Ask(1) -> p1"
    assert describe(Decide(1), held=True) == "hold decision 1"


def test_of_two_equal_messages_only_the_one_that_waits_is_told_as_held():
    before, after = Send("p1", Ask(1)), Send("p1", Ask(1))
    told = step("do", before, Force(Kept(1)), after, rule="act", held=[after])
    assert told.outcome == "act: send Ask(1) -> p1; force Kept(1); hold Ask(1) -> p1"


def test_a_step_is_one_line_with_its_time_choice_rule_and_outcome():
    told = step("deliver a -> b Ask(1)", Send("a", Answer(1)), rule="answer", now=1_250_000)
    assert str(told) == "1.250000  deliver a -> b Ask(1)  | answer: send Answer(1) -> a"
    assert str(step("crash b", now=2)) == "0.000002  crash b"
    assert str(step("deliver a -> b Ask(1)", rule="no rule")) == "0.000000  deliver a -> b Ask(1)  | no rule"


def test_what_is_written_reads_back():
    trace = Trace([step("fire p1 Alarm(1)", Note("x"), rule="wake", now=5), step("sync p1", now=1_000_005)])
    text = trace.text(HEADER, {0: ["First."], 2: ["Last,", "and least."]})
    record = read(text)
    assert record.header == HEADER
    assert [(line.now, line.choice, line.outcome) for line in record.lines] == [
        (5, "fire p1 Alarm(1)", "wake: note x"),
        (1_000_005, "sync p1", ""),
    ]
    assert record.captions == {0: ["First."], 2: ["Last,", "and least."]}
    assert [text.splitlines()[line.number - 1] for line in record.lines] == [str(each) for each in trace]


awkward = st.one_of(
    st.sampled_from(["a  | b", "it's", "'", '"', "\\", "x\ny", "  | ", "'  | \"", "# no"]), st.text(max_size=8)
)


@given(st.lists(awkward, min_size=1, max_size=3), awkward)
def test_no_string_in_a_message_or_a_note_breaks_a_line(strings: list[str], note: str):
    steps = [step(f"deliver a -> b {render(Said(text))}", Note(note), now=n) for n, text in enumerate(strings)]
    text = Trace(steps).text(HEADER, {0: [note or "."]})
    lines = read(text).lines
    assert [line.choice for line in lines] == [each.choice for each in steps]
    assert [line.outcome for line in lines] == [each.outcome for each in steps]


def test_a_caption_of_two_lines_is_two_captions():
    assert read(Trace().text(HEADER, {0: ["one\ntwo"]})).captions == {0: ["one", "two"]}


@given(st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), st.from_regex(r"[\w.+:/]*", fullmatch=True)))
def test_a_casts_parameters_read_back(parameters: dict[str, str]):
    assert dict(read_parameters(write_parameters(parameters.items()))) == parameters


TOY = "consensus-lab trace 1\nprotocol: toy\n"
GOOD = TOY + "cast:\n\n"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "not a trace: it must begin with 'consensus-lab trace 1'"),
        ("hello\n", 1, "not a trace"),
        ("consensus-lab trace 2\n", 1, "not a trace"),
        ("consensus-lab trace 1\n", 1, "the header does not say 'protocol: NAME'"),
        ("consensus-lab trace 1\ncast:\n\n", 2, "the header does not say 'protocol: NAME'"),
        (TOY + "colour: red\n\n", 3, "expected one of cast:, picker:, protocol:, scenario:"),
        (TOY + "cast: three\n\n", 3, "a cast's parameter is written NAME=VALUE, got 'three'"),
        (GOOD + "0.000001  sync p1\nwhat is this\n", 6, "expected 'SECONDS  CHOICE  | OUTCOME', such as"),
        (GOOD + "1  sync p1\n", 5, "got '1  sync p1'"),
        (GOOD + "0.000001 sync p1\n", 5, "expected 'SECONDS  CHOICE"),
    ],
)  # fmt: skip
def test_what_is_no_trace_is_refused_with_the_line_and_what_is_expected(text: str, line: int, says: str):
    with pytest.raises(BadText) as refused:
        read(text)
    assert refused.value.line == line
    assert str(refused.value).startswith(f"line {line}: ")
    assert says in str(refused.value)
