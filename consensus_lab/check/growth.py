"""Growth by field: how many values a field has taken after so many steps of its node, when a search did not end.

A search that reaches its limit mostly has one field to blame: a counter without a bound, a log, a ballot that rises
with every timeout. The local states of a search are already apart by node, and each remembers what its events made of
it; so the curves are read off afterwards, and cost a search nothing. This module refuses to know what a field means.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from consensus_lab.check.freeze import freeze, freeze_message
from consensus_lab.check.local import Local, Locals
from consensus_lab.kernel import Address

SHOWN = 3
"""How many fields are named: the first is the one to look at."""
AT_LEAST = 4
"""So few steps of a node, or values of a field, say nothing yet."""
JOURNAL = "journal"
BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class Growth:
    """A field of a node: `counts[n]` are the distinct values it has taken within n steps of that node."""

    node: Address
    field: str
    counts: tuple[int, ...]

    @property
    def still_growing(self) -> bool:
        """Whether every one of the last steps brought new values, as far as any state was reached there."""
        recent = self.counts[len(self.counts) // 2 :]
        return all(later > earlier for earlier, later in pairwise(recent))

    def __str__(self) -> str:
        """``a1.ballot ▁▂▅█ has had 1, 2, 4, 6 values within 0 to 3 steps of a1``."""
        numbers = ", ".join(map(str, self.counts))
        curve = "".join(BARS[(len(BARS) - 1) * count // self.counts[-1]] for count in self.counts)
        steps = f"within 0 to {len(self.counts) - 1} steps of {self.node}"
        return f"{self.node}.{self.field} {curve} has had {numbers} values {steps}"


MEANING = (
    "no end is in sight: what grows with every step makes the space infinite, until a bound ends it (such as timeouts)"
)


def suspects(locals_: Locals) -> tuple[Growth, ...]:
    """The fields that were still growing when the search ended, each once: the worst first, journals at the end."""
    growing = [growth for address in locals_.known for growth in growths(locals_.known[address], address)]
    worst = sorted(
        (g for g in growing if g.still_growing), key=lambda g: (g.field == JOURNAL, -g.counts[-1], g.node, g.field)
    )
    by_field: dict[str, Growth] = {}
    for growth in worst:
        by_field.setdefault(growth.field, growth)
    return tuple(by_field.values())[:SHOWN]


def growths(known: Sequence[Local], address: Address) -> Iterator[Growth]:
    """The curve of every field of a node that was seen in more than a few values."""
    levels = by_steps(known)
    if len(levels) <= AT_LEAST:
        return
    seen: dict[str, set[Hashable]] = {}
    counts: dict[str, list[int]] = {}
    for depth, level in enumerate(levels):
        for local in level:
            for name, value in parts_of(local):
                seen.setdefault(name, set()).add(value)
        for name, values in seen.items():
            counts.setdefault(name, [0] * depth).append(len(values))
    for name, curve in counts.items():
        if curve[-1] > AT_LEAST:
            yield Growth(address, name, tuple(curve))


def by_steps(known: Sequence[Local]) -> list[list[Local]]:
    """The local states of a node by how many steps it takes to come there, as far as the search has looked."""
    levels, met = [list(known[:1])], set(known[:1])
    while levels[-1]:
        after = [outcome.local for local in levels[-1] for outcome in local.outcomes]
        fresh = [local for local in dict.fromkeys(after) if local not in met]
        met.update(fresh)
        levels.append(fresh)
    return levels[:-1]


def parts_of(local: Local) -> Iterator[tuple[str, Hashable]]:
    """Every field of the process, and its journal, as values that can be counted."""
    if local.process is not None:
        yield from ((name, freeze(value)) for name, value in local.process.facts().items())
    yield JOURNAL, tuple(map(freeze_message, local.machine.disk.records))
