"""Goals by their words: what is asked of every run, or of every world in which nothing moves any more.

``decided`` is for any protocol; else a goal is a claim as a scenario makes it, such as ``l1 decided red``.
"""

from __future__ import annotations

from consensus_lab.check.claims import Quiescent
from consensus_lab.check.fairness import Fairness
from consensus_lab.check.goals import everyone_decides
from consensus_lab.check.liveness import Eventually
from consensus_lab.kernel import Cast, Invariant
from consensus_lab.lab.claims import BadClaim, read_claim
from consensus_lab.lab.loading import BadInput
from consensus_lab.sim import World

DECIDED = "decided"
FORMS = (DECIDED, "NODE decided [VALUE]", "NODE.FIELD = VALUE", "at rest", "not GOAL")
UNSEEN = ("quiet", "violated", "up", "down")
"""Words of claims about what a search does not look at, or only when it is asked for it."""


def read_goal(text: str, cast: Cast) -> Invariant:
    """A goal of this cast. Raises BadInput for what is none, or is about a node or a field that is not there."""
    if text.strip() == DECIDED:
        return goal_of_all(cast)
    try:
        claim = read_claim(text)
        claim.holds(World.of(cast))
    except BadClaim as error:
        raise BadInput(f"--eventually: {error}; or {DECIDED}") from None
    if set(UNSEEN) & set(text.split()):
        raise BadInput(f"--eventually {text!r}: a goal is one of {' | '.join(FORMS)}")
    return Invariant("GOAL", claim.text, lambda view: None if claim.holds(view) else "that is not so")


def goal_of_all(cast: Cast) -> Invariant:
    """Whoever is up has decided. Raises BadInput when nobody ever decides."""
    try:
        return everyone_decides(cast)
    except ValueError as error:
        raise BadInput(f"{error}; a goal is one of {' | '.join(FORMS[1:])}") from None


def eventually(text: str, fairness: Fairness, cast: Cast) -> Eventually:
    """Every fair run comes to this goal."""
    return Eventually(read_goal(text, cast), fairness)


def never_blocked(cast: Cast) -> Quiescent:
    """Nobody who is up is undecided when nothing can happen any more."""
    return Quiescent((goal_of_all(cast),))
