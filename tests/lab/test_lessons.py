"""The authors' lint: of every lesson, as shipped each exercise fails by saying what is missing, the reference passes,
the mutants fail, hints are there, and every failure can be looked at."""

import itertools
import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from click.testing import Result as Invoked

from consensus_lab.cli import main
from consensus_lab.lab.grade import grade
from consensus_lab.lab.lessons import FILES, Exercise, Lesson, find_lesson, lessons
from consensus_lab.lab.loading import load_module
from consensus_lab.lab.mutants import bank, predictions, schedules
from consensus_lab.lab.predictions import Prediction
from consensus_lab.lab.replaying import load_trace, replay
from consensus_lab.lab.reports import Report, Result
from consensus_lab.lab.schedules import Adversary
from consensus_lab.lab.workbook import Workbook
from tests.lab.lessons import answer, started

LESSONS = pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
COMMAND = re.compile(r"Look at it: consensus-lab play (?P<trace>.+) --step (?P<step>\d+)$", re.MULTILINE)


def test_the_course_begins_with_two_phase_commit():
    assert [lesson.name for lesson in lessons()][:1] == ["01_two_phase_commit"]
    assert find_lesson("two-phase-commit") == find_lesson("01_two_phase_commit") == find_lesson("1".zfill(2))


@LESSONS
def test_a_lesson_is_whole(lesson: Lesson):
    assert {path.name for path in lesson.folder.iterdir() if not path.name.startswith((".", "__"))} == set(FILES)
    assert f"Lesson {lesson.name}:" in lesson.read("exercise.py").partition("\n")[0]
    assert len(lesson.exercises) >= 3


@LESSONS
def test_every_exercise_is_taught(lesson: Lesson):
    for exercise in lesson.exercises:
        assert f"### {exercise.number}. `{exercise.name}.{exercise.rule}`" in lesson.read("README.md")
        assert exercise.question.endswith("?")
        assert f'class Test{exercise.name}:\n    """' in lesson.read("test_exercise.py")  # what a report heads it with
        assert len(lesson.hints(exercise)) == 3
        assert all(len(hint.split()) >= 4 for hint in lesson.hints(exercise))
        path, source = lesson.solution(exercise)
        assert f"def {exercise.rule}(self" in source
        assert path.is_relative_to(Path(__file__).parents[2] / "consensus_lab")


# -- as shipped --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=lessons(), ids=lambda lesson: lesson.name)
def shipped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workbook, Report]:
    book = started(request.param, tmp_path_factory.mktemp("lesson"))
    return book, grade(book)


def test_as_shipped_every_exercise_fails_by_saying_what_is_missing(shipped: tuple[Workbook, Report]):
    book, report = shipped
    assert (report.status, report.score) == ("fail", 0.0)
    assert list(report.exercises) == [exercise.name for exercise in book.lesson.exercises]
    for exercise in book.lesson.exercises:
        asked = f"not written yet: {exercise.name}.{exercise.rule} asks: "
        for result in report.exercises[exercise.name]:
            assert result.status == "fail"
            assert result.message.startswith(asked)
            assert result.message.partition("\n")[0].endswith("?")


def test_every_failure_names_its_script_or_seed_and_the_command_that_shows_it(shipped: tuple[Workbook, Report]):
    for result in shipped[1].results:
        assert re.search(
            r"^  (In the script of this test, |In the schedule for '|Seed(ed)? \d+)", result.message, re.MULTILINE
        )
        follow(result)


def follow(result: Result) -> None:
    """Do what the command does, up to the screen: the trace loads, fits, and has the step that it is opened at."""
    command = COMMAND.search(result.message)
    assert command is not None
    record, cast = load_trace(Path(*shlex.split(command["trace"])))
    played = replay(record, cast)
    assert (played.diverged, played.changed) == (None, None)
    assert len(played.trace) == int(command["step"])
    assert record.captions[len(record.lines)] == result.message.splitlines()[:1]


# -- answered ----------------------------------------------------------------------------------------------------------


@LESSONS
def test_the_reference_passes_and_its_source_is_shown(lesson: Lesson, tmp_path: Path):
    book = started(lesson, tmp_path)
    answer(book)
    folder = str(book.exercise.parent)
    assert invoke("learn", "solution", folder, "1").exit_code == 1
    graded = invoke("grade", folder, "--json", "-")
    told = json.loads(graded.output)
    assert [test["message"] for test in told["tests"] if test["status"] != "pass"] == []
    assert (graded.exit_code, told["status"]) == (0, "pass")
    assert told["score"] == told["max_score"] > 0
    assert told["borrowed"] == [exercise.name for exercise in lesson.exercises]
    assert not list(book.private.glob("*.trace"))
    assert f"def {lesson.exercises[0].rule}(self, " in invoke("learn", "solution", folder, "1").output


def invoke(*arguments: str) -> Invoked:
    return CliRunner().invoke(main, list(arguments))


def wrong_answers(lesson: Lesson, exercise: Exercise) -> list[type]:
    """What the bank holds against an exercise; against a prediction or a game, those who answer without thinking."""
    reference = getattr(load_module(lesson.folder / "exercise.py"), exercise.name).__mro__[1]
    if reference in (Prediction, Adversary):
        return list(predictions.WRONG if reference is Prediction else schedules.WRONG)
    return [m.kind for m in bank(lesson.short) if m.rule == exercise.rule and issubclass(m.kind, reference)]


def rounds(lesson: Lesson) -> list[dict[str, type]]:
    """Every wrong answer to every exercise, one to an exercise each time."""
    by_exercise = [wrong_answers(lesson, exercise) for exercise in lesson.exercises]
    names = [exercise.name for exercise in lesson.exercises]
    return [
        {name: kind for name, kind in zip(names, row, strict=True) if kind}
        for row in itertools.zip_longest(*by_exercise)
    ]


@LESSONS
def test_at_least_three_wrong_answers_to_every_exercise_are_known(lesson: Lesson):
    assert all(len(wrong_answers(lesson, exercise)) >= 3 for exercise in lesson.exercises)


@pytest.mark.parametrize(
    ("lesson", "mutants"),
    [(lesson, mutants) for lesson in lessons() for mutants in rounds(lesson)],
    ids=lambda value: value.name if isinstance(value, Lesson) else "+".join(m.__name__ for m in value.values()),
)
def test_the_mutants_fail(lesson: Lesson, mutants: dict[str, type], tmp_path: Path):
    book = started(lesson, tmp_path)
    answer(book, mutants)
    report = grade(book, briefly=True)
    assert not report.errors
    assert set(report.passed).isdisjoint(mutants)
    for name in mutants:
        failures = [result for result in report.exercises[name] if result.status == "fail"]
        assert failures
        for result in failures:
            follow(result)
