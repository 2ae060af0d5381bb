"""``consensus-lab learn``: lessons to list, start, get hints for, reset and compare with the reference."""

from __future__ import annotations

import json
from pathlib import Path

import click

from consensus_lab.cli import example, fail
from consensus_lab.lab.lessons import find_lesson, lessons
from consensus_lab.lab.workbook import Workbook, open_workbook, start

PENDING = 1


@click.group(
    epilog=example(
        "consensus-lab learn list",
        "consensus-lab learn start two-phase-commit",
        "consensus-lab learn hint two-phase-commit 1",
        "consensus-lab grade two-phase-commit",
    )
)
def command() -> None:
    """List lessons, start one, ask for hints, begin again, and see the reference's own answer."""


@command.command(
    "list",
    short_help="List the lessons and your progress.",
    epilog=example("consensus-lab learn list", "consensus-lab learn list --json"),
)
@click.option("--json", "as_json", is_flag=True, help="As JSON: name, title, exercises, passed, folder.")
def list_lessons(as_json: bool) -> None:
    """List the lessons, and how far you are with those started in this folder."""
    books = [open_workbook(lesson.name) for lesson in lessons()]
    if as_json:
        click.echo(json.dumps([row(book) for book in books], indent=2, ensure_ascii=False))
        return
    for book in books:
        progress = f"{len(book.passed)}/{len(book.lesson.exercises)} passed" if book.state else "not started here"
        click.echo(f"{book.lesson.name:<24} {progress:<18} {book.lesson.title}")


def row(book: Workbook) -> dict[str, object]:
    exercises = [
        {"number": e.number, "class": e.name, "rule": e.rule, "question": e.question} for e in book.lesson.exercises
    ]
    return {
        "name": book.lesson.name,
        "title": book.lesson.title,
        "exercises": exercises,
        "passed": sorted(book.passed),
        "folder": str(book.exercise.parent) if book.state else None,
    }


@command.command(
    "start",
    short_help="Copy a lesson for you to write in.",
    epilog=example("consensus-lab learn start two-phase-commit", "consensus-lab learn start 01 here"),
)
@click.argument("lesson")
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Start again over your own files; a copy of them is kept.")
def start_lesson(lesson: str, folder: Path | None, force: bool) -> None:
    """Copy LESSON into FOLDER (by default one of its name, here), for you to write in."""
    found = find_lesson(lesson)
    book = start(found, folder or Path(found.name), force=force)
    place = book.exercise.parent
    click.secho(f"{found.title}: {len(found.exercises)} exercises\n", bold=True)
    click.echo(f"  Read    {place / 'README.md'}")
    click.echo(f"  Write   {book.exercise}")
    click.echo(f"  Grade   consensus-lab grade {place}")
    click.echo(f"  Ask     consensus-lab learn hint {place}")


@command.command(
    "hint",
    short_help="Give the next hint for an exercise.",
    epilog=example("consensus-lab learn hint two-phase-commit", "consensus-lab learn hint . 3"),
)
@click.argument("lesson")
@click.argument("number", metavar="[EXERCISE]", required=False, type=int)
@click.option("--all", "every", is_flag=True, help="Every hint of the exercise at once.")
def hint(lesson: str, number: int | None, every: bool) -> None:
    """Give the next hint for an EXERCISE (by default the first that has not passed): each time one more.

    After them, where your rule did otherwise than the library's when you graded it last, on the same schedule.
    """
    book = open_workbook(lesson)
    exercise = book.next if number is None else book.lesson.exercise(number)
    hints = book.lesson.hints(exercise)
    shown = hints if every else book.hint(exercise)
    click.secho(f"{exercise.number} {exercise.name}: {exercise.question}", bold=True)
    for text in shown:
        click.echo(f"\n{text}")
    left = len(hints) - len(shown)
    click.secho(f"\n{left} more: ask again." if left else "\nThat was the last hint.", dim=True)
    if told := book.difference(exercise):
        click.echo("\nWhen you graded it last:")
        for line in told:
            click.echo(f"  {line}")


@command.command(
    "reset",
    short_help="Put exercise.py back as it was shipped.",
    epilog=example("consensus-lab learn reset two-phase-commit", "consensus-lab learn reset . --yes"),
)
@click.argument("lesson")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(lesson: str, yes: bool) -> None:
    """Put exercise.py back as it was shipped; your own is kept as a backup."""
    book = open_workbook(lesson)
    if book.exercise.resolve() == (book.lesson.folder / "exercise.py").resolve():
        fail(f"{book.lesson.name} is not started here: 'consensus-lab learn start {book.lesson.name}'", 2)
    if not yes:
        click.confirm(f"Put {book.exercise} back as it was shipped?", abort=True)
    click.echo(f"{book.exercise} is as it was shipped; yours is kept as {book.reset()}")


@command.command(
    "solution",
    short_help="Show the library's own rule.",
    epilog=example("consensus-lab learn solution two-phase-commit 1"),
)
@click.argument("lesson")
@click.argument("number", metavar="EXERCISE", type=int)
@click.option("--anyway", is_flag=True, help="Although yours has not passed yet.")
def solution(lesson: str, number: int, anyway: bool) -> None:
    """Show how the library itself writes the rule of an EXERCISE, once yours has passed."""
    book = open_workbook(lesson)
    exercise = book.lesson.exercise(number)
    if exercise.name not in book.passed and not anyway:
        fail(f"exercise {number} has not passed yet: 'consensus-lab grade {lesson}' first, or --anyway", PENDING)
    path, source = book.lesson.solution(exercise)
    click.secho(f"{exercise.name}.{exercise.rule}, as in {path}:\n", bold=True)
    click.echo(source)
