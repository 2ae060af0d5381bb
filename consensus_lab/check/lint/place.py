"""One function or class of a module, as the rules look at it."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from consensus_lab.check.lint.finding import Finding
from consensus_lab.check.lint.source import Code, Source

MUTABLE_CALLS = frozenset(
    ("list", "dict", "set", "bytearray", "collections.defaultdict", "collections.deque", "collections.Counter")
)


@dataclass(frozen=True)
class Place:
    """One function or class at the top level of a module, and what is looked at together with it."""

    source: Source
    code: Code
    reached: dict[str, Code]

    def found(self, node: ast.AST, what: str, remedy: str) -> Finding:
        return Finding(self.source.file, getattr(node, "lineno", 1), what, remedy)

    def is_mutable(self, value: ast.expr) -> bool:
        """Whether this expression makes something that can change."""
        made = isinstance(value, ast.Call) and self.source.meaning(value.func) in MUTABLE_CALLS
        return made or isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)


def named(node: ast.AST) -> str:
    """The name that this is; empty for anything else."""
    return node.id if isinstance(node, ast.Name) else ""
