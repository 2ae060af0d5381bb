"""Grading a class: whose file is whose, one process each with a limit of time, and the columns of nbgrader."""

import csv
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from consensus_lab.cli import main
from consensus_lab.lab.lessons import find_lesson
from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.sweep.report import NBGRADER
from consensus_lab.lab.sweep.submissions import submissions

BLANK = (find_lesson("two-phase-commit").folder / "exercise.py").read_text()


def sweep(*words: object) -> Result:
    return CliRunner().invoke(main, ["sweep", *map(str, words)])


def hand_in(file: Path, text: str = BLANK) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    os.utime(file, (1_700_000_000, 1_700_000_000))
    return file


def test_a_folder_holds_files_or_folders_called_after_students(tmp_path: Path) -> None:
    hand_in(tmp_path / "ada.py")
    hand_in(tmp_path / "bob" / "exercise.py")
    hand_in(tmp_path / "bob" / "notes.py")
    hand_in(tmp_path / "cem" / "answer.py")
    found = submissions([tmp_path])
    assert [row["student"] for row in found] == ["ada", "bob", "cem"]
    assert [Path(row["file"]).name for row in found] == ["ada.py", "exercise.py", "answer.py"]
    assert found[0]["timestamp"] == "2023-11-14 22:13:20 UTC"
    assert submissions([tmp_path / "bob"])[0]["student"] == "bob"


def test_two_files_of_one_student_are_refused(tmp_path: Path) -> None:
    hand_in(tmp_path / "ada.py")
    hand_in(tmp_path / "more" / "ada.py")
    with pytest.raises(BadInput, match="ada has handed in two files"):
        submissions([tmp_path / "ada.py", tmp_path / "more" / "ada.py"])


def test_nothing_handed_in_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no submission"):
        submissions([tmp_path])
    assert sweep("submissions", tmp_path / "nowhere").exit_code == 2


def test_a_class_is_graded_into_the_columns_of_nbgrader(tmp_path: Path) -> None:
    hand_in(tmp_path / "class" / "ada.py")
    hand_in(tmp_path / "class" / "bob.py", BLANK + "\n)\n")
    hand_in(tmp_path / "class" / "cem.py", "x = 1\n")
    grades = tmp_path / "grades.csv"
    shown = sweep("submissions", tmp_path / "class", "--csv", grades, "--workers", 2)
    assert shown.exit_code == 1
    assert "3 submissions: 2 error, 1 fail;" in shown.output
    rows = list(csv.DictReader(grades.read_text().splitlines()))
    assert tuple(rows[0]) == NBGRADER
    assert [row["student_id"] for row in rows] == ["ada", "bob", "cem"]
    assert [row["score"] for row in rows] == ["0.0", "0.0", "0.0"]
    assert rows[0]["assignment"] == "01_two_phase_commit"
    assert float(rows[0]["max_score"]) > 0
    assert f"cem  {tmp_path / 'class' / 'cem.py'} does not say which lesson it is of" in shown.output


def test_a_submission_that_does_not_end_is_ended(tmp_path: Path) -> None:
    file = hand_in(
        tmp_path / "ada.py",
        BLANK.replace("from consensus_lab.kernel", "while True: pass\nfrom consensus_lab.kernel", 1),
    )
    shown = sweep("submissions", file, "--timeout", 3, "--workers", 1)
    assert shown.exit_code == 1
    assert shown.output.startswith("1 submission: 1 ")  # a fail, or an error if the tests had not even started
    assert "pass" not in shown.output.splitlines()[0]
