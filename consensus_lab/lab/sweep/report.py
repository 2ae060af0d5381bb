"""What a sweep came to: for people, as JSON, and as CSV; grades in the columns of nbgrader's export."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from consensus_lab.lab.sweep.sweep import Sweep
from consensus_lab.lab.sweep.tally import Row

FORMAT, VERSION = "consensus-lab-sweep", 1
SHOWN = 20
"""Failures that are printed; all of them are in the files."""

NBGRADER = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
    "late_submission_penalty", "score", "max_score",
)  # fmt: skip


def told(sweep: Sweep) -> Iterator[str]:
    """Lines to read."""
    yield f"{summary(sweep)}\n"
    width = max((len(row["item"]) for row in sweep.tally.failures[:SHOWN]), default=0)
    for row in in_order(sweep.tally.failures)[:SHOWN]:
        yield f"  {row['item']:<{width}}  {row['what'].partition(chr(10))[0]}"
    if len(sweep.tally.failures) > SHOWN:
        yield f"  ... and {len(sweep.tally.failures) - SHOWN} more"
    for row in sweep.lost:
        yield f"  not done: {', '.join(row['items'])}: {row['why']}"
    if sweep.interrupted:
        yield "  interrupted: what was not done yet is not in these figures"


def summary(sweep: Sweep) -> str:
    """``1,000 seeds: 997 held, 3 refuted; 41 batches on 2 processes, 3.2 s (5.9 s of work)``."""
    counters = ", ".join(f"{count:,} {name}" for name, count in sorted(sweep.tally.counters.items())) or "nothing"
    batches = "1 batch" if sweep.batches == 1 else f"{sweep.batches:,} batches"
    effort = f"{batches} on {sweep.engine}, {sweep.seconds:.1f} s ({sweep.tally.seconds:.1f} s of work)"
    kind = sweep.work.kind.removesuffix("s") if sweep.tally.done == 1 else sweep.work.kind
    return f"{sweep.tally.done:,} {kind}: {counters}; {effort}"


def in_order(rows: list[Row]) -> list[Row]:
    """By item, numbers as numbers: batches come back in any order."""

    def key(row: Row) -> list[tuple[bool, int, str]]:
        return [(not word.isdigit(), int(word) if word.isdigit() else 0, word) for word in row["item"].split()]

    return sorted(rows, key=key)


def as_json(sweep: Sweep) -> str:
    """Everything."""
    told = sweep.tally.as_json() | {"failures": in_order(sweep.tally.failures)}
    whole = {
        "format": FORMAT,
        "version": VERSION,
        "kind": sweep.work.kind,
        "complete": sweep.complete,
        "engine": str(sweep.engine),
        "batches": sweep.batches,
        "elapsed": round(sweep.seconds, 3),
        "lost": sweep.lost,
    }
    return json.dumps(whole | told, indent=1, ensure_ascii=False) + "\n"


def as_csv(sweep: Sweep) -> str:
    """A line a failure; for submissions a line a student, as nbgrader exports grades."""
    if sweep.work.kind == "submissions":
        return _table(NBGRADER, [grade_row(row) for row in sorted(sweep.tally.rows, key=lambda row: row["student"])])
    return _table(("item", "what"), in_order(sweep.tally.failures))


def grade_row(row: Row) -> Row:
    """A submission's figures in nbgrader's columns; what is not known here is left empty."""
    return {
        "assignment": row["lesson"],
        "timestamp": row["timestamp"],
        "student_id": row["student"],
        "raw_score": row["score"],
        "late_submission_penalty": 0.0,
        "score": row["score"],
        "max_score": row["max_score"],
    }


def _table(columns: tuple[str, ...], rows: list[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
