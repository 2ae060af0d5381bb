"""Grade reports: one value, and the formats in which others read it.

`own` is the whole; Gradescope reads /autograder/results/results.json; JUnit XML is read by most build servers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any
from xml.etree import ElementTree

VERSION = 1
LENT = (
    "no point: the library's own rule answered here, for the exercise's was deleted or calls the one it should replace"
)


@dataclass(frozen=True)
class Result:
    """What one test came to. `status` is pass, fail, error (it could not be tried) or skip."""

    id: str
    name: str
    number: str  # exercise.test, such as 2.3
    exercise: str
    title: str
    points: float
    earned: float
    rubric: str
    hidden: bool
    status: str
    message: str
    duration: float  # seconds
    file: str
    line: int


@dataclass(frozen=True)
class Report:
    """A whole grading. `errors` are what kept tests from being tried at all.

    `borrowed` are the exercises answered by the library: their rule was deleted, or calls the one it should replace.
    """

    lesson: str
    submission: str
    results: tuple[Result, ...]
    errors: tuple[str, ...] = ()
    execution_time: float = 0.0  # seconds
    borrowed: tuple[str, ...] = ()
    coverage: tuple[str, ...] = ()  # what the tests reached, in lines, if that was asked for

    @property
    def score(self) -> float:
        return sum(result.earned for result in self.results)

    @property
    def max_score(self) -> float:
        return sum(result.points for result in self.results)

    @property
    def status(self) -> str:
        if self.errors:
            return "error"
        return "pass" if all(result.status == "pass" for result in self.results) else "fail"

    @property
    def exercises(self) -> dict[str, tuple[Result, ...]]:
        """The results by exercise, in order."""
        return {name: tuple(results) for name, results in groupby(self.results, key=lambda result: result.exercise)}

    @property
    def passed(self) -> tuple[str, ...]:
        """The exercises all of whose tests passed."""
        return tuple(n for n, results in self.exercises.items() if all(r.status == "pass" for r in results))

    @property
    def lent(self) -> tuple[str, ...]:
        """The exercises in which the library's answer earns anything, or would in a lenient report."""
        answered = {result.exercise for result in self.results if result.earned or result.message == LENT}
        return tuple(name for name in self.exercises if name in self.borrowed and name in answered)

    def strict(self) -> Report:
        """The same, with no point for what the library answered."""
        return replace(self, results=tuple(map(self._owned, self.results)))

    def _owned(self, result: Result) -> Result:
        lent = result.exercise in self.borrowed and result.earned
        return replace(result, earned=0.0, status="fail", message=LENT) if lent else result

    def rubric(self) -> dict[str, dict[str, float]]:
        """Points earned and possible, by rubric."""
        totals: dict[str, dict[str, float]] = {}
        for result in self.results:
            row = totals.setdefault(result.rubric or "other", {"earned": 0.0, "points": 0.0})
            row["earned"] += result.earned
            row["points"] += result.points
        return totals


def own(report: Report) -> str:
    """JSON of our own: everything."""
    return _json(
        {
            "format": "consensus-lab-grade",
            "version": VERSION,
            "lesson": report.lesson,
            "submission": report.submission,
            "status": report.status,
            "score": report.score,
            "max_score": report.max_score,
            "rubric": report.rubric(),
            "tests": [asdict(result) for result in report.results],
            "errors": list(report.errors),
            "borrowed": list(report.borrowed),
            "execution_time": report.execution_time,
        }
    )


def gradescope(report: Report) -> str:
    """Gradescope's results.json."""
    return _json(
        {
            "score": report.score,
            "execution_time": report.execution_time,
            "output": "\n".join([*report.errors, f"{report.score:g} of {report.max_score:g} points", *lending(report)]),
            "output_format": "text",
            "test_output_format": "text",
            "visibility": "visible",
            "stdout_visibility": "hidden",
            "tests": [_gradescope_test(result, report) for result in report.results],
        }
    )


def lending(report: Report) -> list[str]:
    """A line that names the exercises which the library answered, if there are any."""
    return [f"Answered by the library's own rule: {', '.join(report.lent)}"] if report.lent else []


def _gradescope_test(result: Result, report: Report) -> Mapping[str, Any]:
    return {
        "name": f"{result.title} {result.name}",
        "number": result.number,
        "score": result.earned,
        "max_score": result.points,
        "status": "passed" if result.status == "pass" else "failed",
        "output": result.message,
        "output_format": "text",
        "tags": [tag for tag in (result.rubric, "borrowed" if result.exercise in report.lent else "") if tag],
        "visibility": "after_published" if result.hidden else "visible",
    }


def junit(report: Report) -> str:
    """JUnit XML, a test case each, with its points as properties."""
    suites = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(
        suites,
        "testsuite",
        name=report.lesson,
        tests=str(len(report.results)),
        failures=_count(report.results, "fail"),
        errors=_count(report.results, "error"),
        skipped=_count(report.results, "skip"),
        time=f"{report.execution_time:.3f}",
    )
    _properties(suite, {"borrowed": ", ".join(report.lent)} if report.lent else {})
    for result in report.results:
        _junit_case(suite, result)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _count(results: Iterable[Result], status: str) -> str:
    return str(sum(result.status == status for result in results))


def _junit_case(suite: ElementTree.Element, result: Result) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", classname=result.exercise, name=result.name, time=f"{result.duration:.3f}"
    )
    _properties(case, {"points": f"{result.points:g}", "earned": f"{result.earned:g}", "rubric": result.rubric})
    verdict = {"fail": "failure", "error": "error", "skip": "skipped"}.get(result.status)
    if verdict:
        message = _printable(result.message)
        ElementTree.SubElement(case, verdict, message=message.partition("\n")[0]).text = message


def _properties(element: ElementTree.Element, told: Mapping[str, str]) -> None:
    if told:
        properties = ElementTree.SubElement(element, "properties")
        for name, value in told.items():
            ElementTree.SubElement(properties, "property", name=name, value=value)


def _printable(text: str) -> str:
    """XML has no place for most control characters."""
    return "".join(c if c.isprintable() or c in "\n\t" else "?" for c in text)


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


STRICT = frozenset({"gradescope", "junit"})
"""The formats in which points are given to others: what the library answered earns none there, unless told so."""

FORMATS: dict[str, Callable[[Report], str]] = {"own": own, "gradescope": gradescope, "junit": junit}
