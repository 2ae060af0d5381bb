"""A student's own copy of a lesson: started, reset, and what was hinted and passed in it.

It never takes a line away: whatever it would overwrite is kept in .consensus-lab/backups first.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consensus_lab.lab.lessons import FILES, PACKAGE, Exercise, Lesson, find_lesson, lesson_of
from consensus_lab.lab.loading import BadInput

PRIVATE = ".consensus-lab"


@dataclass(frozen=True)
class Workbook:
    """An exercise.py, of whatever name, and the lesson that it answers."""

    lesson: Lesson
    exercise: Path

    @property
    def private(self) -> Path:
        """The folder for traces, backups and progress: beside the exercise, but never inside the package."""
        shipped = self.exercise.resolve().is_relative_to(PACKAGE)
        return Path(PRIVATE) if shipped else self.exercise.parent / PRIVATE

    # -- progress ----------------------------------------------------------------------------------------------------

    @property
    def state(self) -> dict[str, Any]:
        """What was hinted and passed; nothing when it cannot be read."""
        try:
            state = json.loads((self.private / "state.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        mine = isinstance(state, dict) and state.get("lesson") == self.lesson.name
        return state if mine and _is_sound(state) else {}

    def remember(self, **facts: Any) -> None:
        """Add to the progress."""
        state = {"version": 1, "lesson": self.lesson.name} | self.state | facts
        with writing(self.private):
            self.private.mkdir(parents=True, exist_ok=True)
            (self.private / "state.json").write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")

    @property
    def passed(self) -> frozenset[str]:
        """The exercises that passed when it was graded last, by name."""
        return frozenset(self.state.get("passed", ()))

    @property
    def next(self) -> Exercise:
        """The first exercise not passed yet; the last one when all are."""
        todo = [exercise for exercise in self.lesson.exercises if exercise.name not in self.passed]
        return (todo or self.lesson.exercises[-1:])[0]

    def difference(self, exercise: Exercise) -> tuple[str, ...]:
        """Where it first differed from the library when it was graded last, in lines; none when it did not."""
        return tuple(self.state.get("differences", {}).get(exercise.name, ()))

    def hint(self, exercise: Exercise) -> tuple[str, ...]:
        """Its hints up to one more than were shown before."""
        shown = dict(self.state.get("hints", {}))
        hints = self.lesson.hints(exercise)
        shown[exercise.name] = min(shown.get(exercise.name, 0) + 1, len(hints))
        self.remember(hints=shown)
        return hints[: shown[exercise.name]]

    # -- files -------------------------------------------------------------------------------------------------------

    def reset(self) -> Path:
        """Put the exercise back as it was shipped. Returns where the student's own is kept."""
        backup = self.back_up(self.exercise)
        with writing(self.exercise):
            shutil.copyfile(self.lesson.folder / "exercise.py", self.exercise)
        self.remember(passed=[])
        return backup

    def back_up(self, path: Path) -> Path:
        """Keep a copy under a name that is free."""
        folder = self.private / "backups"
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            number = 1 + sum(1 for _ in folder.glob(f"{path.stem}-*{path.suffix}"))
            return Path(shutil.copyfile(path, folder / f"{path.stem}-{number}{path.suffix}"))


def _is_sound(state: dict[str, Any]) -> bool:
    """Whether nobody has written anything odd into it."""
    passed, hints = state.get("passed", []), state.get("hints", {})
    named = isinstance(passed, list) and all(isinstance(name, str) for name in passed)
    counted = isinstance(hints, dict) and all(isinstance(count, int) for count in hints.values())
    told = state.get("differences", {})
    return named and counted and isinstance(told, dict) and all(isinstance(lines, list) for lines in told.values())


def start(lesson: Lesson, folder: Path, *, force: bool = False) -> Workbook:
    """Copy a lesson's files. Raises BadInput when a changed file would be lost, unless by force (a copy is kept)."""
    book = Workbook(lesson, folder / "exercise.py")
    if folder.resolve() == lesson.folder.resolve():
        raise BadInput(f"{folder} is where the lesson itself lives; choose another folder")
    with writing(folder):
        changed = list(_changed(lesson, folder))
    if changed and not force:
        names = ", ".join(path.name for path in changed)
        raise BadInput(f"{folder} already has your own {names}; --force starts again, and keeps a copy of yours")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for path in changed:
            book.back_up(path)
        for name in FILES:
            shutil.copyfile(lesson.folder / name, folder / name)
    book.remember(passed=[])
    return book


def _changed(lesson: Lesson, folder: Path) -> Iterable[Path]:
    for name in FILES:
        path = folder / name
        if path.exists() and (not path.is_file() or path.read_bytes() != (lesson.folder / name).read_bytes()):
            yield path


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the file system refuses into a sentence."""
    try:
        yield
    except OSError as error:
        raise BadInput(f"cannot write {error.filename or path}: {error.strerror}") from None


def open_workbook(name: str) -> Workbook:
    """By a lesson's name (its copy here, else as shipped), or by the path of a folder or of a file alone.

    Raises BadInput with a sentence that says what there is.
    """
    path = Path(name)
    if os.path.isdir(path):  # of os.path, for a name may be too long to ask for
        path = path / "exercise.py"
        if not path.is_file():
            raise BadInput(f"the folder {name} has no exercise.py; 'consensus-lab learn start LESSON' makes one")
    if os.path.isfile(path):
        return Workbook(lesson_of(path), path)
    lesson = find_lesson(name)
    for folder in (Path(lesson.name), Path()):
        if (folder / "exercise.py").is_file() and _is_of(lesson, folder / "exercise.py"):
            return Workbook(lesson, folder / "exercise.py")
    return Workbook(lesson, lesson.folder / "exercise.py")


def _is_of(lesson: Lesson, exercise: Path) -> bool:
    try:
        return lesson_of(exercise).name == lesson.name
    except BadInput:
        return False
