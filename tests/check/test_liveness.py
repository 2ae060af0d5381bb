"""Does it come to this in the end? Runs that get stuck, runs that go round for ever, and which of them are fair."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.check import Falsified, NotProved, Ruling, Verdict, explore
from consensus_lab.check.claims import as_invariant
from consensus_lab.check.components import tarjan
from consensus_lab.check.fairness import Fairness
from consensus_lab.check.goals import deciders, everyone_decides
from consensus_lab.check.lasso import Loop
from consensus_lab.check.liveness import Eventually
from consensus_lab.check.search import Progress
from consensus_lab.kernel import Cast, Context, Process, Start, message, upon
from consensus_lab.lab.replaying import load_trace, replay
from consensus_lab.protocols import paxos, three_phase_commit, two_phase_commit
from tests.check.toys import Go, Told, counters


def decided(cast: Cast, *, fairness: Fairness = "message", **bound: Any) -> Verdict:
    return explore(cast, **bound).eventually(everyone_decides(cast), fairness=fairness)


def refuted(cast: Cast, **options: object) -> Verdict:
    with pytest.raises(Falsified) as refused:
        decided(cast, **options)  # type: ignore[arg-type]
    return refused.value.verdict


# -- the protocols -----------------------------------------------------------------------------------------------------


def test_two_phase_commit_decides_if_nobody_crashes() -> None:
    assert decided(two_phase_commit.cast(2)).ruling is Ruling.PROVED


def test_two_phase_commit_blocks_when_its_coordinator_crashes() -> None:
    verdict = refuted(two_phase_commit.cast(2), crashes=1, timers="late", recover=False)
    assert verdict.story is not None
    assert "coordinator crashes." in verdict.story.sentences
    assert str(verdict).startswith(
        "never DECIDED (whoever is up has decided): p1 is undecided, and nothing gets anywhere"
    )
    assert "1 crash, and nobody comes back; a timer fires only when nothing else can happen" in str(verdict)


@pytest.mark.parametrize("crashes", [1, 2])
@pytest.mark.parametrize("variant", ["skeen", "course", "termination"])
def test_three_phase_commit_does_not_while_there_are_only_crashes(variant: str, crashes: int) -> None:
    cast = three_phase_commit.cast(3, variant=variant)
    assert decided(cast, crashes=crashes, timers="late", recover=False).ruling is Ruling.PROVED


def test_two_proposers_of_paxos_duel_for_ever_though_every_message_arrives() -> None:
    loop = refuted(paxos.cast(2, 1, 1)).story
    assert isinstance(loop, Loop)
    assert loop.higher == ", with every Ballot 1 higher"
    assert not any(step.world.decisions for step in loop.trace)
    before, after = loop.trace[loop.before - 1].world, loop.trace[loop.before + loop.around - 1].world
    assert not {e.serial for e in before.network.flight} & {e.serial for e in after.network.flight}
    assert {a.serial for m in before.machines.values() for a in m.timers}.isdisjoint(
        a.serial for m in after.machines.values() for a in m.timers
    )


def test_eager_proposers_duel_even_if_no_timer_ever_fires_early() -> None:
    story = refuted(paxos.cast(2, 1, 1, retry="eager", nack=True), timers="late").story
    assert isinstance(story, Loop)
    assert not any(step.choice.verb == "fire" for step in story.trace)


def test_with_a_distinguished_proposer_it_ends_if_timers_are_slower_than_messages() -> None:
    verdict = decided(paxos.cast(2, 3, 1, retry="distinguished"), timers="late")
    assert verdict.ruling is Ruling.PROVED
    assert "Ballots no more than 2 apart; states that differ only in Ballots that are all as much higher" in str(
        verdict
    )


def test_and_even_one_proposer_gets_nowhere_if_its_timer_fires_too_early_each_time() -> None:
    assert isinstance(refuted(paxos.cast(1, 1, 1)).story, Loop)


# -- what is fair ------------------------------------------------------------------------------------------------------


@message
class Tock:
    pass


@dataclass
class Ticking(Process):
    """Tells everyone by a timer, over and over; whoever is told decides."""

    peers: tuple[str, ...]
    heard: bool = False

    @upon(Start)
    @upon(Tock)
    def tick(self, reason: Start | Tock, ctx: Context) -> None:
        ctx.set_timer(Tock(), 1.0)

    @upon(Go)
    def tell(self, go: Go, ctx: Context) -> None:
        ctx.broadcast(self.peers, Told(1))

    @upon(Told)
    def hear(self, told: Told, ctx: Context) -> None:
        if not self.heard:
            ctx.decide("heard")
        self.heard = True


def ticking(names: str = "ab") -> Cast:
    return Cast("ticking", {name: Ticking(tuple(names)) for name in names}, (("a", Go()),))


@pytest.mark.parametrize(("fairness", "ends"), [("none", False), ("message", True), ("node", False), ("both", True)])
def test_whether_it_ends_depends_on_what_may_be_neglected(fairness: Fairness, ends: bool) -> None:
    if ends:
        assert decided(ticking(), fairness=fairness).ruling is Ruling.PROVED
    else:
        assert isinstance(refuted(ticking(), fairness=fairness).story, Loop)


def test_a_node_that_only_ticks_has_acted_but_a_node_that_never_acts_has_not() -> None:
    verdict = refuted(ticking(), fairness="node")
    assert isinstance(verdict.story, Loop)
    lap = verdict.story.trace[verdict.story.before : verdict.story.before + verdict.story.around]
    assert {step.choice.actor for step in lap} == {"a", "b"}


# -- verdicts ----------------------------------------------------------------------------------------------------------


def test_on_a_set_network_what_has_arrived_may_arrive_again() -> None:
    class Changing(Ticking):
        def hear(self, told: Told, ctx: Context) -> None:
            self.heard = not self.heard

    cast = Cast("changing", {"a": Changing(("a",))}, (("a", Go()),))
    with pytest.raises(Falsified) as refused:
        explore(cast, network="set").eventually(lambda view: False)
    story = refused.value.verdict.story
    assert isinstance(story, Loop)
    assert {step.choice.verb for step in story.trace} >= {"duplicate", "deliver"}


def test_a_goal_reached_on_every_way_is_proof_within_the_bound() -> None:
    assert explore(counters()).eventually(lambda view: view.processes["b"].count).proved  # type: ignore[attr-defined]


def test_a_limit_that_was_hit_never_passes_as_proof() -> None:
    with pytest.raises(NotProved) as refused:
        decided(paxos.cast(2, 3, 1), states=5_000)
    assert "ended by: the limit of 5,000 states" in str(refused.value)


def test_a_rule_that_raises_is_told_with_the_way_there() -> None:
    class Failing(Ticking):
        def hear(self, told: Told, ctx: Context) -> None:
            raise RuntimeError("deaf")

    cast = Cast("ticking", {"a": Failing(("a",))}, (("a", Go()),))
    with pytest.raises(Falsified) as refused:
        explore(cast).eventually(lambda view: view.decisions)
    verdict = refused.value.verdict
    assert verdict.finding.startswith("a's rule hear raised RuntimeError on Told(1): deaf (")
    assert verdict.story is not None
    assert [str(step.choice) for step in verdict.story.trace] == ["submit a Go(1)"]


def test_an_interrupt_keeps_what_was_found_out() -> None:
    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    goal = Eventually(as_invariant(lambda view: view.decisions))
    verdict = explore(paxos.cast(2, 3, 1)).judge(goal, interrupt)
    assert verdict.ruling is Ruling.UNDECIDED
    assert verdict.stopped == "an interrupt"
    assert verdict.progress.distinct >= 2_000


def test_runs_without_end_are_not_asked_for_where_every_run_has_one() -> None:
    for bound in ({"steps": 3}, {"prune": lambda view: False}):
        with pytest.raises(ValueError, match="searched in one stage, without prune, commute and a bound on steps"):
            decided(ticking(), **bound)


def test_what_is_no_fairness_is_refused() -> None:
    with pytest.raises(ValueError, match="fairness must be one of none, message, node, both, not 'fair'"):
        decided(ticking(), fairness="fair")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="timers must be one of any, late, not 'never'"):
        decided(ticking(), timers="never")


# -- how it is told ----------------------------------------------------------------------------------------------------


def test_a_loop_is_kept_as_a_trace_that_goes_round_twice_and_says_where_it_begins(traces: Path) -> None:
    cast = paxos.cast(2, 1, 1)
    loop = refuted(cast).story
    assert isinstance(loop, Loop)
    told = loop.told()
    assert f"A way of {loop.before} steps leads to a loop of {loop.around}, which goes round for ever" in told
    assert "again and again:" in told
    record, again = load_trace(traces / "refuted.trace")
    played = replay(record, again)
    assert (played.diverged, played.changed) == (None, None)
    assert len(played.trace) == loop.before + 2 * loop.around
    assert record.captions[loop.before][0] == "Here begins the loop."
    assert record.captions[loop.before + loop.around][0].startswith(f"Here it is as it was {loop.around} steps ago")


def test_who_is_to_decide_is_seen_in_calm_runs() -> None:
    assert deciders(paxos.cast(2, 3, 2)) == {"l1", "l2"}
    assert deciders(two_phase_commit.cast(2)) == {"coordinator", "p1", "p2"}
    with pytest.raises(ValueError, match="nobody of counters decides in a calm run"):
        everyone_decides(counters())


# -- components --------------------------------------------------------------------------------------------------------


@given(st.lists(st.lists(st.integers(-1, 12), max_size=4), max_size=10))
def test_components_are_those_of_networkx(rows: list[list[int]]) -> None:
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(len(rows)))
    graph.add_edges_from((a, b) for a, row in enumerate(rows) for b in row if 0 <= b < len(rows))
    expected = {frozenset(part) for part in networkx.strongly_connected_components(graph)}
    assert {frozenset(part) for part in tarjan(rows)} == expected
