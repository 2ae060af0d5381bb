"""Grading: the shipped tests of a lesson, run on a student's file in a process of their own.

The tests come from the package, so that an edit of the student's copy changes nothing; the child process only logs what
each test came to, and the report is made here, whatever becomes of the child. That is enough for a class. It is no
sandbox: a submission written to forge its log can.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from consensus_lab.lab.lessons import PACKAGE
from consensus_lab.lab.reports import Report, Result
from consensus_lab.lab.workbook import Workbook

PLUGIN = "consensus_lab.lab.grading_plugin"
PATIENCE = 300.0  # seconds for a whole lesson; each test has a limit of its own
RAN_OUT = "it was still running when the time for the whole lesson was up"
DIED = "the process that ran it ended here"
NEVER_RAN = "it was not run, for an earlier one ended the process"


class GraderFailed(RuntimeError):
    """The grader itself could not run: why, and what to do."""


def grade(book: Workbook, *, patience: float = PATIENCE, briefly: bool = False, coverage: bool = False) -> Report:
    """Run the lesson's tests on this workbook's file. Raises GraderFailed when they could not be run at all.

    `briefly`: of an exercise that has failed a test, the others are skipped. `coverage`: also say what was reached.
    """
    if importlib.util.find_spec("pytest") is None:
        raise GraderFailed("grading needs pytest: python -m pip install 'pytest>=9'")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="consensus-lab-") as desk:
        asked = {"--lab-briefly": briefly, "--lab-coverage": coverage}
        log, said = run_tests(book, Path(desk), patience, [option for option, wanted in asked.items() if wanted])
    events = Events.of(log)
    if not events.collected:
        raise GraderFailed(f"the tests of {book.lesson.name} could not be started: {last_line(said)}")
    results = tuple(events.results(DIED if said is not None else RAN_OUT))
    errors = tuple(dict.fromkeys(result.message for result in results if result.status == "error"))
    taken = round(time.monotonic() - began, 3)
    lent, reached = tuple(borrowed(book)), tuple(events.coverage)
    return Report(book.lesson.name, str(book.exercise), results, errors, taken, lent, reached)


def borrowed(book: Workbook) -> Iterator[str]:
    """The exercises whose class has no rule of its own, or one that calls the rule it should replace."""
    try:
        body = ast.parse(book.exercise.read_bytes()).body
    except (SyntaxError, ValueError):
        return
    classes = {node.name: node for node in body if isinstance(node, ast.ClassDef)}
    for exercise in book.lesson.exercises:
        parts = classes[exercise.name].body if exercise.name in classes else []
        rule = next((p for p in parts if isinstance(p, ast.FunctionDef) and p.name == exercise.rule), None)
        called = [node.attr for node in ast.walk(rule) if isinstance(node, ast.Attribute)] if rule else [exercise.rule]
        if exercise.rule in called:
            yield exercise.name


def run_tests(book: Workbook, desk: Path, patience: float, options: list[str]) -> tuple[str, str | None]:
    """The log of the tests, and what the child said; None when it did not end in time."""
    log = desk / "log"
    log.touch()
    (desk / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n", encoding="utf-8")
    shutil.copyfile(book.lesson.folder / "test_exercise.py", desk / "test_exercise.py")
    try:
        done = subprocess.run(
            [*command(book, desk, log), *options],
            env=surroundings(),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return log.read_text(encoding="utf-8"), None
    return log.read_text(encoding="utf-8"), f"{done.stdout}\n{done.stderr}"


def command(book: Workbook, desk: Path, log: Path) -> list[str]:
    """Nothing of the student's surroundings decides: no ini file, no conftest, no other plugin."""
    options = [f"--lab-exercise={book.exercise}", f"--lab-traces={book.private}", f"--lab-log={log}"]
    quiet = ["-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-p", PLUGIN]
    place = ["-c", str(desk / "pytest.ini"), "--rootdir", str(desk), str(desk / "test_exercise.py")]
    return [sys.executable, "-P", "-m", "pytest", *quiet, *options, *place]


def surroundings() -> dict[str, str]:
    """The environment of the tests: this package first, pytest's own variables out of the way."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    path = os.pathsep.join(filter(None, [str(PACKAGE.parent), kept.get("PYTHONPATH")]))
    return kept | {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": path,
        "PYTHONUTF8": "1",
    }


def last_line(said: str | None) -> str:
    lines = [line.strip() for line in (said or "").splitlines() if line.strip()]
    return lines[-1] if lines else "pytest said nothing"


# -- what the log says -------------------------------------------------------------------------------------------------


@dataclass
class Events:
    """The log, sorted out."""

    collected: list[dict[str, Any]] = field(default_factory=list)
    started: set[str] = field(default_factory=set)
    phases: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)  # test, phase, what it came to
    coverage: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, log: str) -> Events:
        events = cls()
        for event in _whole_lines(log):
            if "collected" in event:
                events.collected = event["collected"]
            elif "coverage" in event:
                events.coverage = event["coverage"]
            elif "started" in event:
                events.started.add(event["started"])
            elif "finished" in event:
                events.phases.setdefault(event["finished"], {})[event["phase"]] = event
        return events

    def results(self, cut_short: str) -> Iterator[Result]:
        """Every test, also those that never ran; `cut_short` says why a started one has no end."""
        exercises: dict[str, int] = {}
        for entry in self.collected:
            exercises[entry["exercise"]] = exercises.get(entry["exercise"], 0) + 1
            number = f"{len(exercises)}.{exercises[entry['exercise']]}"
            yield Result(**entry, number=number, **self._outcome(entry["id"], cut_short))

    def _outcome(self, test: str, cut_short: str) -> dict[str, Any]:
        phases = self.phases.get(test, {})
        if "teardown" not in phases:
            message = cut_short if test in self.started else NEVER_RAN
            return {"status": "fail", "message": message, "earned": 0.0, "duration": 0.0}
        wrong = next((phase for phase in phases.values() if phase["outcome"] != "passed"), phases["teardown"])
        return {
            "status": _status(wrong),
            "message": wrong["message"],
            "earned": phases["teardown"]["earned"],
            "duration": round(sum(phase["duration"] for phase in phases.values()), 6),
        }


def _status(phase: dict[str, Any]) -> str:
    if phase["outcome"] == "failed":
        return "fail" if phase["phase"] == "call" else "error"
    return "pass" if phase["outcome"] == "passed" else "skip"


def _whole_lines(log: str) -> Iterator[dict[str, Any]]:
    """The log's events; a last line that the child died in is none."""
    for line in log.splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue
