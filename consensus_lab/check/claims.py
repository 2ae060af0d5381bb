"""What a search can be asked: does it always hold, is it ever so, and is everybody served when nothing moves any more.

A claim says which single view would settle it. The judge puts it to every state of a search, once for each sight.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from consensus_lab.check.space import Space
from consensus_lab.check.views import Aspect, Sees, Viewer
from consensus_lab.kernel import Invariant, View

Predicate = Callable[[View], object]
"""Holds of a view when it returns something true."""


@dataclass(frozen=True)
class Always:
    """Every state satisfies all of these."""

    invariants: tuple[Invariant, ...]
    wanted: ClassVar[bool] = False  # whether the view that settles it speaks for the claim
    when_quiescent: ClassVar[bool] = False  # whether only states in which nothing moves any more count

    def __post_init__(self) -> None:
        if not self.invariants:
            raise ValueError("there is nothing to check: the cast claims no invariants, and none was named")

    def settled_by(self, view: View) -> str | None:
        """What this view shows that settles the claim, as a sentence; None if it does not."""
        fallen = (claim.refute(view) for claim in self.invariants)
        return next((str(violation) for violation in fallen if violation), None)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is claimed, one by one."""
        return tuple(f"always {claim}" for claim in self.invariants)


@dataclass(frozen=True)
class Quiescent(Always):
    """Every state in which nothing can happen any more, without a fault or its mending, satisfies all of these."""

    when_quiescent: ClassVar[bool] = True

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(f"when nothing moves any more, {claim}" for claim in self.invariants)


@dataclass(frozen=True)
class Sometimes:
    """Some state satisfies this: a guard against checks that pass because nothing ever happens."""

    goal: Predicate
    wanted: ClassVar[bool] = True
    when_quiescent: ClassVar[bool] = False

    def settled_by(self, view: View) -> str | None:
        return f"{in_words(self.goal)}: reached" if self.goal(view) else None

    @property
    def sentences(self) -> tuple[str, ...]:
        return (f"sometimes {in_words(self.goal)}",)


Claim = Always | Quiescent | Sometimes


def in_words(predicate: Callable[..., object]) -> str:
    """What a predicate calls itself: the first line of its docstring, else its name."""
    told = (predicate.__doc__ or "").strip().partition("\n")[0]
    name = getattr(predicate, "__name__", type(predicate).__name__).replace("_", " ")
    return told.removesuffix(".") or ("the goal" if "lambda" in name else name)


def as_invariant(claim: Invariant | Predicate) -> Invariant:
    """An invariant as it is; a predicate as one whose only witness is that it does not hold."""
    if isinstance(claim, Invariant):
        return claim
    return Invariant("CLAIM", in_words(claim), lambda view: None if claim(view) else "it does not hold")


class Judge:
    """Puts one claim to the states of one search. Raises views.Asked when a check looks at what is not kept."""

    def __init__(
        self,
        space: Space,
        claim: Claim,
        aspects: frozenset[Aspect] = frozenset(),
        prune: Predicate | None = None,
        sees: Sees | None = None,
    ) -> None:
        self.space = space
        self.claim = claim
        self.prune = prune
        self.viewer = Viewer(space, aspects, sees)
        self._met: set[int] = set()  # sights as they were met
        self._settling: dict[int, bool] = {}  # by sight
        self._pruned: dict[int, bool] = {}

    @property
    def shown(self) -> int:
        """What of a state an invariant sees, as a mask."""
        return self.viewer.mask

    @property
    def shows_rest(self) -> bool:
        """Whether it sees, too, that nothing is in flight."""
        return "at_rest" in self.viewer.aspects

    def plain(self, sight: int, *nodes: int) -> int:
        """The one sight, of these nodes if any are given, that shows the same."""
        return self.viewer.plain(sight, *nodes)

    def sight(self, state: int) -> int:
        """What an invariant sees of this state."""
        return self.viewer.plain(self.viewer.sight(state))

    def settles(self, sight: int) -> bool:
        """Whether a state that looks so settles the claim, if it is of the kind that counts."""
        if sight not in self._settling:
            self._settling[sight] = self.claim.settled_by(self.viewer.look(sight)) is not None
        return self._settling[sight]

    def prunes(self, sight: int) -> bool:
        """Whether nothing need be searched behind a state that looks so."""
        assert self.prune is not None
        if sight not in self._pruned:
            self._pruned[sight] = bool(self.prune(self.viewer.look(sight)))
        return self._pruned[sight]

    def decides(self, state: int) -> bool:
        """Whether this state settles the claim."""
        return self.settles(self.sight(state)) and (not self.claim.when_quiescent or self.space.quiescent(state))

    def offending(self, states: Sequence[int]) -> int | None:
        """The first of these states that settles the claim."""
        met = self._met
        fresh = [sight for sight in self.viewer.sights(states) if sight not in met]
        met.update(fresh)
        settled = any([self.settles(self.viewer.plain(sight)) for sight in fresh])  # noqa: C419 - each is to be known
        if settled or self.claim.when_quiescent:
            return next((state for state in states if self.decides(state)), None)
        return None

    def expandable(self, states: list[int]) -> list[int]:
        """Those that are not pruned."""
        return [state for state in states if not self.prunes(self.sight(state))] if self.prune else states
