"""Verdicts are honest: proved within a bound, falsified, or neither; and a limit that was hit never passes as proof."""

from collections.abc import Callable

import pytest

from consensus_lab.check import Falsified, NotProved, Ruling, explore
from consensus_lab.check.claims import Always
from consensus_lab.check.search import Progress
from consensus_lab.kernel import View, invariant
from consensus_lab.protocols import three_phase_commit
from consensus_lab.protocols.two_phase_commit import cast
from tests.check.toys import Counter, Endless, FailsAtOnce, ForgetsOnDisk, Raises, counters, fine, small


def counted(number: int) -> Callable[[View], bool]:
    def someone_counted(view: View) -> bool:
        """somebody counted so far"""
        return any(process.count >= number for process in view.processes.values())  # type: ignore[attr-defined]

    return someone_counted


def test_a_space_searched_to_its_end_is_proof_within_the_bound() -> None:
    verdict = explore(counters(), crashes=1).always(small)
    assert verdict.ruling is Ruling.PROVED
    assert str(verdict).startswith("proved within this bound\n  claim:    always SMALL (nobody counts to three)\n")
    assert "bound:    1 crash; timers fire at any time; messages arrive in any order, each once" in str(verdict)


def test_the_casts_own_invariants_are_claimed_when_none_is_named() -> None:
    assert explore(counters(claims=(fine,))).always().claim == Always((fine,))


def test_nothing_to_check_is_not_proved_but_refused() -> None:
    for ask in (explore(counters()).always, explore(counters()).quiescent):
        with pytest.raises(ValueError, match="there is nothing to check"):
            ask()


def test_a_refuted_claim_is_falsified_with_its_witness() -> None:
    with pytest.raises(Falsified) as refused:
        explore(counters(requests=2)).always(fine, small)
    verdict = refused.value.verdict
    assert verdict.ruling is Ruling.FALSIFIED
    assert verdict.finding == "SMALL (nobody counts to three): refuted, a has counted to three"


@pytest.mark.parametrize(
    ("budget", "ended_by"),
    [
        ({"states": 50}, "the limit of 50 states"),
        ({"seconds": 0.000001}, "the limit of 1e-06 seconds"),
        ({"memory": 1}, "the limit of 1 MB of memory"),
    ],
)
def test_a_limit_that_was_hit_never_passes_as_proof(budget: dict[str, float], ended_by: str) -> None:
    with pytest.raises(NotProved) as refused:
        explore(counters(Endless), **budget).always(fine)  # type: ignore[arg-type]
    verdict = refused.value.verdict
    assert verdict.ruling is Ruling.UNDECIDED
    assert verdict.finding == "not falsified within this budget, and not proved"
    assert f"ended by: {ended_by}" in str(verdict)
    assert verdict.progress.distinct >= 50 or "states" not in ended_by


def test_a_copies_limit_that_was_met_is_part_of_the_bound_that_is_told() -> None:
    met = "no more than 1 copy of one message sent and in flight"
    twice = counters().requests * 2
    crowded = explore(type(counters())("counters", counters().processes, twice)).always(small)
    assert met in str(crowded)
    assert met not in str(explore(counters()).always(small))


def test_a_goal_that_is_reached_has_a_story_that_leads_there() -> None:
    verdict = explore(counters(requests=2)).sometimes(counted(3))
    assert verdict.proved
    assert verdict.story is not None
    assert len(verdict.story.trace) == 4  # two requests, and both messages to one node
    assert counted(3)(verdict.story.trace[-1].world)


def test_a_goal_that_no_state_reaches_is_falsified() -> None:
    with pytest.raises(Falsified) as refused:
        explore(counters()).sometimes(counted(2))
    assert refused.value.verdict.finding == "never reached within this bound"


def test_a_goal_not_reached_within_the_budget_is_neither() -> None:
    with pytest.raises(NotProved) as refused:
        explore(counters(Endless), states=30).sometimes(counted(10**6))
    assert refused.value.verdict.finding == "not reached within this budget, and not proved"


def test_a_state_is_quiescent_when_nothing_moves_any_more() -> None:
    everyone = counted(1)
    explore(counters()).quiescent(everyone)
    with pytest.raises(Falsified) as refused:
        explore(counters(), losses=2).quiescent(everyone)
    verdict = refused.value.verdict
    assert verdict.story is not None
    assert [step.choice.verb for step in verdict.story.trace] == ["submit", "drop", "drop"]
    assert verdict.story.trace[-1].world.quiet


def test_a_predicate_that_is_no_invariant_is_told_in_its_own_words() -> None:
    with pytest.raises(Falsified, match="CLAIM \\(somebody counted so far\\): refuted, it does not hold"):
        explore(counters()).always(counted(1))


def test_what_is_pruned_is_not_looked_behind_and_is_told() -> None:
    pruned = explore(counters(requests=2), prune=counted(1)).always(small)
    assert "nothing searched behind somebody counted so far" in str(pruned)
    with pytest.raises(Falsified):
        explore(counters(requests=2)).always(small)


def test_a_rule_that_raises_is_falsified_with_the_trail_to_that_point() -> None:
    with pytest.raises(Falsified) as refused:
        explore(counters(Raises, requests=2)).always(fine)
    verdict = refused.value.verdict
    assert verdict.story is not None
    assert "rule add raised RuntimeError on Told(" in verdict.finding
    assert "twice is too often" in verdict.finding
    assert len(verdict.story.trace) == 3


def test_a_rule_that_raises_before_the_first_step_is_falsified_too() -> None:
    with pytest.raises(Falsified, match="It is so from the beginning"):
        explore(counters(FailsAtOnce)).always(fine)


def test_an_invariant_that_raises_has_not_held() -> None:
    @invariant("ODD", "a claim whose check is wrong")
    def odd(view: View) -> str | None:
        raise KeyError("nobody")

    with pytest.raises(Falsified, match="the check itself failed with KeyError"):
        explore(counters()).always(odd)


def test_an_interrupt_keeps_what_was_found_out() -> None:
    def interrupt(progress: Progress) -> None:
        if progress.distinct > 20:
            raise KeyboardInterrupt

    exploration = explore(counters(Endless))
    verdict = exploration.judge(Always((fine,)), interrupt)
    assert verdict.ruling is Ruling.UNDECIDED
    assert verdict.stopped == "an interrupt"
    assert verdict.progress.distinct > 20


def test_a_lost_disk_breaks_what_was_promised_on_it() -> None:
    """Nothing protects a protocol from that; a search says how soon it shows."""
    assert explore(cast(2), crashes=1).always().proved
    with pytest.raises(Falsified) as refused:
        explore(cast(2), crashes=1, wipes=1).always()
    told = str(refused.value)
    assert "bound:    1 crash, 1 disk loss;" in told
    assert "'s disk is lost with all its records." in told


def test_three_phase_commit_keeps_its_promise_where_timers_fire_late_and_not_where_they_fire_any_time() -> None:
    """It was made for a world in which silence means a crash (Skeen, 1981)."""
    played = three_phase_commit.cast(2)
    late = explore(played, crashes=1, timers="late", recover=False).always()
    assert "1 crash, and nobody comes back; a timer fires only when nothing else can happen" in str(late)
    with pytest.raises(Falsified) as refused:
        explore(played, crashes=1, recover=False).always()
    assert refused.value.verdict.story is not None


def test_with_late_timers_no_trail_fires_one_while_a_message_is_on_its_way() -> None:
    with pytest.raises(Falsified) as refused:
        explore(counters(Endless), timers="late").always(lambda view: view.processes["a"].count < 3)
    story = refused.value.verdict.story
    assert story is not None
    verbs = [step.choice.verb for step in story.trace]
    assert verbs.index("submit") < verbs.index("fire")


def test_the_decisions_before_a_crash_are_seen_after_it() -> None:
    @invariant("STABLE", "nobody decides twice")
    def stable(view: View) -> str | None:
        told = [decision.node for decision in view.decisions]
        return next((f"{node} decided twice" for node in told if told.count(node) > 1), None)

    explore(counters(ForgetsOnDisk)).always(stable)
    with pytest.raises(Falsified, match="a decided twice"):
        explore(counters(ForgetsOnDisk, 1), crashes=1).always(stable)


@pytest.mark.parametrize("aspect", ["at_rest", "faults", "timeouts"])
def test_an_invariant_sees_what_a_world_shows_it(aspect: str) -> None:
    """The search keeps this only once it is asked for; then it is what the World says at the same point."""

    def unlike(view: View) -> bool:
        return bool(getattr(view, aspect))

    bound = {"losses": 1} if aspect == "faults" else {"timeouts": 1} if aspect == "timeouts" else {}
    verdict = explore(counters(Endless if aspect == "timeouts" else Counter), **bound).sometimes(unlike)
    assert verdict.story is not None
    *before, last = [step.world for step in verdict.story.trace]
    assert unlike(last)
    assert not any(map(unlike, before))


@pytest.mark.parametrize(
    ("bound", "says"),
    [
        ({"network": "ring"}, "network must be one of bag, set, fifo, not 'ring'"),
        ({"crashes": -1}, "crashes must be a whole number of at least 0, not -1"),
        ({"losses": True}, "losses must be a whole number of at least 0, not True"),
        ({"copies": 0}, "copies must be at least 1, not 0"),
        (
            {"network": "set", "losses": 1},
            "losses and duplicates must be 0 on a set network: there every message may be",
        ),
        ({"network": "fifo", "duplicates": 1}, "losses and duplicates must be 0 on a fifo network"),
        ({"resets": 1}, "resets must be 0 on a bag network: only fifo links are connections"),
        ({"timers": "late", "commute": lambda one, other: True}, "timers must be any where commute is given"),
        ({"wipes": 1}, "wipes must be 0 unless nodes may crash: only the disk of one that is down is lost"),
        ({"memory": 0}, "memory must be more than 0, not 0"),
        ({"states": 0}, "states must be more than 0, not 0"),
        ({"seconds": -1}, "seconds must be more than 0, not -1"),
    ],
)
def test_a_bound_that_makes_no_sense_is_refused_with_a_sentence(bound: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("(", "\\(")):
        explore(counters(), **bound)  # type: ignore[arg-type]
