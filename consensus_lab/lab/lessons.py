"""The lessons as they are shipped: in the wheel inside the package, in a checkout beside it.

A lesson is a folder NN_name with README.md, exercise.py, test_exercise.py, hints.md and conftest.py. Everything else
is read from these: an exercise is a class of exercise.py, in order, and the one method that it defines is its rule.
This module changes no file and runs no lesson; a student's own copy is a `lab.workbook.Workbook`.
"""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import consensus_lab
from consensus_lab.lab.loading import BadInput, load_module

PACKAGE = Path(consensus_lab.__file__).parent
HOMES = (PACKAGE / "_lessons", PACKAGE.parent / "lessons")
FILES = ("README.md", "exercise.py", "test_exercise.py", "hints.md", "conftest.py")
NAMED = re.compile(r"\bLesson (\d\d_\w+)")


@dataclass(frozen=True)
class Exercise:
    """One rule to write."""

    number: int
    name: str  # the class
    rule: str  # the method
    question: str


@dataclass(frozen=True)
class Lesson:
    """A folder of shipped files."""

    folder: Path

    @property
    def name(self) -> str:
        """Such as 01_two_phase_commit."""
        return self.folder.name

    @property
    def short(self) -> str:
        """Such as two-phase-commit."""
        return self.name[3:].replace("_", "-")

    def read(self, file: str) -> str:
        return (self.folder / file).read_text(encoding="utf-8")

    @property
    def title(self) -> str:
        """The README's first line."""
        return self.read("README.md").partition("\n")[0].lstrip("# ")

    @cached_property
    def exercises(self) -> tuple[Exercise, ...]:
        classes = [node for node in ast.parse(self.read("exercise.py")).body if isinstance(node, ast.ClassDef)]
        return tuple(_exercise(number, node) for number, node in enumerate(classes, 1))

    def exercise(self, number: int) -> Exercise:
        """Raises BadInput when there is none of that number."""
        if 1 <= number <= len(self.exercises):
            return self.exercises[number - 1]
        raise BadInput(f"{self.name} has exercises 1 to {len(self.exercises)}, and no exercise {number}")

    def hints(self, exercise: Exercise) -> tuple[str, ...]:
        """Its hints, from a question to the shape of the code: in hints.md, `## NAME`, then each under `### `."""
        sections = re.split(r"^## ", self.read("hints.md"), flags=re.MULTILINE)[1:]
        mine = next((section for section in sections if section.split(maxsplit=1)[0] == exercise.name), "")
        return tuple(hint.strip() for hint in re.split(r"^### ", mine, flags=re.MULTILINE)[1:])

    def solution(self, exercise: Exercise) -> tuple[Path, str]:
        """The reference's own rule: its file and its source."""
        kind = getattr(load_module(self.folder / "exercise.py"), exercise.name)
        rule = getattr(kind.__mro__[1], exercise.rule)
        return Path(inspect.getfile(rule)), inspect.cleandoc("\n" + inspect.getsource(rule))


def _exercise(number: int, node: ast.ClassDef) -> Exercise:
    rule = next(part.name for part in node.body if isinstance(part, ast.FunctionDef))
    question = (ast.get_docstring(node) or "").partition("\n")[0].partition(": ")[2]
    return Exercise(number, node.name, rule, question[:1].upper() + question[1:])


def lessons() -> tuple[Lesson, ...]:
    """Every lesson that is here, in the order of the course."""
    home = next((home for home in HOMES if home.is_dir()), None)
    return () if home is None else tuple(Lesson(path.parent) for path in sorted(home.glob("[0-9]*/exercise.py")))


def find_lesson(name: str) -> Lesson:
    """By its name, with its number or without. Raises BadInput with the names that there are."""
    wanted = name.strip("/").lower()
    for lesson in lessons():
        if wanted in (lesson.name, lesson.short, lesson.name[3:], lesson.name[:2]):
            return lesson
    known = ", ".join(lesson.name for lesson in lessons()) or "none in this installation"
    raise BadInput(f"there is no lesson {name!r}, nor a file or folder of that name; lessons: {known}")


def lesson_of(exercise: Path) -> Lesson:
    """The lesson that a file was started from, which its first lines name. Raises BadInput when they do not."""
    try:
        head = exercise.read_text(encoding="utf-8", errors="replace").splitlines()[:20]
    except OSError as error:
        raise BadInput(f"cannot read {exercise}: {error.strerror}") from None
    named = NAMED.search("\n".join(head))
    if named is None:
        known = ", ".join(lesson.name for lesson in lessons())
        raise BadInput(
            f'{exercise} does not say which lesson it is of: a first line \'"""Lesson NAME: ...\' (of {known})'
        )
    return find_lesson(named[1])
