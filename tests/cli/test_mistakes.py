"""What a user gets wrong ends in a sentence: in a rule, a script, a name, a number, or where nothing can be written."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import GOOD, invoke

SCRIPT = """
import sys
from consensus_lab.lab.scenario import scenario
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator
from consensus_lab.protocols.two_phase_commit.participant import Participant

class Mine(Participant):
    {rule}

@scenario("A story", cast(participant=Mine))
def story(stage):
    {body}
"""
START_RULE = "def expect_request(self, start, ctx): "
VOTE_RULE = "def vote(self, request, ctx): "
SLIPS = {
    "a verb that a stage has not": ("pass", "stage.nope()", "story.py, line 13: AttributeError: 'Stage' object has no"),
    "a choice that is none": ("pass", "stage.take(5)", "line 13: TypeError: a stage takes a choice or its text"),
    "a script that exits": ("pass", "sys.exit(7)", "story.py, line 13: SystemExit: 7"),
    "a rule that exits": (
        VOTE_RULE + "sys.exit(7)",
        "stage.take('submit coordinator Begin'); stage.run()",
        "rule vote raised SystemExit on VoteRequest(T1): 7",
    ),
    "a rule for Start that raises": (START_RULE + "raise ValueError('oh')", "pass", "before the first step, p1's rule"),
    "a rule for Start that exits": (START_RULE + "sys.exit(7)", "pass", "before the first step, p1's rule"),
}


@pytest.mark.parametrize("what", SLIPS)
def test_what_a_users_own_code_does_ends_in_a_sentence_with_its_line(what: str, tmp_path: Path) -> None:
    rule, body, sentence = SLIPS[what]
    story = tmp_path / "story.py"
    story.write_text(SCRIPT.format(rule=rule, body=body))
    shown = invoke("run", str(story), "-q")
    assert shown.exit_code == 1, shown.output
    assert shown.exception is None or isinstance(shown.exception, SystemExit)
    assert sentence in shown.output


def test_a_rule_that_exits_in_a_text_scenario_is_told_with_the_line_of_the_story(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(SCRIPT.format(rule=VOTE_RULE + "sys.exit(7)", body="pass"))
    story = tmp_path / "story.txt"
    cast = f"cast: participant={tmp_path}/mine.py:Mine"
    story.write_text(f"title: A story\nprotocol: two-phase-commit\n{cast}\n\nsubmit coordinator Begin\nrun\n")
    shown = invoke("run", str(story), "-q")
    assert shown.exit_code == 1
    assert f"{story}, line 6: p1's rule vote raised SystemExit on VoteRequest(T1): 7" in shown.output


INTERRUPTED = {
    "in a rule": (VOTE_RULE + "raise KeyboardInterrupt", "stage.take('submit coordinator Begin'); stage.run()",
                  "interrupted at step 2, 'deliver coordinator -> p1 VoteRequest(T1)', in Mine.vote ({story}, line 9)"),
    "in the script": ("pass", "raise KeyboardInterrupt", "interrupted after 0 steps, in story ({story}, line 13)"),
}  # fmt: skip


@pytest.mark.parametrize("what", INTERRUPTED)
def test_whoever_interrupts_a_run_is_told_what_it_was_doing(what: str, tmp_path: Path) -> None:
    rule, body, sentence = INTERRUPTED[what]
    story = tmp_path / "story.py"
    story.write_text(SCRIPT.format(rule=rule, body=body))
    shown = invoke("run", str(story))
    assert shown.exit_code == 130
    assert sentence.format(story=story) in shown.output


LONG = "x" * 5000
TWICE = GOOD.replace("cast: participants=2", "cast: participants=2, participants=3")
REFUSED = {
    "a name too long for a file": (("run", f"{LONG}.txt"), "there is no scenario"),
    "a lesson too long for a file": (("grade", LONG), "there is no lesson"),
    "a folder too long": (("learn", "start", "two-phase-commit", LONG), "File name too long"),
    "a trace too long": (("replay", f"{LONG}.trace"), "File name too long"),
    "a time that never ends": (("grade", "two-phase-commit", "--timeout", "nan"), "nan is no number of seconds"),
    "a time without end": (("grade", "two-phase-commit", "--timeout", "inf"), "inf is no number of seconds"),
    "a report nowhere": (("grade", "two-phase-commit", "--json", "/nowhere/a"), "cannot write /nowhere/a: No such"),
    "JUnit nowhere": (("grade", "two-phase-commit", "--report", "junit", "/nowhere/a"), "cannot write /nowhere/a: No"),
    "a trace into a folder": (("run", "two-phase-commit/commits", "--trace", "/"), "cannot write /: Is a directory"),
    "JSON nowhere": (("run", "two-phase-commit/commits", "--json", "/nowhere/a"), "cannot write /nowhere/a"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_named_or_written_is_refused_before_anything_is_done(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments, sentence = REFUSED[what]
    shown = invoke(*arguments)
    assert shown.exit_code == 2, shown.output
    assert sentence in shown.output
    assert "steps" not in shown.output
    assert not list(tmp_path.iterdir())


WRITTEN_WRONG = {
    "a number without end": (GOOD.replace("=2", "=" + "9" * 5000), "at most 18 digits, not one of 5000"),
    "a seed without end": (GOOD.replace("cast:", f"seed: {'9' * 5000}\ncast:"), "at most 18 digits, not one of 5000"),
    "digits of another script": (GOOD.replace("=2", "=٢"), "participants must be a whole number, not '٢'"),
    "a seed of another script": (GOOD.replace("cast:", "seed: ٢\ncast:"), "seed must be a whole number, not '٢'"),
    "a parameter twice": (TWICE, "line 3: the cast says participants twice"),
    "a header twice": (GOOD.replace("cast:", "title: Again\ncast:"), "line 3: the header says 'title:' a second time"),
}


@pytest.mark.parametrize("what", WRITTEN_WRONG)
def test_what_is_written_wrong_is_refused_with_its_line(what: str, tmp_path: Path) -> None:
    text, sentence = WRITTEN_WRONG[what]
    story = tmp_path / "story.txt"
    story.write_text(text)
    shown = invoke("run", str(story))
    assert shown.exit_code == 2, shown.output
    assert sentence in shown.output


def test_nobody_unwilling_may_be_said(tmp_path: Path) -> None:
    story = tmp_path / "story.txt"
    story.write_text(GOOD.replace("=2", "=2, unwilling=") + "run\nexpect p2 decided Commit(T1)\n")
    assert invoke("run", str(story)).exit_code == 0


def test_a_story_that_cannot_be_read_is_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = tmp_path / "story.txt"
    story.write_text(GOOD)
    monkeypatch.setattr(Path, "read_text", refused)
    shown = invoke("run", str(story))
    assert shown.exit_code == 2
    assert f"cannot read {story}: Permission denied" in shown.output


def refused(path: Path, **options: str) -> str:
    raise PermissionError(13, "Permission denied", str(path))


def test_an_error_of_syntax_without_a_line_names_none(tmp_path: Path) -> None:
    story = tmp_path / "story.py"
    story.write_bytes(b"x = 1\0\n")
    shown = invoke("run", str(story))
    assert shown.exit_code == 2
    assert "None" not in shown.output
    assert f"{story}: " in shown.output


def shell(command: str) -> subprocess.CompletedProcess[str]:
    words = ["sh", "-c", command.replace("consensus-lab", f"{sys.executable} -m consensus_lab")]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


def test_a_disk_that_is_full_ends_in_a_sentence() -> None:
    shown = shell("consensus-lab run two-phase-commit/commits > /dev/full")
    assert (shown.returncode, shown.stderr) == (1, "consensus-lab: standard output: No space left on device\n")


def test_whoever_stops_reading_is_left_quietly() -> None:
    shown = shell("consensus-lab run two-phase-commit/commits | :")
    assert shown.stderr == ""
