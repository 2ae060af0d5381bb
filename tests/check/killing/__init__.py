"""Where a search kills each wrong answer of the bank: one record a mutant, one table a protocol.

A table holds `KILLS`, and `BEYOND`: those that no search of a few seconds kills, each with why, and what was measured.
A new protocol's table is a module here, named in `TABLES`.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from consensus_lab.check import Exploration, Verdict, explore
from consensus_lab.kernel import Cast
from consensus_lab.lab import catalogue
from consensus_lab.lab.mutants import Mutant, bank

Ask = Callable[[Exploration], Verdict]
"""A question that the mutant fails, raising Falsified, and the reference does not."""


def what_it_claims(exploration: Exploration) -> Verdict:
    """Every invariant of the cast, always."""
    return exploration.always()


def alone(name: str) -> Ask:
    """One invariant of the cast, always."""

    def ask(exploration: Exploration) -> Verdict:
        claims = {claim.name: claim for claim in exploration.cast.invariants}
        return exploration.always(claims[name])

    return ask


@dataclass(frozen=True)
class Kill:
    """`steps`: the length of the shortest trail. `cast`: parameters beyond the mutant's own; `bound`: of `explore`."""

    mutant: str
    steps: int
    bound: Mapping[str, Any] = field(default_factory=dict)
    cast: Mapping[str, Any] = field(default_factory=dict)
    ask: Ask = what_it_claims


@dataclass(frozen=True)
class Beyond:
    """Why no search kills it; and within which bound it was seen to survive all that its cast claims."""

    mutant: str
    why: str
    bound: Mapping[str, Any] = field(default_factory=dict)
    cast: Mapping[str, Any] = field(default_factory=dict)


TABLES = ("two-phase-commit", "three-phase-commit", "paxos", "election")


def table(protocol: str) -> tuple[tuple[Kill, ...], tuple[Beyond, ...]]:
    """Who is killed where, and who is not."""
    module = importlib.import_module(f"{__name__}.{protocol.replace('-', '_')}")
    return module.KILLS, module.BEYOND


def mutant_of(protocol: str, name: str) -> Mutant:
    """A mutant of the bank by its name."""
    return next(mutant for mutant in bank(protocol) if mutant.name == name)


def played_by(protocol: str, kill: Kill | Beyond, *, mutant: bool) -> Cast:
    """The cast of a record, with the mutant or with the reference in its role."""
    wrong = mutant_of(protocol, kill.mutant)
    role = {wrong.role: wrong.kind} if mutant else {}
    cast: Cast = catalogue.protocol(protocol).cast(**{**wrong.cast, **kill.cast}, **role)
    return cast


def searched(protocol: str, kill: Kill | Beyond, *, mutant: bool, **bound: Any) -> Exploration:
    """What is asked."""
    return explore(played_by(protocol, kill, mutant=mutant), **{**kill.bound, **bound})
