"""A trace file played again: it follows the code as it is now, or says at which line the two part."""

from pathlib import Path

import pytest

from consensus_lab.kernel import Cast
from consensus_lab.kernel.cast import cast_words
from consensus_lab.kernel.trace import read
from consensus_lab.lab.catalogue import make_cast
from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.replaying import Replayed, load_trace, replay
from consensus_lab.lab.scenario import load_scenario
from consensus_lab.protocols.two_phase_commit import cast

TEXT = load_scenario("two-phase-commit/commits").perform().text()
MINE = """
from consensus_lab.protocols.two_phase_commit.participant import Participant


class Mine(Participant):
    def refuse(self, tx, ctx):
        {body}
"""


def again(text: str) -> Replayed:
    record = read(text)
    return replay(record, make_cast(record.header.protocol, record.header.cast))


def line_of(part: str) -> int:
    return next(number for number, line in enumerate(TEXT.splitlines(), 1) if part in line)


def test_a_trace_that_fits_is_followed_to_its_end():
    replayed = again(TEXT)
    assert (replayed.diverged, replayed.changed) == (None, None)
    assert len(replayed.trace) == len(replayed.record.lines)


def test_where_it_no_longer_fits_the_line_is_named_and_what_was_possible():
    number = line_of("deliver p1 -> coordinator Yes")
    replayed = again(TEXT.replace("deliver p1 -> coordinator Yes", "deliver p1 -> coordinator No"))
    assert replayed.diverged is not None
    assert replayed.diverged.startswith(f"line {number}: the replay diverges: ")
    assert "no No(T1) is in flight there. Possible here: deliver p1 -> coordinator Yes(T1)" in replayed.diverged
    assert len(replayed.trace) == [line.number for line in replayed.record.lines].index(number), "up to there it fits"


def test_a_message_whose_fields_were_renamed_still_loads_by_its_name():
    renamed = TEXT.replace("VoteRequest(T1)", "VoteRequest(transaction=T1, round=1)")
    replayed = again(renamed)
    assert replayed.diverged is None
    assert [str(step) for step in replayed.trace] == [str(step) for step in again(TEXT).trace]


def test_a_step_that_still_fits_but_does_something_else_is_told():
    number = line_of("deliver coordinator -> p1 VoteRequest")
    replayed = again(TEXT.replace("force Prepared(tx=T1", "force Ready(tx=T1", 1))
    assert replayed.diverged is None
    assert replayed.changed is not None
    assert replayed.changed.number == number


def test_a_hand_written_trace_needs_no_outcomes():
    bare = "\n".join(line.partition("  | ")[0] for line in TEXT.splitlines())
    replayed = again(bare)
    assert (replayed.diverged, replayed.changed) == (None, None)
    assert len(replayed.trace) == len(again(TEXT).trace)


def test_a_rule_that_raises_today_stops_the_replay_with_a_sentence(tmp_path: Path):
    (tmp_path / "mine.py").write_text(MINE.format(body="raise ValueError('oh')"), encoding="utf-8")
    trace = tmp_path / "mine.trace"
    words = f"cast: participants=1, unwilling=p1, participant={tmp_path / 'mine.py'}:Mine\n"
    steps = "0.001000  submit coordinator Begin\n0.002000  deliver coordinator -> p1 VoteRequest\n"
    trace.write_text(f"consensus-lab trace 1\nprotocol: two-phase-commit\n{words}\n{steps}", encoding="utf-8")
    replayed = replay(*load_trace(trace))
    assert replayed.diverged is not None
    assert "p1's rule vote raised ValueError on VoteRequest(T1): oh" in replayed.diverged
    assert replayed.diverged.startswith("line 6: ")
    (tmp_path / "mine.py").write_text(MINE.format(body="ctx.note('refused')"), encoding="utf-8")
    assert replay(*load_trace(trace)).diverged is None


@pytest.mark.parametrize(
    "made", [cast(), cast(1), cast(4, variant="presumed-abort"), cast(3, unwilling=("p2", "p3"), variant="cooperative")]
)
def test_a_cast_written_as_words_is_cast_again_from_them(made: Cast):
    again = make_cast(made.protocol, cast_words(made.parameters))
    assert again.processes == made.processes
    assert again.parameters == made.parameters


START = "consensus-lab trace 1\n"
TOY = f"{START}protocol: two-phase-commit\n"
WRONG = {
    "an empty file": ("", "line 1: not a trace: it must begin with 'consensus-lab trace 1'"),
    "another file": ("# Notes\n", "line 1: not a trace"),
    "no protocol": (f"{START}cast:\n\n", "line 2: the header does not say 'protocol: NAME'"),
    "an unknown protocol": (f"{START}protocol: three-face-commit\n\n", "line 2: there is no protocol 'three-face"),
    "a bad header": (f"{START}protocol two-phase-commit\n\n", "line 2: expected one of cast:, picker:, protocol:"),
    "a bad cast": (f"{TOY}cast: two\n\n", "line 3: a cast's parameter is written NAME=VALUE"),
    "an unknown parameter": (f"{TOY}cast: a=b\n\n", "line 3: the cast of two-phase-commit takes"),
    "a bad number": (f"{TOY}cast: participants=x\n\n", "line 3: participants must be a whole"),
    "a bad step": (f"{TOY}cast:\n\nsync p1\n", "line 5: expected 'SECONDS  CHOICE  | OUTCOME'"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_trace_is_refused_with_the_file_and_the_line(what: str, tmp_path: Path):
    text, says = WRONG[what]
    file = tmp_path / "bad.trace"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        load_trace(file)
    assert str(refused.value).startswith(f"{file}, {says}"), str(refused.value)


def test_what_cannot_be_read_at_all_is_refused_with_the_file_and_the_reason(tmp_path: Path):
    latin = tmp_path / "latin.trace"
    latin.write_bytes("consensus-lab trace 1\nprotocol: spät".encode("latin-1"))
    reasons = {
        latin: "it is not text in UTF-8",
        tmp_path: "Is a directory",
        tmp_path / "no": "No such file or directory",
    }
    for path, reason in reasons.items():
        with pytest.raises(BadInput) as refused:
            load_trace(path)
        assert str(refused.value) == f"cannot read {path}: {reason}"


def test_a_line_that_was_followed_by_name_alone_is_told_as_changed():
    number = line_of("deliver coordinator -> p1 VoteRequest")
    replayed = again(TEXT.replace("p1 VoteRequest(T1)  |", "p1 VoteRequest(transaction=T1, round=1)  |", 1))
    assert replayed.diverged is None
    assert replayed.change == (
        f"from line {number} on it goes another way than recorded: there it was 'deliver coordinator -> p1 "
        "VoteRequest(transaction=T1, round=1)', and now it is 'deliver coordinator -> p1 VoteRequest(T1)'"
    )


def test_a_changed_outcome_is_told_with_what_it_is_now():
    replayed = again(TEXT.replace("force Prepared(tx=T1", "force Ready(tx=T1", 1))
    assert replayed.change is not None
    assert "force Ready(tx=T1" in replayed.change.partition("', and now it is '")[0]
    assert "force Prepared(tx=T1" in replayed.change.partition("', and now it is '")[2]


def test_a_line_written_by_name_alone_says_nothing_that_could_change():
    short = "\n".join(line.partition("  | ")[0].replace("(T1)", "") for line in TEXT.splitlines())
    replayed = again(short)
    assert (replayed.diverged, replayed.change) == (None, None)


@pytest.mark.parametrize("body", ["raise ValueError('oh')", "raise SystemExit(3)"])
def test_a_cast_that_cannot_be_switched_on_has_no_replay(tmp_path: Path, body: str):
    (tmp_path / "mine.py").write_text(
        MINE.format(body="pass") + f"    def expect_request(self, start, ctx):\n        {body}\n"
    )
    trace = tmp_path / "mine.trace"
    trace.write_text(f"{START}protocol: two-phase-commit\ncast: participant=mine.py:Mine\n\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"before the first step, .*(ValueError on Start|SystemExit on Start)"):
        replay(*load_trace(trace))


@pytest.mark.parametrize("name", ["a,b", "100%2C", "a\nb", "ü b", "a=b"])
def test_a_class_in_a_folder_of_any_name_is_found_again(tmp_path: Path, name: str):
    folder = tmp_path / name
    folder.mkdir()
    (folder / "mine.py").write_text(MINE.format(body="pass"), encoding="utf-8")
    story = folder / "story.py"
    story.write_text(STORY, encoding="utf-8")
    trace = tmp_path / "mine.trace"
    trace.write_text(load_scenario(str(story)).perform().text(), encoding="utf-8")
    record, made = load_trace(trace)
    assert replay(record, made).change is None
    assert type(made.processes["p1"]).__name__ == "Mine"


STORY = """
from consensus_lab.lab.scenario import scenario
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.protocols.two_phase_commit.participant import Participant

class Mine(Participant):
    pass

@scenario("A story", cast(participant=Mine))
def story(stage):
    stage.take("submit coordinator Begin")
"""


def test_a_class_within_a_function_cannot_be_written_into_a_trace(tmp_path: Path):
    story = tmp_path / "story.py"
    local = "def make():\n    class Mine(Participant):\n        pass\n    return Mine\nMine = make()\n"
    story.write_text(STORY.replace("class Mine(Participant):\n    pass\n", local), encoding="utf-8")
    performance = load_scenario(str(story)).perform()
    assert performance.failure is None, "it can be performed all the same"
    with pytest.raises(BadInput, match=r"participant is make\.<locals>\.Mine, a class that is not at the top level"):
        performance.text()
