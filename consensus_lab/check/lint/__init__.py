"""Lint: what keeps a process from being searched, replayed and understood, and how to mend it.

A rule must be a function of its state and its message, and nothing else: that is what a search, a replay and every
argument about a protocol rest on. `source` and `rules` read the text of a class without running it; `trial` runs it.
"""

from consensus_lab.check.lint.finding import Finding, told
from consensus_lab.check.lint.rules import lint_source
from consensus_lab.check.lint.source import Source
from consensus_lab.check.lint.trial import Line, Trial, differences, try_out

__all__ = ["Finding", "Line", "Source", "Trial", "differences", "lint_source", "told", "try_out"]
