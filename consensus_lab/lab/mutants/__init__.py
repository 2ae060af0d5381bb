"""Named wrong answers: for each protocol, the mistakes that people really make, each with the run that shows it.

A mutant is a reference class with one rule gone wrong. The lessons' tests must tell every one of them from the
reference; a checker, or a student's own tests, can be asked the same.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from consensus_lab.kernel import Process


@dataclass(frozen=True)
class Mutant:
    """`wrong` is a sentence on what is wrong with `rule`; `script` is a story that goes as told with the reference.

    With `kind` in the reference's place (the `role` parameter of the protocol's cast), `refutes` falls in that story:
    an invariant by its name, or "expect": one of the story's own expectations.
    """

    name: str
    kind: type[Process]
    wrong: str
    rule: str
    role: str
    script: str
    refutes: str
    cast: Mapping[str, Any] = field(default_factory=dict)


def mutant(
    references: tuple[type[Process], ...],
    kind: type[Process],
    wrong: str,
    rule: str,
    script: str,
    refutes: str,
    **cast: Any,
) -> Mutant:
    """A mutant of one of these references, each of which is named as the cast's parameter for it."""
    role = next(reference.__name__.lower() for reference in references if issubclass(kind, reference))
    return Mutant(kind.__name__, kind, wrong, rule, role, script, refutes, cast)


def bank(protocol: str) -> tuple[Mutant, ...]:
    """The mutants of a protocol, such as two-phase-commit. Raises ModuleNotFoundError when nobody has gathered any."""
    found: tuple[Mutant, ...] = importlib.import_module(f"{__name__}.{protocol.replace('-', '_')}").MUTANTS
    return found
