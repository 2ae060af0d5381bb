"""The verdict of a search: what was found, within which bound, and how far the search came.

Three verdicts, and no fourth: proved within this bound; falsified; not falsified within this budget, which is no proof.
A verdict refuses to know what becomes of it: whether it is printed, raised or kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from consensus_lab.check.bounds import Bound
from consensus_lab.check.claims import Claim, Predicate, in_words
from consensus_lab.check.growth import MEANING, Growth
from consensus_lab.check.liveness import Eventually
from consensus_lab.check.memory import MEGABYTE
from consensus_lab.check.search import Progress
from consensus_lab.check.story import Story

WITHIN = "within this bound"


class Ruling(Enum):
    """What a search came to."""

    PROVED = "proved"
    FALSIFIED = "falsified"
    UNDECIDED = "not falsified"


@dataclass(frozen=True)
class Verdict:
    """A ruling with its grounds. `story` is the shortest way to what settled the claim, where something did."""

    ruling: Ruling
    claim: Claim | Eventually
    bound: Bound
    progress: Progress
    story: Story | None = None
    stopped: str | None = None  # which limit ended the search
    prune: Predicate | None = None
    besides: str = ""  # what else bounds the search, as a clause
    growing: tuple[Growth, ...] = ()  # which fields had no end in sight when a limit ended the search

    @property
    def proved(self) -> bool:
        return self.ruling is Ruling.PROVED

    @property
    def finding(self) -> str:
        """The outcome as one sentence."""
        if self.ruling is Ruling.UNDECIDED:
            return f"{'not reached' if self.claim.wanted else 'not falsified'} within this budget, and not proved"
        if self.story:
            return self.story.ending
        return f"never reached {WITHIN}" if self.claim.wanted else f"proved {WITHIN}"

    @property
    def details(self) -> tuple[str, ...]:
        """What was claimed, the bound, how far the search came, and what ended it."""
        claims = [f"claim:    {claim}" for claim in self.claim.sentences]
        limit = [f"ended by: {self.stopped}"] if self.stopped else []
        growing = [f"growing:  {line}" for line in (*self.growing, *([MEANING] if self.growing else []))]
        risk = [f"at risk:  {self.risk}"] if self.progress.by_fingerprint else []
        return (*claims, f"bound:    {self.bounded_by}", f"searched: {self.figures}", *risk, *limit, *growing)

    @property
    def figures(self) -> str:
        """How much was searched."""
        p = self.progress
        memory = f", {p.memory / MEGABYTE:,.0f} MB" if p.memory else ""
        searched = f"{p.distinct:,} distinct states, {p.generated:,} generated, depth {p.depth}"
        return f"{searched}; {p.steps:,} steps of processes; {p.seconds:.1f} s, {p.speed:,.0f} states/s{memory}"

    @property
    def risk(self) -> str:
        """What is not certain about a search by fingerprints."""
        return f"that one state was taken for another, with a probability of {self.progress.risk:.0e} at most"

    @property
    def bounded_by(self) -> str:
        """The bound, with what of it was met."""
        limit = self.bound.copies
        copies = f"; no more than {limit} {'copy' if limit == 1 else 'copies'} of one message sent and in flight"
        pruned = f"; nothing searched behind {in_words(self.prune)}" if self.prune else ""
        return f"{self.bound}{copies if self.progress.met_copies else ''}{pruned}{self.besides}"

    def __str__(self) -> str:
        return "\n".join([self.finding, *(f"  {line}" for line in self.details)])

    def told(self) -> str:
        """The verdict and its story, which is saved. Raises OSError when it cannot be."""
        return f"{self}\n{self.story.told()}" if self.story else str(self)


class Refusal(AssertionError):
    """A claim that a search did not prove. `verdict` has the grounds."""

    def __init__(self, verdict: Verdict, told: str) -> None:
        super().__init__(told)
        self.verdict = verdict


class Falsified(Refusal):
    """It does not hold: see the story."""


class NotProved(Refusal):
    """A limit ended the search before it was over."""
