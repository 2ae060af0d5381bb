"""The pytest plugin of the lessons: points, the student's classes, a time limit, and a log for whoever grades.

A lesson's conftest.py brings it in for plain `pytest`, and `consensus-lab grade` with ``-p``. It is no entry point, so
that no other pytest run ever meets it. It judges nothing: it says what each test came to.
"""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from consensus_lab.check.coverage import Coverage, watcher
from consensus_lab.check.keeping import Filing, filing
from consensus_lab.lab.loading import BadInput, load_module

LEDGER = "consensus-lab-ledger"
LIMIT = 30.0  # seconds for one test, unless its mark says otherwise: a loop that never ends must not eat the others


class TimeLimit(Exception):
    """A test ran too long. It is raised inside whatever runs, so that the rule which never returns is named."""


# -- what a test is given --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Submission:
    """The exercise.py being tested: its classes by name, as attributes."""

    path: Path
    module: Any

    def __getattr__(self, name: str) -> type:
        kind = getattr(self.module, name, None)
        if isinstance(kind, type):
            return kind
        raise AssertionError(f"{self.path.name} has no class {name}: was it renamed or deleted?")


@pytest.fixture
def exercise(request: pytest.FixtureRequest) -> Iterator[Submission]:
    """The classes of exercise.py: the one being graded, or the one beside the test."""
    path = Path(request.config.getoption("lab_exercise", None) or request.path.with_name("exercise.py"))
    folder = Path(request.config.getoption("lab_traces", None) or path.parent / ".consensus-lab")
    token = filing.set(Filing(folder, trace_name(request.node)))
    try:
        yield Submission(path, load(path))
    finally:
        filing.reset(token)


def load(path: Path) -> ModuleType:
    """Run the file; one that cannot be run fails its test with a sentence."""
    try:
        return load_module(path)
    except BadInput as error:
        pytest.fail(str(error), pytrace=False)


def trace_name(item: pytest.Item) -> str:
    """``TestCountingCoordinator::test_the_last_yes_commits`` leaves CountingCoordinator-the-last-yes-commits.trace."""
    names = [part.removeprefix("Test").removeprefix("test_") for part in item.nodeid.split("::")[1:]]
    return re.sub(r"[^\w.]+", "-", "-".join(names).replace("_", "-")).strip("-")  # nothing a shell would take apart


# -- what pytest asks ------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("consensus-lab")
    group.addoption("--lab-exercise", metavar="FILE", help="Test the classes of this file.")
    group.addoption("--lab-traces", metavar="FOLDER", help="Keep the traces of what fails here.")
    group.addoption("--lab-briefly", action="store_true", help="One failed test of an exercise is enough.")
    group.addoption("--lab-coverage", action="store_true", help="Count which rules the tests reach, for the log.")
    group.addoption("--lab-log", metavar="FILE", help="Write what happens here, a JSON object a line.")


def pytest_configure(config: pytest.Config) -> None:
    """Also called when a conftest.py brings this module in; however often, there is one ledger."""
    config.addinivalue_line("markers", "points(n, rubric='', hidden=False, seconds=30): what a test is worth")
    if not config.pluginmanager.has_plugin(LEDGER):
        reached = Coverage() if config.getoption("lab_coverage", False) else None
        watcher.set(reached)
        config.pluginmanager.register(Ledger(config.getoption("lab_log", None), reached), LEDGER)


@dataclass
class Ledger:
    """What every test with points came to."""

    log: str | None
    reached: Coverage | None = None
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)  # test by its id
    earned: dict[str, float] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)  # exercises, by the id of their class

    def write(self, **event: Any) -> None:
        """One event, at once on disk: the grader reads it even if this process dies."""
        if self.log:
            with open(self.log, "a", encoding="utf-8") as log:
                log.write(json.dumps(event) + "\n")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.entries = {item.nodeid: entry(item) for item in session.items if item.get_closest_marker("points")}
        self.write(collected=list(self.entries.values()))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.write(started=nodeid)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if item.config.getoption("lab_briefly", False) and item.nodeid.rpartition("::")[0] in self.failed:
            pytest.skip("a test of this exercise has failed already")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        mark = item.get_closest_marker("points")
        if mark is None or not hasattr(signal, "setitimer"):
            return (yield)
        restore = start_clock(float(mark.kwargs.get("seconds", LIMIT)))
        try:
            return (yield)
        finally:
            restore()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> Any:
        report = yield
        report.headline = "" if call.excinfo is None else headline(call.excinfo)
        return report

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.nodeid not in self.entries:
            return
        if report.failed:
            self.failed.add(report.nodeid.rpartition("::")[0])
        if report.when == "call" and report.passed:
            self.earned[report.nodeid] = self.entries[report.nodeid]["points"]
        partial = dict(report.user_properties).get("earned")
        if partial is not None:
            self.earned[report.nodeid] = min(max(0.0, float(partial)), self.entries[report.nodeid]["points"])
        self.write(
            finished=report.nodeid,
            phase=report.when,
            outcome=report.outcome,
            message=getattr(report, "headline", "") or dict(report.user_properties).get("remark", ""),
            duration=report.duration,
            earned=self.earned.get(report.nodeid, 0.0),
        )

    def pytest_sessionfinish(self) -> None:
        if self.reached is not None:
            self.write(coverage=list(self.reached.lines()))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self.entries:
            return
        terminalreporter.section("points")
        for title, (got, of) in self.totals().items():
            terminalreporter.write_line(f"{got:>4g} of {of:<4g} {title}")
        terminalreporter.write_line(f"{sum(self.earned.values()):>4g} of {self.worth:<4g} in all")

    @property
    def worth(self) -> float:
        return sum(float(entry["points"]) for entry in self.entries.values())

    def totals(self) -> dict[str, tuple[float, float]]:
        """Exercise by exercise: points earned, points there were."""
        totals: dict[str, tuple[float, float]] = {}
        for nodeid, entry in self.entries.items():
            got, of = totals.get(entry["title"], (0.0, 0.0))
            totals[entry["title"]] = (got + self.earned.get(nodeid, 0.0), of + entry["points"])
        return totals


def entry(item: pytest.Item) -> dict[str, Any]:
    """One test as the grader lists it. Its exercise is its class; its name is a docstring's first line, or itself."""
    mark = item.get_closest_marker("points")
    assert mark is not None
    group = getattr(item, "cls", None)
    return {
        "id": item.nodeid,
        "name": (first_line(getattr(item, "function", None)) or sentence(item)) + case(item),
        "exercise": group.__name__.removeprefix("Test") if group else "",
        "title": first_line(group) or item.path.name,
        "points": float(mark.args[0]) if mark.args else 1.0,
        "rubric": mark.kwargs.get("rubric", ""),
        "hidden": bool(mark.kwargs.get("hidden", False)),
        "file": item.location[0],
        "line": (item.location[1] or 0) + 1,
    }


def sentence(item: pytest.Item) -> str:
    """``test_the_last_yes_commits`` says: The last yes commits."""
    return item.name.partition("[")[0].removeprefix("test_").replace("_", " ").capitalize()


def case(item: pytest.Item) -> str:
    """Which one it is of a test with several: ``: a ballot too low``."""
    called = getattr(item, "callspec", None)
    return f": {called.id}" if called else ""


def first_line(documented: object) -> str:
    return (getattr(documented, "__doc__", None) or "").strip().partition("\n")[0]


def headline(excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    """A failed claim in its own words; anything else with its kind."""
    if isinstance(excinfo.value, AssertionError | pytest.fail.Exception):
        return str(excinfo.value)
    return f"{excinfo.typename}: {excinfo.value}"


def start_clock(seconds: float) -> Callable[[], None]:
    """Raise TimeLimit in whatever is running after so long; the function returned stops the clock."""

    def ring(number: int, frame: object) -> None:
        raise TimeLimit(f"it ran for {seconds:g} seconds; is there a loop that never ends?")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)

    def stop() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    return stop
