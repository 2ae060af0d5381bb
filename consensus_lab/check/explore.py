"""Explore every schedule of a cast, in one line: ``explore(cast, crashes=1).always(*INVARIANTS)``.

Here a cast, a bound and a question become one search and one verdict; how states are kept is the space's affair.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from consensus_lab.check.bounds import Bound, Budget, Network, Timers
from consensus_lab.check.claims import Always, Claim, Judge, Predicate, Quiescent, Sometimes, as_invariant, in_words
from consensus_lab.check.engines import Engine, Searching, Tell, refuse_unless_there, run
from consensus_lab.check.fairness import Fairness
from consensus_lab.check.flight import Full
from consensus_lab.check.growth import suspects
from consensus_lab.check.history import Commute
from consensus_lab.check.lasso import tell_run
from consensus_lab.check.liveness import Eventually, Pursuit, besides
from consensus_lab.check.search import INTERRUPT, Progress
from consensus_lab.check.space import Space
from consensus_lab.check.stages import Approach, Missed, Stage, extended
from consensus_lab.check.story import tell_failure, tell_story
from consensus_lab.check.verdict import Falsified, NotProved, Ruling, Verdict
from consensus_lab.check.views import Asked, Aspect, Sees
from consensus_lab.kernel import Cast, Invariant, Links
from consensus_lab.sim import RuleFailed


def explore(
    cast: Cast,
    *,
    crashes: int = 0,
    losses: int = 0,
    duplicates: int = 0,
    cuts: int = 0,
    resets: int = 0,
    wipes: int = 0,
    timeouts: int | None = None,
    timers: Timers = "any",
    recover: bool = True,
    steps: int | None = None,
    network: Network | None = None,
    copies: int = 1,
    skip_ignored: bool | None = None,
    states: int | None = 2_000_000,
    seconds: float | None = None,
    memory: float | None = None,
    prune: Predicate | None = None,
    commute: Commute | None = None,
    sees: Sees | None = None,
    engine: Engine = "auto",
) -> Exploration:
    """All that can become of `cast` when so many faults of each kind strike, at the worst of times.

    `timeouts`: how many timers may fire in all; None: any number. `timers`: at "any" time, or "late": only when nothing
    else can happen. `wipes`: how many disks of nodes that are down. `recover`: whether who crashed may come back.
    `steps`: how long a run may be. `network`: the cast's own links when not said. `copies` and `skip_ignored`: see
    `bounds.Bound`. `states`, `seconds` and `memory` (megabytes that this process holds): when to give up, which proves
    nothing. `prune`: views behind which nothing need be searched. `commute`: which decisions of different nodes may be
    seen in either order; not said: all, and a node that decides the same twice in a row is seen to decide once.
    `sees`: all that the claims look at in a process, as a value; said, they are asked far less often. `engine`: see
    `engines`.
    Nothing is searched yet: ask `.always(...)`, `.sometimes(...)` or `.quiescent(...)`.
    Raises ValueError for a bound that makes no sense.
    """
    kind: Network = network or cast.links.value
    skips = kind == "set" if skip_ignored is None else skip_ignored
    faults = (crashes, losses, duplicates, cuts, resets, wipes)
    bound = Bound(*faults, timeouts, kind, copies, skips, timers, recover, steps)
    links = Links.FIFO if kind == "fifo" else Links.BAG
    refuse_unless_there(engine)
    if commute and timers == "late":
        raise ValueError("timers must be any where commute is given: no history is kept of what fires late")
    played, budget = replace(cast, links=links), Budget(states, seconds, memory)
    return Exploration(played, bound, budget, prune, commute, cast.links is links, sees, engine)


@dataclass(frozen=True)
class Exploration:
    """A cast, a bound, and what to ask of them. Each question is a search of its own."""

    cast: Cast
    bound: Bound = field(default_factory=Bound)
    budget: Budget = field(default_factory=Budget)
    prune: Predicate | None = None
    commute: Commute | None = None
    native: bool = True  # whether these are the links of the protocol, so that its traces replay
    sees: Sees | None = None
    engine: Engine = "auto"
    stages: tuple[Stage, ...] = ()

    def until(self, goal: Predicate, **bound: Any) -> Exploration:
        """The same, searched on only from where the goal is first reached: what is asked next is asked from there.

        `bound`: what may happen from there on that could not before, such as ``crashes=1``, counted over the whole run.
        Raises ValueError for a bound that allows less than before. That a goal is never reached is told when asked.
        """
        stages = (*self.stages, Stage(goal, self.bound))
        return replace(self, stages=stages, bound=extended(self.bound, **bound))

    def always(self, *claims: Invariant | Predicate) -> Verdict:
        """These hold in every state; the cast's own invariants when none is given.

        Raises Falsified with the shortest trail, or NotProved when a limit ended the search.
        """
        __tracebackhide__ = True
        return self._hold(Always(tuple(map(as_invariant, claims)) or self.cast.invariants))

    def quiescent(self, *claims: Invariant | Predicate) -> Verdict:
        """These hold whenever nothing can happen any more without a fault or its mending: nobody is blocked.

        Raises Falsified with the shortest trail, or NotProved when a limit ended the search.
        """
        __tracebackhide__ = True
        return self._hold(Quiescent(tuple(map(as_invariant, claims))))

    def sometimes(self, goal: Predicate) -> Verdict:
        """Some state satisfies the goal; the verdict's story leads there.

        Raises Falsified when no state does, or NotProved when a limit ended the search.
        """
        __tracebackhide__ = True
        return self._hold(Sometimes(goal))

    def eventually(self, goal: Invariant | Predicate, *, fairness: Fairness = "message", apart: int = 2) -> Verdict:
        """Every run comes to this in the end, if it is fair: see `fairness`, and `liveness.Eventually` for `apart`.

        Raises Falsified with a run that gets stuck or goes round for ever, or NotProved when a limit ended the search.
        """
        __tracebackhide__ = True
        if self.prune or self.commute or self.stages or self.bound.steps is not None:
            raise ValueError(
                "what comes in the end is searched in one stage, without prune, commute and a bound on steps"
            )
        return self._hold(Eventually(as_invariant(goal), fairness, apart))

    def _hold(self, claim: Claim | Eventually) -> Verdict:
        __tracebackhide__ = True
        verdict = self.judge(claim)
        if verdict.ruling is Ruling.FALSIFIED:
            raise Falsified(verdict, verdict.told()) from None
        if verdict.stopped and verdict.stopped.startswith(INTERRUPT):
            raise KeyboardInterrupt(str(verdict))
        if verdict.ruling is Ruling.UNDECIDED:
            raise NotProved(verdict, verdict.told()) from None
        return verdict

    def judge(self, claim: Claim | Eventually, tell: Tell = None) -> Verdict:
        """Search for what settles the claim. Raises Unfreezable for a process whose state cannot be kept.

        `tell` is called now and then with how far the search has come. A KeyboardInterrupt that it raises, or that
        comes meanwhile, ends the search like a limit: what was found out so far is in the verdict.
        """
        aspects: frozenset[Aspect] = frozenset()
        while True:
            try:
                if isinstance(claim, Eventually):
                    return self._pursue(claim, aspects, tell)
                return self._search(claim, aspects, tell)
            except Asked as asked:
                aspects |= {asked.aspect}

    def _search(self, claim: Claim, aspects: frozenset[Aspect], tell: Tell) -> Verdict:
        settle = partial(Verdict, claim=claim, bound=self.bound, prune=self.prune, besides=self._besides)
        approach = Approach(partial(self._space, "timeouts" in aspects), self.budget, aspects, tell)
        try:
            space, roots = approach.roots(self.stages, self.bound)
        except RuleFailed as failure:
            return settle(Ruling.FALSIFIED, progress=Progress(), story=tell_failure(self.cast, failure))
        except Full as full:
            return settle(Ruling.UNDECIDED, progress=Progress(), stopped=str(full))
        except Missed as missed:
            within = replace(self, bound=missed.stage.bound, stages=())
            return within._verdict(Sometimes(missed.stage.goal), missed.search, approach)
        judge = Judge(space, claim, aspects, self.prune, self.sees)
        verdict = self._verdict(claim, run(self.engine, space, judge, self.budget, tell, roots), approach)
        return replace(verdict, growing=suspects(space.locals)) if verdict.stopped else verdict

    def _space(self, counts_timeouts: bool, bound: Bound) -> Space:
        return Space(self.cast, bound, counts_timeouts=counts_timeouts, commute=self.commute)

    @property
    def _besides(self) -> str:
        seen = [f"the claims see of a process only {in_words(self.sees)}"] if self.sees else []
        return "".join(f"; {clause}" for clause in (*map(str, self.stages), *seen))

    def _pursue(self, claim: Eventually, aspects: frozenset[Aspect], tell: Tell) -> Verdict:
        settle = partial(Verdict, claim=claim, bound=self.bound, besides=besides(self.cast, claim))
        try:
            pursuit = Pursuit(self.cast, self.bound, claim, aspects, self.budget, tell)
        except RuleFailed as failure:
            return settle(Ruling.FALSIFIED, progress=Progress(), story=tell_failure(self.cast, failure))
        except Full as full:
            return settle(Ruling.UNDECIDED, progress=Progress(), stopped=str(full))
        try:
            pursuit.run()
        except KeyboardInterrupt:
            pursuit.stopped = INTERRUPT
        if pursuit.found is not None:
            story = tell_run(self.cast, claim, pursuit.found, self.bound, native=self.native)
            broken = pursuit.found.broken
            if broken and is_interrupt(broken.failure):
                return settle(Ruling.UNDECIDED, progress=pursuit.progress, story=story, stopped=in_rule(broken.failure))
            return settle(Ruling.FALSIFIED, progress=pursuit.progress, story=story)
        ruling = Ruling.UNDECIDED if pursuit.stopped else Ruling.PROVED
        return settle(ruling, progress=pursuit.progress, stopped=pursuit.stopped)

    def _verdict(self, claim: Claim, search: Searching, approach: Approach) -> Verdict:
        found = search.found and approach.whole(search.found)
        story = tell_story(self.cast, claim, found, self.bound, native=self.native) if found else None
        if story and self.stages:
            story = replace(story, way="A way there")  # the shortest one from where a stage ended soonest
        if found is not None and found.failure and is_interrupt(found.failure):
            ruling, search.stopped = Ruling.UNDECIDED, in_rule(found.failure)
        elif found is not None and claim.wanted and not found.failure:
            ruling = Ruling.PROVED
        elif found is not None:
            ruling = Ruling.FALSIFIED
        elif search.stopped:
            ruling = Ruling.UNDECIDED
        else:
            ruling = Ruling.FALSIFIED if claim.wanted else Ruling.PROVED
        return Verdict(ruling, claim, self.bound, search.progress, story, search.stopped, self.prune, self._besides)


def is_interrupt(failure: RuleFailed) -> bool:
    """Whether a rule did not fail, but was not waited for."""
    return isinstance(failure.__cause__, KeyboardInterrupt)


def in_rule(failure: RuleFailed) -> str:
    """An interrupt as what ended a search, with the rule that was running and its line."""
    return f"{INTERRUPT}: {failure}"
