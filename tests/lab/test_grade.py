"""Grading: what a submission earns, whatever it does to the process that runs it, and how that is reported."""

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from consensus_lab.cli import main
from consensus_lab.lab import grade as grading
from consensus_lab.lab.grade import grade
from consensus_lab.lab.lessons import Lesson, find_lesson
from consensus_lab.lab.reports import FORMATS, Report
from consensus_lab.lab.workbook import Workbook
from tests.lab.lessons import started

NAME = "01_two_phase_commit"
SHIPPED = "class Counter:\n    def count(self, n): ...\nclass Other:\n    def rule(self): ...\n"
TESTS = '''
import pytest

class TestCounter:
    """Does it count?"""

    @pytest.mark.points(2, rubric="first", seconds=SECONDS)
    def test_one(self, exercise):
        """One is one"""
        assert exercise.Counter().count(1) == 1

    @pytest.mark.points(3, rubric="second", seconds=SECONDS)
    def test_two(self, exercise, record_property):
        """Two are two, and trying earns a point"""
        record_property("earned", 1)
        assert exercise.Counter().count(2) == 2
        record_property("earned", 3)

class TestOther:
    """And the other?"""

    @pytest.mark.points(1, rubric="second", hidden=True)
    def test_three(self, exercise):
        """Three is itself"""
        assert exercise.Other
'''


@pytest.fixture
def tiny(tmp_path: Path) -> Lesson:
    """A lesson small enough to break in every way."""
    lesson = Lesson(tmp_path / "01_tiny")
    lesson.folder.mkdir()
    (lesson.folder / "test_exercise.py").write_text(TESTS.replace("SECONDS", "30"), "utf-8")
    (lesson.folder / "exercise.py").write_text(SHIPPED, "utf-8")
    return lesson


def graded(lesson: Lesson, count: str, before: str = "", after: str = "", patience: float = 60) -> Report:
    submission = f"{before}\nclass Counter:\n    def count(self, n):\n        {count}\nclass Other: pass\n{after}\n"
    path = lesson.folder / "submission.py"
    path.write_text(submission, "utf-8")
    return grade(Workbook(lesson, path), patience=patience)


def statuses(report: Report) -> list[str]:
    return [result.status for result in report.results]


def test_everything_right_earns_everything(tiny: Lesson):
    report = graded(tiny, "return n")
    assert (report.status, report.score, report.max_score) == ("pass", 6.0, 6.0)
    assert report.passed == ("Counter", "Other")
    assert [result.number for result in report.results] == ["1.1", "1.2", "2.1"]
    assert report.rubric() == {"first": {"earned": 2.0, "points": 2.0}, "second": {"earned": 4.0, "points": 4.0}}


def test_whose_rule_it_was_is_told(tiny: Lesson):
    assert graded(tiny, "return n").borrowed == ("Other",)
    assert graded(tiny, "return super().count(n)").borrowed == ("Counter", "Other")


def test_what_the_library_answered_earns_nothing_when_points_are_given(tiny: Lesson):
    report = graded(tiny, "return n")
    strict = report.strict()
    assert (report.score, report.lent, report.status) == (6.0, ("Other",), "pass")
    assert (strict.score, strict.lent, strict.status) == (5.0, ("Other",), "fail")
    assert strict.results[:2] == report.results[:2], "what is the student's own is left alone"
    assert strict.results[2].message.startswith("no point: the library's own rule answered here")


@pytest.mark.parametrize("strict", [False, True])
def test_every_format_names_what_the_library_answered(tiny: Lesson, strict: bool):
    report = graded(tiny, "return n")
    told = {form: write(report.strict() if strict else report) for form, write in FORMATS.items()}
    assert json.loads(told["own"])["borrowed"] == ["Other"]
    gradescope = json.loads(told["gradescope"])
    assert gradescope["output"].endswith(" of 6 points\nAnswered by the library's own rule: Other")
    assert [test["tags"][1:] for test in gradescope["tests"]] == [[], [], ["borrowed"]]
    suite = ElementTree.fromstring(told["junit"]).find("testsuite/properties/property")
    assert suite is not None
    assert suite.attrib == {"name": "borrowed", "value": "Other"}


def test_partial_credit_is_kept_though_the_test_fails(tiny: Lesson):
    report = graded(tiny, "return 1")
    assert [result.earned for result in report.results] == [2.0, 1.0, 1.0]
    assert statuses(report) == ["pass", "fail", "pass"]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("def (", "submission.py, line 1: SyntaxError"),
        ("1 / 0", "submission.py, line 1: ZeroDivisionError: division by zero"),
        ("import nothing_of_that_name", "No module named 'nothing_of_that_name'"),
        ("raise SystemExit(0)", "SystemExit: 0"),
    ],
)
def test_a_file_that_does_not_run_is_an_error_and_every_test_is_listed(tiny: Lesson, damage: str, said: str):
    report = graded(tiny, "return n", before=damage)
    assert (report.status, report.score, report.max_score) == ("error", 0.0, 6.0)
    assert statuses(report) == ["error"] * 3
    assert len(report.errors) == 1
    assert said in report.errors[0]
    assert "Traceback" not in report.errors[0]


def test_a_class_that_was_renamed_is_missed_by_name(tiny: Lesson):
    report = graded(tiny, "return n", after="del Other")
    assert statuses(report) == ["pass", "pass", "fail"]
    assert report.results[2].message == "submission.py has no class Other: was it renamed or deleted?"


def test_a_loop_that_never_ends_costs_its_own_test_only(tiny: Lesson):
    (tiny.folder / "test_exercise.py").write_text(TESTS.replace("SECONDS", "0.2"), "utf-8")
    report = graded(tiny, "while n == 1: pass\n        return n")
    assert statuses(report) == ["fail", "pass", "pass"]
    assert "is there a loop that never ends?" in report.results[0].message


def test_a_lesson_that_runs_out_of_time_keeps_what_was_earned(tiny: Lesson):
    report = graded(tiny, "while n == 2: pass\n        return n", patience=3)
    assert statuses(report) == ["pass", "fail", "fail"]
    assert [result.message for result in report.results[1:]] == [grading.RAN_OUT, grading.NEVER_RAN]


def test_a_submission_that_ends_the_process_is_still_graded(tiny: Lesson):
    report = graded(tiny, "import os; os._exit(0)")
    assert (report.score, statuses(report)) == (0.0, ["fail"] * 3)
    assert [result.message for result in report.results] == [grading.DIED, grading.NEVER_RAN, grading.NEVER_RAN]


def test_skipping_a_test_earns_nothing(tiny: Lesson):
    report = graded(tiny, "import pytest; pytest.skip('not today')")
    assert (report.status, statuses(report)) == ("fail", ["skip", "skip", "pass"])
    assert report.score == 2.0  # the third test's, and what trying earned


def test_tests_that_the_student_changed_change_nothing(tmp_path: Path):
    book = started(find_lesson(NAME), tmp_path)
    for name in ("test_exercise.py", "conftest.py"):
        (book.exercise.parent / name).write_text("def test_everything(): pass\n", "utf-8")
    (book.exercise.parent / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n", "utf-8")
    assert grade(book).score == 0.0


# -- reports -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def report(tiny: Lesson) -> Report:
    return graded(tiny, "return 1")


def test_our_own_report_says_everything(report: Report):
    told = json.loads(FORMATS["own"](report))
    assert (told["format"], told["version"], told["status"]) == ("consensus-lab-grade", 1, "fail")
    assert (told["score"], told["max_score"]) == (4.0, 6.0)
    assert [(test["id"].split("::")[-1], test["hidden"]) for test in told["tests"]][2] == ("test_three", True)


def test_gradescope_is_told_scores_that_add_up(report: Report):
    told = json.loads(FORMATS["gradescope"](report))
    assert told["score"] == sum(test["score"] for test in told["tests"]) == 4.0
    assert [test["status"] for test in told["tests"]] == ["passed", "failed", "passed"]
    assert [test["visibility"] for test in told["tests"]] == ["visible", "visible", "after_published"]


def test_junit_carries_the_points(report: Report):
    suite = ElementTree.fromstring(FORMATS["junit"](report)).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")
    points = [entry.get("value") for entry in suite.iter("property") if entry.get("name") == "points"]
    assert points == ["2", "3", "1"]


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_a_lesson_just_started_is_pending_and_says_what_is_missing(here: Path):
    invoke("learn", "start", NAME)
    said = invoke("grade", "two-phase-commit")
    assert said.exit_code == 1
    assert "✗ failed    0/" in said.output
    assert "not written yet: CountingCoordinator.count_vote asks: " in said.output
    assert f"Look at it: consensus-lab play {NAME}/.consensus-lab/CountingCoordinator-" in said.output
    assert said.output.rstrip().endswith(f"A hint: consensus-lab learn hint {NAME} 1")


def test_a_file_alone_is_graded_by_the_lesson_it_names(here: Path):
    shutil.copyfile(find_lesson(NAME).folder / "exercise.py", here / "mine.py")
    (here / "mine.py").write_text((here / "mine.py").read_text("utf-8") + "\ndef (\n", "utf-8")
    said = invoke(
        "grade", "mine.py", "--json", "a.json", "--report", "junit", "b.xml", "--report", "gradescope", "c.json"
    )
    assert said.exit_code == 1
    assert "mine.py, line " in said.output
    assert "SyntaxError" in said.output
    told = json.loads((here / "a.json").read_text("utf-8"))
    assert (told["status"], told["score"]) == ("error", 0.0)
    assert len(told["tests"]) == len(json.loads((here / "c.json").read_text("utf-8"))["tests"]) > 20
    assert ElementTree.parse(here / "b.xml").getroot().tag == "testsuites"


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("no-such-lesson", f"lessons: {NAME}"),
        ("empty", "the folder empty has no exercise.py"),
        ("stray.py", "stray.py does not say which lesson it is of"),
    ],
)
def test_what_is_no_lesson_is_refused_with_a_sentence(here: Path, argument: str, said: str):
    (here / "empty").mkdir()
    (here / "stray.py").write_text("x = 1\n", "utf-8")
    refused = invoke("grade", argument)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert said in refused.stderr


def test_a_report_that_cannot_be_written_is_refused_with_a_sentence(here: Path):
    shutil.copyfile(find_lesson(NAME).folder / "exercise.py", here / "mine.py")
    refused = invoke("grade", "mine.py", "--json", "no/such/folder/grade.json")
    assert refused.exit_code == 2
    assert "cannot write" in refused.stderr


def test_without_pytest_the_grader_says_what_to_install(here: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(grading.importlib.util, "find_spec", lambda name: None)
    refused = invoke("grade", NAME)
    assert (refused.exit_code, refused.stdout) == (3, "")
    assert "grading needs pytest" in refused.stderr


def test_tests_that_cannot_be_started_are_the_graders_failure(tiny: Lesson):
    (tiny.folder / "test_exercise.py").write_text("def (\n", "utf-8")
    with pytest.raises(grading.GraderFailed, match="could not be started"):
        graded(tiny, "return n")


def test_points_given_to_others_are_strict_unless_told_otherwise(here: Path):
    invoke("learn", "start", "two-phase-commit")
    file = here / "01_two_phase_commit" / "exercise.py"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    rule = next(number for number, line in enumerate(lines) if line.startswith("    def "))
    end = next(number for number in range(rule + 1, len(lines)) if lines[number].strip() and lines[number][:4].strip())
    file.write_text("".join(lines[:rule] + lines[end:]), "utf-8")
    outputs = {}
    for how in ((), ("--strict",), ("--lenient",)):
        shown = invoke("grade", str(file), *how, "--json", "own.json", "--report", "gradescope", "scores.json")
        assert "Answered by the library's own rule: CountingCoordinator" in shown.output
        outputs[how] = [json.loads((here / name).read_text())["score"] for name in ("own.json", "scores.json")]
    own, given = outputs[()]
    assert own > 0 == given
    assert outputs["--strict",] == [0, 0]
    assert outputs["--lenient",] == [own, own]
    assert "gradescope and junit reports are strict" in " ".join(invoke("grade", "--help").output.split())


def test_what_the_tests_of_a_lesson_reach_is_told_when_asked_for(tmp_path: Path):
    book = started(find_lesson(NAME), tmp_path)
    text = book.exercise.read_text("utf-8").partition("class PromisingParticipant")[0]
    book.exercise.write_text(text.replace("raise NotImplementedError", "print"), "utf-8")
    report = grade(book, coverage=True)
    assert report.coverage[0].split()[:3] == ["CountingCoordinator", "INIT", "WAIT"]
    assert "  count_vote: nothing to be seen" in "\n".join(report.coverage)
    assert report.coverage[-1].startswith("faults:   ")
    assert grade(book, briefly=True).coverage == ()
