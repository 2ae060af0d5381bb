"""A student's own copy of a lesson: nothing of theirs is ever lost, and help comes in steps."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from consensus_lab.cli import main
from consensus_lab.cli.learn import command as learn
from consensus_lab.lab.lessons import FILES, find_lesson
from consensus_lab.lab.mutants.two_phase_commit import CommitsAtTheFirstYes
from consensus_lab.lab.workbook import Workbook
from tests.conftest import REPO
from tests.lab.lessons import answer

NAME = "01_two_phase_commit"


def invoke(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=text)


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbook:
    """The lesson as just started by command, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    assert invoke("learn", "start", "two-phase-commit").exit_code == 0
    return Workbook(find_lesson(NAME), tmp_path / NAME / "exercise.py")


def write_something(book: Workbook) -> None:
    book.exercise.write_text(book.exercise.read_text("utf-8") + "# my own thoughts\n", "utf-8")


@pytest.mark.parametrize("verb", learn.commands)  # type: ignore[attr-defined]
def test_the_help_of_every_verb_has_an_example(verb: str):
    shown = invoke("learn", verb, "--help")
    assert f"Examples:\n    consensus-lab learn {verb}" in shown.output


def test_a_started_lesson_is_the_shipped_one(book: Workbook):
    for name in FILES:
        assert (book.exercise.parent / name).read_bytes() == (book.lesson.folder / name).read_bytes()


def test_lessons_are_listed_with_progress(book: Workbook):
    assert "0/6 passed" in invoke("learn", "list").output
    row = json.loads(invoke("learn", "list", "--json").output)[0]
    assert (row["name"], row["passed"], len(row["exercises"])) == (NAME, [], 6)


def test_starting_again_never_overwrites_what_was_written(book: Workbook):
    write_something(book)
    refused = invoke("learn", "start", NAME)
    assert refused.exit_code == 2
    assert "already has your own exercise.py; --force" in refused.stderr
    assert "my own thoughts" in book.exercise.read_text("utf-8")


def test_starting_again_by_force_keeps_a_copy(book: Workbook):
    write_something(book)
    assert invoke("learn", "start", NAME, "--force").exit_code == 0
    assert "my own thoughts" not in book.exercise.read_text("utf-8")
    assert "my own thoughts" in (book.private / "backups" / "exercise-1.py").read_text("utf-8")


def test_a_lesson_is_not_started_over_itself():
    lesson = find_lesson(NAME)
    refused = invoke("learn", "start", NAME, str(lesson.folder), "--force")
    assert refused.exit_code == 2
    assert "choose another folder" in refused.stderr


def test_reset_asks_and_keeps_every_copy(book: Workbook):
    for number in (1, 2):
        write_something(book)
        assert invoke("learn", "reset", NAME, text="n\n").exit_code == 1
        assert "my own thoughts" in book.exercise.read_text("utf-8")
        assert invoke("learn", "reset", NAME, text="y\n").exit_code == 0
        assert book.exercise.read_bytes() == (book.lesson.folder / "exercise.py").read_bytes()
        assert "my own thoughts" in (book.private / "backups" / f"exercise-{number}.py").read_text("utf-8")


def test_what_is_not_started_here_is_not_reset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    refused = invoke("learn", "reset", NAME, "--yes")
    assert refused.exit_code == 2
    assert f"consensus-lab learn start {NAME}" in refused.stderr


def test_hints_come_one_at_a_time(book: Workbook):
    hints = book.lesson.hints(book.lesson.exercise(2))
    for shown in (1, 2, 3, 3):
        said = invoke("learn", "hint", NAME, "2").output
        assert [hint in said for hint in hints] == [number < shown for number in range(3)]
    assert "That was the last hint." in said


def test_without_a_number_the_hint_is_for_the_first_exercise_not_passed(book: Workbook):
    assert "1 CountingCoordinator: " in invoke("learn", "hint", NAME).output
    book.remember(passed=["CountingCoordinator", "PromisingParticipant"])
    assert "3 DoubtfulParticipant: " in invoke("learn", "hint", NAME).output


def test_after_grading_a_hint_tells_where_the_rule_first_did_otherwise_than_the_library(book: Workbook):
    answer(book, {"CountingCoordinator": CommitsAtTheFirstYes})
    assert "The first difference" not in invoke("learn", "hint", NAME, "1").output
    assert invoke("grade", NAME).exit_code == 1
    said = invoke("learn", "hint", NAME, "1").output
    assert "When you graded it last:\n  The first difference from the library: step 7 of 8, " in said
    assert said.endswith("library: count_vote\n")


def test_an_exercise_that_does_not_exist_is_refused(book: Workbook):
    refused = invoke("learn", "hint", NAME, "7")
    assert refused.exit_code == 2
    assert "has exercises 1 to 6, and no exercise 7" in refused.stderr


def test_a_solution_is_shown_before_it_passed_only_on_demand(book: Workbook):
    refused = invoke("learn", "solution", NAME, "1")
    assert refused.exit_code == 1
    assert "has not passed yet" in refused.stderr
    assert "def count_vote(self, yes: Yes" in invoke("learn", "solution", NAME, "1", "--anyway").output


@pytest.mark.parametrize("ini", [None, REPO / "pyproject.toml"], ids=["nowhere", "in the repository"])
def test_plain_pytest_shows_points_and_claims(book: Workbook, ini: Path | None):
    """Also under this repository's own settings: importlib mode, strict markers, warnings as errors."""
    there = ["-c", str(ini), "--rootdir", "."] if ini else []
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *there, "."]
    ran = subprocess.run(command, cwd=book.exercise.parent, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 1
    assert "not written yet: CountingCoordinator.count_vote asks: " in ran.stdout
    assert "   0 of 29   in all" in ran.stdout
    assert "Look at it: consensus-lab play .consensus-lab/CountingCoordinator-" in ran.stdout
    assert "INTERNALERROR" not in ran.stdout + ran.stderr
    assert "Warning" not in ran.stdout


def test_points_are_counted_of_the_tests_that_were_asked_for(book: Workbook):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", "Counting and twice"]
    ran = subprocess.run(command, cwd=book.exercise.parent, capture_output=True, text=True, timeout=120, check=False)
    assert "   0 of 1    in all" in ran.stdout
