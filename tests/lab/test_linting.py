"""``consensus-lab lint``: shipped classes are clean, and a student's class is told what it must not depend on."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from consensus_lab.cli import main
from consensus_lab.cli.grade import told
from consensus_lab.lab.catalogue import protocols
from consensus_lab.lab.lessons import lessons
from consensus_lab.lab.reports import Report
from consensus_lab.lab.workbook import open_workbook

MINE = """\
import time

from consensus_lab.kernel import Context
from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator
from consensus_lab.protocols.two_phase_commit.messages import Commit, Yes


class Mine(Coordinator):
    def count_vote(self, yes: Yes, ctx: Context) -> None:
        self.began = time.time()
        super().count_vote(yes, ctx)


class Unordered(Coordinator):
    def count_vote(self, yes: Yes, ctx: Context) -> None:
        self.votes |= {ctx.sender}
        if self.votes == self.participants:
            ctx.note(" ".join({"alpha", "beta", "gamma", "delta", "epsilon"}))
            self.conclude(Commit(yes.tx), ctx)
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    file = tmp_path / "mine.py"
    file.write_text(MINE)
    return file


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.mark.parametrize("name", protocols())
def test_the_shipped_protocols_are_clean(name: str) -> None:
    shown = invoke("lint", name)
    assert (shown.exit_code, shown.output) == (0, "nothing found\n")


@pytest.mark.parametrize("lesson", [lesson.name for lesson in lessons()])
def test_so_are_the_exercises(lesson: str) -> None:
    (folder,) = (each.folder for each in lessons() if each.name == lesson)
    assert invoke("lint", folder / "exercise.py").output == "nothing found\n"


def test_a_file_is_read_and_its_classes_are_tried_out_under_two_orders_of_sets(mine: Path) -> None:
    shown = invoke("lint", mine)
    assert shown.exit_code == 1
    assert f"{mine}:10: reads a clock: time.time\n    Time arrives as messages: set a timer" in shown.output
    assert f"{mine}:9: Mine.count_vote does not do the same twice: once '" in shown.output
    assert f"{mine}:15: Unordered.count_vote depends on the order of a set: once '" in shown.output


def test_one_class_of_a_file(mine: Path) -> None:
    shown = invoke("lint", f"{mine}:Unordered", "--cast", "participants=3")
    assert shown.output.startswith(f"{mine}:15: Unordered.count_vote depends on the order of a set")
    assert "Mine" not in shown.output


def test_a_search_says_first_what_its_text_shows(mine: Path) -> None:
    shown = invoke("check", f"{mine}:Mine", "--states", "50")
    assert shown.stderr.startswith(f"{mine}:10: reads a clock: time.time\n    Time arrives as messages")


def test_a_grade_says_it_beside_the_points(mine: Path) -> None:
    mine.write_text(f'"""Lesson 01_two_phase_commit."""\n\n{MINE}')
    book = open_workbook(str(mine))
    lines = list(told(book, Report(book.lesson.name, str(mine), ()), False))
    assert f"  lint: {mine}:12: reads a clock: time.time" in [line.partition("\n")[0] for line in lines]


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("nothing.py", "cannot read nothing.py: No such file or directory"),
        ("{mine}:Nobody", "has no class Nobody; it has Mine, Unordered"),
        ("raft", "cannot read raft"),
    ],
)
def test_what_cannot_be_linted_is_refused_in_a_sentence(mine: Path, target: str, why: str) -> None:
    shown = invoke("lint", target.format(mine=mine))
    assert shown.exit_code == 2
    assert why in shown.output


def test_a_file_that_is_no_python_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("x = 1\ndef f(:\n")
    shown = invoke("lint", tmp_path / "broken.py")
    assert shown.exit_code == 2
    assert f"{tmp_path / 'broken.py'}, line 2: SyntaxError" in shown.output
