"""A class's submissions, found in folders: whose each file is, and when it was handed in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.sweep.tally import Row

EXERCISE = "exercise.py"


def submissions(paths: Iterable[Path]) -> list[Row]:
    """One for each student, by name. A folder holds STUDENT.py files, or folders called STUDENT with a file each.

    Raises BadInput when there is none, when a student has two, or when a file cannot be read.
    """
    found: dict[str, Row] = {}
    for student, file in (each for path in paths for each in _files(path)):
        if student in found:
            raise BadInput(f"{student} has handed in two files, {found[student]['file']} and {file}: name one of them")
        found[student] = _submission(student, file)
    if not found:
        raise BadInput("there is no submission: name files STUDENT.py, or a folder with STUDENT/exercise.py in it")
    return [found[student] for student in sorted(found)]


def _files(path: Path) -> Iterator[tuple[str, Path]]:
    if path.is_file():
        yield (path.parent.name if path.name == EXERCISE else path.stem), path
        return
    if not path.is_dir():
        raise BadInput(f"there is no {path}")
    for entry in sorted(path.iterdir()):
        if entry.is_dir():
            files = sorted(entry.glob("*.py"))
            named = [file for file in files if file.name == EXERCISE] or files
            yield from ((entry.name, file) for file in named)
        elif entry.suffix == ".py":
            yield (path.name if entry.name == EXERCISE else entry.stem), entry


def _submission(student: str, file: Path) -> Row:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
        handed_in = datetime.fromtimestamp(os.stat(file).st_mtime, UTC)
    except OSError as error:
        raise BadInput(f"cannot read {file}: {error.strerror}") from None
    return {
        "student": student,
        "file": str(file),
        "text": text,
        "timestamp": handed_in.strftime("%Y-%m-%d %H:%M:%S UTC"),
    }
