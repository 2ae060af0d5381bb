"""``consensus-lab grade``: what an exercise earns, and what is wrong with it."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click

from consensus_lab.check.lint import Finding
from consensus_lab.cli import example, fail
from consensus_lab.cli.arguments import OutputFile, Seconds, write
from consensus_lab.lab.comparing import told_in
from consensus_lab.lab.grade import PATIENCE, GraderFailed, grade
from consensus_lab.lab.linting import lint_file
from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.reports import FORMATS, STRICT, Report, Result, lending
from consensus_lab.lab.workbook import Workbook, open_workbook

PENDING, NO_GRADER = 1, 3
VERDICTS = {"pass": ("✓", "passed", "green"), "fail": ("✗", "failed", "red"), "error": ("✗", "error", "red")}


@click.command(
    epilog=example(
        "consensus-lab grade two-phase-commit",
        "consensus-lab grade 01_two_phase_commit/exercise.py --json grade.json",
        "consensus-lab grade submission.py --report gradescope results.json --report junit junit.xml",
    )
)
@click.argument("lesson", metavar="LESSON_OR_FILE")
@click.option(
    "--json",
    "json_file",
    type=OutputFile(allow_dash=True),
    metavar="FILE",
    help="Write the whole report as JSON; '-' prints it instead.",
)
@click.option(
    "--report",
    "reports",
    type=(click.Choice(list(FORMATS)), OutputFile()),
    multiple=True,
    metavar="FORMAT FILE",
    help=f"Write a report in one of {', '.join(FORMATS)}. May be given again.",
)
@click.option("--all", "every", is_flag=True, help="Show every failure, not only each exercise's first.")
@click.option("--coverage", is_flag=True, help="Also which rules the tests reach, in which states.")
@click.option("--timeout", default=PATIENCE, show_default=True, type=Seconds(min=1), help="Seconds in all.")
@click.option(
    "--strict/--lenient",
    default=None,
    help="No point for an exercise whose rule was deleted, or calls the library's: its reference then answers. "
    "By default gradescope and junit reports are strict, and all else is lenient; each names such exercises.",
)
def command(
    lesson: str,
    json_file: Path | None,
    reports: tuple[tuple[str, Path], ...],
    every: bool,
    coverage: bool,
    timeout: float,
    strict: bool | None,
) -> None:
    """Grade LESSON_OR_FILE: a lesson's name, the folder in which you started it, or a file of exercises alone.

    Exit code 0: all passed; 1: something is pending or fails; 2: no such lesson; 3: the grader could not run.
    """
    book = open_workbook(lesson)
    try:
        report = grade(book, patience=timeout, coverage=coverage)
    except GraderFailed as error:
        fail(str(error), NO_GRADER)
    remember(book, report)
    printed = json_file is not None and str(json_file) == "-"
    for form, path in [*reports, *([("own", json_file)] if json_file is not None and not printed else [])]:
        write(path, FORMATS[form](counted(report, form in STRICT if strict is None else strict)))
    report = counted(report, bool(strict))
    if printed:
        click.echo(FORMATS["own"](report), nl=False)
    else:
        for line in told(book, report, every):
            say(line)
    sys.exit(0 if report.status == "pass" else PENDING)


def counted(report: Report, strict: bool) -> Report:
    return report.strict() if strict else report


def remember(book: Workbook, report: Report) -> None:
    """What passed opens its solution; where what failed first differs from it is a hint.

    A file alone, which a teacher may grade, has no progress to keep.
    """
    if book.state or book.exercise.name == "exercise.py":
        differing = [(result.exercise, told_in(result.message)) for result in reversed(report.results)]
        told = {name: lines for name, lines in differing if lines}
        book.remember(passed=list(report.passed), differences=told)


# -- for people --------------------------------------------------------------------------------------------------------


def told(book: Workbook, report: Report, every: bool) -> Iterator[str]:
    """The report as lines to read."""
    yield click.style(f"{book.lesson.title}  ", bold=True) + click.style(str(book.exercise), dim=True) + "\n"
    numbers = {exercise.name: exercise.number for exercise in book.lesson.exercises}
    pending = [name for name in report.exercises if name not in report.passed]
    for name, results in report.exercises.items():
        yield from exercise(numbers.get(name, 0), name, results, every, at_length=every or name in pending[:1])
    for error in report.errors:
        yield "\n" + textwrap.indent(error, "  ")
    yield f"\n  {report.score:g} of {report.max_score:g} points"
    yield from (f"  {line}" for line in lending(report))
    yield from (f"  lint: {finding}".replace("\n", "\n  ") for finding in lint_quietly(book))
    yield from advice(book, report, numbers)
    yield from ("", *report.coverage) if report.coverage else ()


def lint_quietly(book: Workbook) -> list[Finding]:
    """What the text of the exercises shows; nothing when it is no Python, which the report says already."""
    try:
        return lint_file(book.exercise)
    except BadInput:
        return []


def exercise(number: int, name: str, results: tuple[Result, ...], every: bool, *, at_length: bool) -> Iterator[str]:
    """One line, and under it what failed first: with its trail, or only the claim and the command."""
    wrong = [result for result in results if result.status != "pass"]
    sign, word, colour = VERDICTS.get(wrong[0].status, VERDICTS["fail"]) if wrong else VERDICTS["pass"]
    earned, points = sum(result.earned for result in results), sum(result.points for result in results)
    verdict = click.style(f"{sign} {word}", fg=colour, bold=True)
    yield f"  {verdict} {earned:>4g}/{points:<4g} {number} {name}: {results[0].title}"
    if wrong and wrong[0].status == "error":
        return
    yield from (f"      {result.number} {result.name}: {result.message}" for result in results if is_remark(result))
    for result in wrong if every else wrong[:1]:
        yield from failure(result, at_length)
    if wrong[1:] and not every:
        yield click.style(f"      also: {'; '.join(result.name for result in wrong[1:])}", dim=True)


def is_remark(result: Result) -> bool:
    """Whether a test that passed has something to say."""
    return result.status == "pass" and bool(result.message)


def failure(result: Result, at_length: bool) -> Iterator[str]:
    yield f"      {result.number} {result.name}"
    headline, *details = result.message.splitlines() or [""]
    yield click.style(f"        {headline}", bold=True)
    yield from (f"        {line}" for line in (details if at_length else details[-1:]))


def advice(book: Workbook, report: Report, numbers: dict[str, int]) -> Iterator[str]:
    """What to do next."""
    pending = [name for name in report.exercises if name not in report.passed]
    if pending and not report.errors:
        number = numbers.get(pending[0], 1)
        yield f"  Next is exercise {number}. A hint: consensus-lab learn hint {book.lesson.name} {number}"


def say(line: str) -> None:
    """Print, whatever this terminal can show."""
    encoding = sys.stdout.encoding or "utf-8"
    shown = line.encode(encoding, "replace").decode(encoding)
    click.echo(shown, color=False if os.environ.get("NO_COLOR") else None)
