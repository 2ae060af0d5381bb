"""A finding: where, what is wrong, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """`file` and `line` say where, `what` is wrong, and the `remedy` is what to do instead."""

    file: str
    line: int
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}\n    {self.remedy}"


def told(findings: Iterable[Finding]) -> list[Finding]:
    """Sorted by place, and none twice."""
    return sorted(set(findings))
