"""The text of a module, read and not run: its classes, what they can reach, and which name means what.

A name is resolved through the module's own imports: after ``from time import monotonic as clock`` the call ``clock()``
is one of ``time.monotonic``. This module refuses to know what is allowed.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

Code = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Source:
    """A module's text. Raises SyntaxError, or ValueError, when it is asked about and is none."""

    file: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.file)

    @cached_property
    def imported(self) -> dict[str, str]:
        """What each imported name stands for: ``{"clock": "time.monotonic"}``."""
        meanings: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for name in node.names:  # `import a.b` binds a, and `import a.b as c` binds a.b
                    whole = name.name if name.asname else name.name.partition(".")[0]
                    meanings[name.asname or whole] = whole
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                meanings |= {name.asname or name.name: f"{node.module}.{name.name}" for name in node.names}
        return meanings

    @cached_property
    def defined(self) -> dict[str, Code]:
        """The functions and classes at the top level, by name."""
        return {node.name: node for node in self.tree.body if isinstance(node, Code)}

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(name for name, node in self.defined.items() if isinstance(node, ast.ClassDef))

    @cached_property
    def variables(self) -> dict[str, ast.expr]:
        """What is assigned at the top level, by name."""
        return dict(assignments(self.tree.body))

    def reachable(self, *names: str) -> dict[str, Code]:
        """These classes and functions, and all of this module that they name, and that those name."""
        found: dict[str, Code] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in self.defined and name not in found:
                found[name] = self.defined[name]
                waiting += [node.id for node in ast.walk(found[name]) if isinstance(node, ast.Name)]
        return found

    def meaning(self, node: ast.AST, local: frozenset[str] = frozenset()) -> str:
        """The full name that an expression stands for, such as ``time.monotonic``; empty when it is no module's."""
        if isinstance(node, ast.Attribute):
            base = self.meaning(node.value, local)
            return f"{base}.{node.attr}" if base else ""
        if not isinstance(node, ast.Name) or node.id in local or node.id in self.defined or node.id in self.variables:
            return ""
        return self.imported.get(node.id, node.id if hasattr(builtins, node.id) else "")


def assignments(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """Each name that these statements assign, with its value."""
    for node in body:
        if isinstance(node, ast.Assign):
            yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and node.value is not None and isinstance(node.target, ast.Name):
            yield node.target.id, node.value


def local_names(function: ast.AST) -> frozenset[str]:
    """The names that a function binds itself: its parameters, and what it assigns and does not declare global."""
    bound = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    bound |= {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    declared = {name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names}
    return frozenset(bound - declared)


def functions_of(code: Code) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The function itself, or every method of a class."""
    if isinstance(code, FUNCTIONS):
        yield code
    else:
        yield from (node for node in code.body if isinstance(node, FUNCTIONS))


def without_annotations(code: ast.AST) -> Iterator[ast.AST]:
    """Every node that is run, and none that only says of which type something is."""
    yield code
    for field, value in ast.iter_fields(code):
        if field in ("annotation", "returns", "type_comment"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from without_annotations(child)
