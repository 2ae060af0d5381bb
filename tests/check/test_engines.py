"""Two engines, one answer: the plain one and numpy's find the same states, the same depth and trails of one length."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.check import Bound, Exploration, Falsified, NotProved, engines, explore
from consensus_lab.check.bounds import Budget
from consensus_lab.check.claims import Always, Judge
from consensus_lab.check.engines import Searching, run
from consensus_lab.check.space import Space
from consensus_lab.kernel import Cast, Links
from consensus_lab.lab.mutants.two_phase_commit import MUTANTS
from consensus_lab.protocols import election, paxos, three_phase_commit, two_phase_commit
from tests.check.models import abd, paxos_tla, single_copy, two_phase
from tests.check.models import paxos as paxos_of_stateright
from tests.check.models.registers import commute
from tests.check.toys import Endless, FailsAtOnce, Raises, counters, fine, small
from tests.sim.worlds import gossip

BOTH = ("python", "numpy")


def figures(searched: Searching) -> tuple[int, int, int, bool]:
    """What must not depend on the engine."""
    progress = searched.progress
    return progress.distinct, progress.generated, progress.depth, progress.met_copies


def searched(engine: str, cast: Cast, bound: Bound, states: int = 100_000, **options: Any) -> Searching:
    """A search of its own, by this engine."""
    space = Space(cast, bound, commute=options.pop("commute", None))
    return run(engine, space, Judge(space, Always((fine,)), **options), Budget(states))


SET, FIFO = Bound(network="set", skip_ignored=True), Bound(crashes=1, resets=1, network="fifo")
OF_STATERIGHT = Bound(skip_ignored=True, copies=3)
SPACES = {
    "TwoPhase, N=5": (two_phase.cast(5), SET, {}),
    "paxos.rs": (paxos_of_stateright.cast(2), OF_STATERIGHT, {"commute": commute}),
    "linearizable-register.rs": (abd.cast(2, 2), OF_STATERIGHT, {"commute": commute}),
    "single-copy-register.rs": (single_copy.cast(2, 1), OF_STATERIGHT, {"commute": commute}),
    "two-phase commit, a crash, a lost disk": (two_phase_commit.cast(2), Bound(crashes=1, wipes=1), {}),
    "two-phase commit, a loss, a duplicate": (two_phase_commit.cast(1), Bound(losses=1, duplicates=1), {}),
    "two-phase commit, two cuts": (two_phase_commit.cast(1), Bound(cuts=2), {}),
    "two-phase commit, a crash, a reset": (two_phase_commit.cast(1), FIFO, {}),
    "three-phase commit, a crash": (three_phase_commit.cast(1), Bound(crashes=1), {}),
    "paxos, two proposers, a crash": (paxos.cast(2, 1, 1), Bound(timeouts=1, crashes=1), {}),
    "three-phase commit, a crash, late timers": (
        three_phase_commit.cast(2),
        Bound(crashes=1, timers="late", recover=False),
        {},
    ),
    "election of two": (election.cast(2), Bound(crashes=1, timeouts=1, network="fifo"), {}),
    "pruned": (two_phase_commit.cast(2), Bound(crashes=1), {"prune": lambda view: len(view.processes) < 3}),
}


@pytest.mark.parametrize("name", SPACES)
def test_both_engines_count_alike(name: str) -> None:
    cast, bound, options = SPACES[name]
    python, numpy = (searched(engine, cast, bound, **dict(options)) for engine in BOTH)
    assert figures(numpy) == figures(python)
    assert numpy.stopped == python.stopped is None


@pytest.mark.parametrize(("values", "ballots"), [(1, 2), (2, 2)])
def test_both_engines_count_alike_where_a_model_has_moves_of_its_own(values: int, ballots: int) -> None:
    spaces = (paxos_tla.space(values, ballots) for _ in BOTH)
    python, numpy = (
        run(engine, space, Judge(space, Always(space.cast.invariants)), Budget())
        for engine, space in zip(BOTH, spaces, strict=True)
    )
    assert figures(numpy) == figures(python)


faults = st.fixed_dictionaries({name: st.integers(0, 1) for name in ("crashes", "cuts")})
on_a_bag = st.fixed_dictionaries({name: st.integers(0, 1) for name in ("losses", "duplicates")})
bounds = st.builds(
    lambda faults, more, resets, links, timeouts, copies: (
        links,
        Bound(
            **faults,
            **(more if links is Links.BAG else {"resets": resets}),
            timeouts=timeouts,
            copies=copies,
            network=links.value,
        ),
    ),
    faults,
    on_a_bag,
    st.integers(0, 1),
    st.sampled_from(Links),
    st.integers(0, 2),
    st.integers(1, 2),
)


@settings(max_examples=12)
@given(bounds, st.integers(1, 2))
def test_both_engines_count_alike_whatever_may_go_wrong(drawn: tuple[Links, Bound], size: int) -> None:
    links, bound = drawn
    played = gossip(size, links)
    python, numpy = (searched(engine, played, bound, 10_000, prune=heard_enough) for engine in BOTH)
    if python.stopped is None:
        assert figures(numpy) == figures(python)
    else:
        assert numpy.stopped == python.stopped


def heard_enough(view: Any) -> bool:
    """Somebody has heard two messages."""
    return any(len(process.heard) > 1 for process in view.processes.values())


LENGTHS = ("CommitsWithAMajority", "CountsMessagesInsteadOfVoters", "WritesLazily", "AbortsAfterACrash")


@pytest.mark.parametrize("name", LENGTHS)
def test_both_engines_falsify_by_a_trail_of_one_length(name: str) -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.name == name)
    lengths = set()
    for engine in BOTH:
        cast = two_phase_commit.cast(**mutant.cast, **{mutant.role: mutant.kind})
        with pytest.raises(Falsified) as refused:
            explore(cast, crashes=1, duplicates=1, engine=engine).always()  # type: ignore[arg-type]
        story = refused.value.verdict.story
        assert story is not None
        lengths.add(len(story.trace))
    assert len(lengths) == 1


def by_numpy(cast: Cast, **bound: Any) -> Exploration:
    return explore(cast, engine="numpy", **bound)


def test_what_is_false_at_once_has_no_trail() -> None:
    with pytest.raises(Falsified, match="It is so from the beginning"):
        by_numpy(counters()).always(lambda view: False)


def test_a_rule_that_raises_is_told_with_the_trail_to_it() -> None:
    with pytest.raises(Falsified, match="twice is too often") as refused:
        by_numpy(counters(Raises, requests=2)).always(fine)
    story = refused.value.verdict.story
    assert story is not None
    assert len(story.trace) == 3
    with pytest.raises(Falsified, match="not even begun"):
        by_numpy(counters(FailsAtOnce)).always(fine)


def test_nobody_is_blocked_or_somebody_is_for_either_engine() -> None:
    def counted(view: Any) -> bool:
        """Everybody has been told."""
        return all(process.count for process in view.processes.values())

    assert by_numpy(counters()).quiescent(counted).proved
    for engine in BOTH:
        with pytest.raises(Falsified) as refused:
            explore(counters(), losses=1, engine=engine).quiescent(counted)  # type: ignore[arg-type]
        assert refused.value.verdict.story is not None
        assert len(refused.value.verdict.story.trace) == 3


def test_a_limit_that_was_hit_never_passes_whichever_the_engine() -> None:
    with pytest.raises(NotProved, match="the limit of 50 states"):
        by_numpy(counters(Endless), states=50).always(fine)


def test_a_search_by_fingerprints_says_how_likely_it_is_to_have_missed_a_state() -> None:
    told = "at risk:  that one state was taken for another, with a probability of 1e-17 at most"
    assert told in str(by_numpy(counters(requests=2)).sometimes(lambda view: view.processes["a"].count == 3))
    assert "at risk" not in str(explore(counters(requests=2), engine="python").always(fine))


def test_a_large_space_is_handed_to_numpy_and_a_small_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "LARGE", 1_000)
    large = explore(two_phase.cast(4), network="set").always()
    assert large.progress.by_fingerprint
    assert large.progress.distinct == 1_568
    assert not explore(two_phase.cast(3), network="set").always().progress.by_fingerprint
    monkeypatch.setattr(engines, "has_numpy", lambda: False)
    assert not explore(two_phase.cast(4), network="set").always().progress.by_fingerprint


def test_an_engine_that_is_not_there_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="engine must be one of auto, python, numpy, not 'abacus'"):
        explore(counters(), engine="abacus")  # type: ignore[arg-type]
    monkeypatch.setattr(engines, "has_numpy", lambda: False)
    with pytest.raises(ValueError, match="engine numpy needs numpy, which is not installed: pip install"):
        by_numpy(counters())


@pytest.mark.parametrize("engine", BOTH)
def test_what_the_claims_see_of_a_process_can_be_said_and_is_told(engine: Any) -> None:
    def state(process: Any) -> Any:
        """its state"""
        return process.state

    verdict = explore(two_phase.cast(4), network="set", sees=state, engine=engine).always()
    assert verdict.progress.distinct == 1_568
    assert "; the claims see of a process only its state" in str(verdict)
    with pytest.raises(Falsified) as refused:
        explore(counters(requests=2), sees=lambda process: process.count, engine=engine).always(small)
    assert refused.value.verdict.story is not None
