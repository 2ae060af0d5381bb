"""Skeen's structural conditions as a table: each local state, where others may be meanwhile, and if it may block."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from consensus_lab.lab.concurrency import Local, Structure, structure


def concurrency_table(name: str) -> str:
    """A row for each local state of a commit protocol."""
    headings = ("While somebody is", "others may be", "all voted yes", "next to it", "")
    lines = [f"| {' | '.join(headings)} |", "|---" * len(headings) + "|", *map(_row, structure(name))]
    return "\n".join(lines)


def _row(state: Structure) -> str:
    cells = (
        f"**{state.local}**",
        _grouped(state.beside),
        "yes" if state.committable else "not known",
        ", ".join(sorted(state.follows)) or "nothing",
        _verdict(state),
    )
    return f"| {' | '.join(cells)} |"


def _grouped(locals_: Iterable[Local]) -> str:
    by_role: dict[str, list[str]] = defaultdict(list)
    for local in locals_:
        by_role[local.role].append(local.state)
    return "; ".join(f"{role} {', '.join(sorted(states))}" for role, states in sorted(by_role.items()))


def _verdict(state: Structure) -> str:
    found = []
    if state.sees_both:
        found.append("**others may have committed, others may have aborted**")
    if state.commits_in_doubt:
        found.append("**next to commit, without implying that all voted yes**")
    return "; ".join(found)
