"""The cost table: each variant is played, its trace measured, and the result held against the textbook's formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from consensus_lab.kernel import Cast, Cost
from consensus_lab.lab.catalogue import protocol
from consensus_lab.lab.costs import measure
from consensus_lab.sim import World
from consensus_lab.sim.pickers import Rounds, play
from consensus_lab.site.errors import BuildFailed

SIZES = (2, 3, 5)  # participants; the first two are neighbours, so that their difference is the slope
HEADINGS = ("Messages", "Forced writes", "Message delays until all have decided", "Round trips until completion")


def cost_table(name: str) -> str:
    """What each variant costs, if commit and abort differ in two tables.

    Raises BuildFailed when a trace contradicts its formula.
    """
    package = protocol(name)
    if hasattr(package, "one_decision_cost"):
        return _table(package.LEARNING, package.one_decision_cost, package.one_decision)
    if hasattr(package, "one_more_cost"):
        return _table(package.STEADY, package.one_more_cost, package.one_more, added)

    def unwilling(variant: str, size: int) -> Cast:
        cast: Cast = package.cast(size, variant=variant, unwilling=(f"p{size}",))
        return cast

    commit = _table(package.VARIANTS, package.commit_cost, lambda v, size: package.cast(size, variant=v))
    abort = _table(package.VARIANTS, package.abort_cost, unwilling)
    return f"**All vote yes**\n\n{commit}\n\n**One of the *n* participants votes no**\n\n{abort}"


def added(casts: tuple[Cast, Cast]) -> Cost:
    """What the second run costs beyond the first. Each is played until only timers are left: hearts go on beating."""
    less, more = (measure(play(World.of(cast), Rounds(), until=lambda world: world.at_rest)) for cast in casts)
    return Cost(*(b - a for a, b in zip(less, more, strict=True)))


def played(cast: Cast) -> Cost:
    """What one undisturbed transaction costs."""
    return measure(play(World.of(cast), Rounds(), until=lambda world: world.quiet))


def _table(
    variants: Any,
    formula: Callable[[str, int], Cost],
    cast: Callable[[str, int], Any],
    measured: Callable[[Any], Cost] = played,
) -> str:
    rows = [_row(variant, formula, [measured(cast(variant, size)) for size in SIZES]) for variant in variants]
    return "\n".join([f"| Variant | {' | '.join(HEADINGS)} |", "|---" * (len(HEADINGS) + 1) + "|", *rows])


def _row(variant: str, formula: Callable[[str, int], Cost], measured: list[Cost]) -> str:
    promised = [formula(variant, size) for size in SIZES]
    if promised != measured:
        raise BuildFailed(f"{variant}: traces cost {measured}, but the formula says {promised}")
    cells = [_cell([cost[which] for cost in measured]) for which in range(len(HEADINGS))]
    return f"| {variant} | {' | '.join(cells)} |"


def _cell(measured: Sequence[int]) -> str:
    """One figure as a line in n, and as it was measured for each size."""
    slope = measured[1] - measured[0]
    constant = measured[0] - slope * SIZES[0]
    if measured != [slope * size + constant for size in SIZES]:
        raise BuildFailed(f"{measured} for {SIZES} participants is no line in n")
    return f"**{linear(slope, constant)}** <small>({', '.join(map(str, measured))})</small>"


def linear(slope: int, constant: int) -> str:
    """A line in n for people: 4*n* + 1."""
    if not slope:
        return str(constant)
    sign = f" {'+' if constant > 0 else '−'} {abs(constant)}" if constant else ""
    return f"{'' if slope == 1 else slope}*n*{sign}"
