"""A counterexample teaches: the shortest trail, causes next to effects, in sentences, as a trace that replays."""

from dataclasses import replace
from pathlib import Path

import pytest

from consensus_lab.check import Falsified, explore
from consensus_lab.check.story import Disagreement, causal_order, play
from consensus_lab.kernel import Links, View, invariant
from consensus_lab.kernel.trace import read
from consensus_lab.lab.mutants import Mutant
from consensus_lab.lab.mutants.two_phase_commit import MUTANTS, AbortsAlone
from consensus_lab.lab.replaying import load_trace, replay
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.protocols.two_phase_commit.messages import Begin, VoteRequest
from consensus_lab.sim import Deliver, Submit, Sync
from tests.check.killing.two_phase_commit import UNSAFE as SHORTEST
from tests.sim.worlds import gossip

UNSAFE = [mutant for mutant in MUTANTS if mutant.refutes != "expect"]


def falsify(mutant: Mutant) -> Falsified:
    with pytest.raises(Falsified) as refused:
        explore(cast(**mutant.cast, **{mutant.role: mutant.kind}), crashes=1, duplicates=1).always()
    return refused.value


@pytest.mark.parametrize("mutant", UNSAFE, ids=lambda mutant: mutant.name)
def test_every_unsafe_mutant_is_falsified_by_a_trail_of_known_length_that_replays(mutant: Mutant, traces: Path) -> None:
    story = falsify(mutant).verdict.story
    assert story is not None
    assert len(story.trace) == SHORTEST[mutant.name]
    record, recast = load_trace(traces / "refuted.trace")
    replayed = replay(record, recast)
    assert replayed.diverged is None
    assert replayed.changed is None
    assert str(replayed.trace[-1].world.violations()[0]) == story.ending
    assert not any(step.world.violations() for step in replayed.trace[:-1])


def test_the_message_tells_the_claim_the_bound_the_story_and_the_command() -> None:
    with pytest.raises(Falsified) as refused:
        explore(cast(participant=AbortsAlone), crashes=1).always()
    first, *details = str(refused.value).splitlines()
    assert (
        first == "AC1 (all who decide decide alike): refuted, p2 decided Abort(T1), but coordinator decided Commit(T1)"
    )
    assert "  bound:    1 crash; timers fire at any time" in "\n".join(details)
    assert "The shortest way there takes 9 steps:" in details
    assert details[-2].startswith("   9. coordinator's disk has caught up: it decides Commit(T1) and sends Commit(T1)")
    assert details[-1].startswith("Look at it: consensus-lab play ")
    assert details[-1].endswith("refuted.trace --step 9")


def test_the_trace_has_a_sentence_before_each_step_and_the_claim_at_its_end(traces: Path) -> None:
    with pytest.raises(Falsified) as refused:
        explore(cast(participant=AbortsAlone), crashes=1).always()
    story = refused.value.verdict.story
    assert story is not None
    record = read((traces / "refuted.trace").read_text(encoding="utf-8"))
    assert [record.captions[index] for index in range(len(story.trace))] == [[told] for told in story.sentences]
    assert record.captions[len(story.trace)] == [story.ending]
    assert record.header.picker == "search"


@pytest.mark.parametrize(
    "told",
    [
        "coordinator is asked Begin(T1) by its client: it sends VoteRequest(T1) to p1 and p2 and sets the timer "
        "VotesOverdue(T1).",
        "p1 receives VoteRequest(T1) from coordinator: it forces Prepared(tx=T1, undo=old, redo=T1) and sets the timer "
        "DecisionOverdue(T1); Yes(T1) to coordinator waits for its disk.",
        "p2's timer DecisionOverdue(T1) fires: it forces Abort(T1); the decision Abort(T1) waits for its disk.",
        "p2's disk has caught up: it sends Yes(T1) to coordinator and decides Abort(T1).",
        "coordinator receives Yes(T1) from p1.",
    ],
)
def test_a_step_is_a_sentence(told: str) -> None:
    with pytest.raises(Falsified) as refused:
        explore(cast(participant=AbortsAlone)).always()
    story = refused.value.verdict.story
    assert story is not None
    assert told in story.sentences


def test_an_effect_follows_on_its_cause_and_no_two_threads_of_the_story_mix() -> None:
    played = cast()
    request = [Deliver("coordinator", node, VoteRequest("T1")) for node in ("p1", "p2")]
    mixed = play(played, [Submit("coordinator", Begin("T1")), *request, Sync("p1"), Sync("p2")])
    assert causal_order(played, mixed) == [0, 1, 3, 2, 4]


@pytest.mark.parametrize("mutant", UNSAFE, ids=lambda mutant: mutant.name)
def test_a_story_is_told_in_causal_order(mutant: Mutant) -> None:
    verdict = falsify(mutant).verdict
    assert verdict.story is not None
    steps = list(verdict.story.trace)
    assert causal_order(verdict.story.cast, steps) == list(range(len(steps)))


def test_a_trail_on_other_links_than_the_protocols_own_is_not_offered_to_the_screen() -> None:
    with pytest.raises(Falsified) as refused:
        explore(cast(participant=AbortsAlone), network="fifo").always()
    assert "to be read: the protocol itself assumes other links" in str(refused.value)
    assert "consensus-lab play" not in str(refused.value)


def test_a_trail_with_a_crash_and_a_reset_plays_in_a_world_of_connections() -> None:
    missed = replace(gossip(2, Links.FIFO), invariants=(nobody_misses_anybody,))
    with pytest.raises(Falsified) as refused:
        explore(missed, resets=1).always()
    story = refused.value.verdict.story
    assert story is not None
    assert [step.choice.verb for step in story.trace] == ["reset", "deliver"]


@invariant("TOGETHER", "nobody has lost a connection")
def nobody_misses_anybody(view: View) -> str | None:
    lost = {address: process.lost for address, process in view.processes.items() if process.lost}  # type: ignore[attr-defined]
    return f"{lost}" if lost else None


def test_a_check_that_depends_on_what_a_search_does_not_keep_is_told_so() -> None:
    @invariant("ORDER", "the coordinator does not decide before p1")
    def order(view: View) -> str | None:
        nodes = [decision.node for decision in view.decisions]
        return "it did" if nodes[:2] == ["coordinator", "p1"] else None

    with pytest.raises(Disagreement, match="the order in which different nodes decided"):
        explore(cast(1, unwilling=("p1",)), timeouts=0).always(order)
