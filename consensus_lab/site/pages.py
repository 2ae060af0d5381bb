"""Expands the markers of a page: a line ``<!-- KIND: ARGUMENTS -->`` is replaced by what that kind makes of them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence

from consensus_lab.lab.loading import BadInput
from consensus_lab.site.concurrency import concurrency_table
from consensus_lab.site.contrast import contrast_table
from consensus_lab.site.costs import cost_table
from consensus_lab.site.errors import BuildFailed
from consensus_lab.site.excerpts import excerpt
from consensus_lab.site.figures import figure, scenario_list
from consensus_lab.site.linearizability import history_figure
from consensus_lab.site.promises import invariant_list
from consensus_lab.site.statechart import statechart
from consensus_lab.site.transitions import transition_table

MARKER = re.compile(r"^<!--\s*(?P<kind>[\w-]+):\s*(?P<arguments>.*?)\s*-->$", re.MULTILINE)

KINDS: Mapping[str, Callable[..., str]] = {
    "trace": figure,  # PROTOCOL/SCENARIO [FIELD that is shown as held]
    "scenarios": scenario_list,  # PROTOCOL
    "history": history_figure,  # a history's FILE beside the pages, or PROTOCOL/SCENARIO
    "invariants": invariant_list,  # PROTOCOL
    "costs": cost_table,  # PROTOCOL
    "contrast": contrast_table,  # SCRIPT
    "concurrency": concurrency_table,  # PROTOCOL
    "states": statechart,  # PROTOCOL CLASS
    "transitions": transition_table,  # PROTOCOL CLASS
    "source": excerpt,  # PROTOCOL MODULE.NAME
}


def expand(text: str, page: str) -> str:
    """The page with every marker replaced. Raises BuildFailed naming the page and the line."""

    def made(found: re.Match[str]) -> str:
        where = f"{page}, line {text.count(chr(10), 0, found.start()) + 1}"
        make = KINDS.get(found["kind"])
        if make is None:
            raise BuildFailed(f"{where}: a marker is one of {', '.join(KINDS)}; not {found['kind']!r}")
        arguments = found["arguments"].split()
        if not takes(make, arguments):
            raise BuildFailed(f"{where}: the marker '{found['kind']}' cannot take {found['arguments']!r}")
        try:
            return make(*arguments)
        except BadInput as error:
            raise BuildFailed(f"{where}: {error}") from error

    return MARKER.sub(made, text)


def takes(make: Callable[..., str], arguments: Sequence[str]) -> bool:
    """Whether these are as many arguments as it has parameters."""
    try:
        inspect.signature(make).bind(*arguments)
    except TypeError:
        return False
    return True
