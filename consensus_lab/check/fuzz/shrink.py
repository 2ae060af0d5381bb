"""Shrinking: of a long bad run, leave out whatever the refutation can do without.

Delta debugging (Zeller and Hildebrandt, 2002, ddmin) over the choices of a trail, each attempt played in a World. What
is not possible any more when others are left out is skipped. The result is 1-minimal: without any one of its steps the
claim holds. It need not be the shortest there is: that is for the explorer to find.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from consensus_lab.kernel import Address, Cast, Invariant
from consensus_lab.kernel.trace import MICROSECOND
from consensus_lab.sim import Choice, Fire, HealAll, Pick, Recover, Resume, RuleFailed, World
from consensus_lab.sim.conditions import CALM
from consensus_lab.sim.pickers import Seeded

MOST_ATTEMPTS = 2_000
"""Beyond so many replays the trail stays as long as it is."""

Picks = tuple[Pick, ...]
Attempt = Callable[[Sequence[Pick]], "Picks | None"]
"""Plays these picks; what of them was possible up to the refutation, or None if nothing was refuted."""


def shrunk(picks: Sequence[Pick], attempt: Attempt, most: int = MOST_ATTEMPTS) -> Picks:
    """Of picks that refute, those that are left when no single one of them can be missed."""
    left = tuple(picks)
    attempts, parts = 0, 2
    while len(left) > 1 and attempts < most:
        size = max(1, len(left) // parts)
        for start in range(0, len(left), size):
            attempts += 1
            fewer = attempt(left[:start] + left[start + size :])
            if fewer is not None:
                left, parts = fewer, max(parts - 1, 2)
                break
        else:
            if size == 1:
                break
            parts = min(2 * parts, len(left))
    return left


@dataclass(frozen=True)
class Replaying:
    """Plays picks in a World as far as they are possible. `clocks`: see `Conditions`."""

    cast: Cast
    clocks: Mapping[Address, float] = field(default_factory=dict)

    def until_broken(self, claim: Invariant) -> Attempt:
        """An attempt to refute a claim about every moment."""
        return lambda picks: self._play(picks, lambda world: claim.refute(world) is not None)

    def until_raised(self, rule: str) -> Attempt:
        """An attempt to make this rule raise."""
        return lambda picks: self._play(picks, lambda world: False, rule)

    def until_stuck(self, claim: Invariant, seed: int) -> Attempt:
        """An attempt to miss a claim of the end: all is mended after these picks, and calm weather follows."""

        def attempt(picks: Sequence[Pick]) -> Picks | None:
            done: list[Pick] = []
            self._play(picks, lambda world: False, done=done)
            return tuple(done) if stuck(self.world_after(done), claim, seed) else None

        return attempt

    def world_after(self, picks: Sequence[Pick]) -> World:
        """The world that these lead to."""
        world = World.of(self.cast)
        for pick in picks:
            world = world.take(pick.choice, pick.at)
        return world

    def _play(
        self, picks: Sequence[Pick], is_bad: Callable[[World], bool], rule: str = "", done: list[Pick] | None = None
    ) -> Picks | None:
        world = World.of(self.cast)
        done = [] if done is None else done
        if is_bad(world):
            return ()
        for pick in picks:
            if self._is_impossible(world, pick):
                continue
            done.append(pick)
            try:
                world = world.take(pick.choice, pick.at)
            except RuleFailed as failure:
                return tuple(done) if failure.rule == rule else None
            if is_bad(world):
                return tuple(done)
        return None

    def _is_impossible(self, world: World, pick: Pick) -> bool:
        """Also a timer that has not run for as long as it must: time counts for what is timed."""
        if world.refusal(pick.choice) is not None:
            return True
        if not isinstance(pick.choice, Fire) or pick.at is None:
            return False
        node = pick.choice.node
        armed = world.machines[node].armed(pick.choice.timer)
        return armed is not None and pick.at - armed.since < int(armed.low / self.clocks.get(node, 1.0))


def mending(world: World) -> list[Choice]:
    """All that is broken, mended."""
    nodes: list[Choice] = [
        Resume(me) if machine.up else Recover(me) for me, machine in world.machines.items() if not machine.running
    ]
    return [*([HealAll()] if world.network.cuts else []), *nodes]


PATIENCE = 120 * MICROSECOND


def stuck(world: World, claim: Invariant, seed: int, most: int = 1_000) -> bool:
    """Whether the claim does not come true in calm weather, once everything is mended."""
    for choice in mending(world):
        world = world.take(choice, world.now)
    picker, end = Seeded(seed, CALM), world.now + PATIENCE
    for _ in range(most):
        if claim.refute(world) is None:
            return False
        pick = picker.pick(world)
        if pick is None or (pick.at or 0) > end:
            return True
        world = world.take(*pick)
    return claim.refute(world) is not None
