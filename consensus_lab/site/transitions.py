"""The rules of one class as a table: state × message → rule → next state, as they were seen."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Iterator
from enum import Enum
from typing import Any

from consensus_lab.kernel import Process
from consensus_lab.site.behaviour import Seen, behaviour, class_named


def transition_table(name: str, class_name: str) -> str:
    """Every rule of a class with the states in which it ran; below, what was ignored and what no play has reached."""
    process = class_named(name, class_name)
    seen = behaviour(name)[process]
    lines = [
        "| In state | upon | it runs | and is then | What the rule says of itself |",
        "|---|---|---|---|---|",
        *_rows(process, seen),
    ]
    ignored, missing = _ignored(seen), unreached(process, seen)
    if ignored:
        lines += ["", f"Heard and ignored, having no rule there: {ignored}."]
    if missing:
        lines += ["", f"Written but not reached by any play: {'; '.join(missing)}."]
    return "\n".join(lines)


def unreached(process: type[Process], seen: Seen) -> list[str]:
    """The pairs of state and message for which there is a rule that never ran."""
    ran = {(t.state, t.kind) for t in seen}
    return [
        f"{rule.kind.__name__} in {word(state)} ({rule.method})"
        for rule in process.RULES
        for state in rule.when
        if (state, rule.kind) not in ran
    ]


def _rows(process: type[Process], seen: Seen) -> Iterator[str]:
    cells: dict[tuple[Any, type, str], list[Any]] = defaultdict(list)
    for t in sorted((t for t in seen if t.rule), key=lambda t: (rank(t.state), t.kind.__name__, rank(t.after))):
        cells[t.state, t.kind, t.rule].append(t.after)
    last = None
    for (state, kind, rule), after in cells.items():
        first = f"**{word(state)}**" if state != last else ""
        says = (inspect.getdoc(getattr(process, rule)) or "").split("\n")[0]
        yield f"| {first} | {kind.__name__} | `{rule}` | {' or '.join(map(word, after))} | {says} |"
        last = state


def _ignored(seen: Seen) -> str:
    pairs = sorted({(rank(t.state), t.kind.__name__, word(t.state)) for t in seen if not t.rule})
    by_kind: dict[str, list[str]] = defaultdict(list)
    for _, kind, state in pairs:
        by_kind[kind].append(state)
    return "; ".join(f"{kind} in {', '.join(states)}" for kind, states in sorted(by_kind.items()))


def rank(state: Any) -> int:
    """The place of a state in its enumeration."""
    return list(type(state)).index(state) if isinstance(state, Enum) else 0


def word(state: Any) -> str:
    """A state for people."""
    return state.name if isinstance(state, Enum) else str(state)
