"""The cost meter against the textbooks: what a calm run costs is what the formula of its variant promises (N15)."""

import pytest

from consensus_lab.kernel import Cast, Cost
from consensus_lab.lab.costs import forced_by_node, measure, messages_by_name
from consensus_lab.protocols.two_phase_commit import VARIANTS, abort_cost, cast, commit_cost
from consensus_lab.protocols.two_phase_commit.messages import No
from consensus_lab.sim import Deliver, World, WorldTrace
from consensus_lab.sim.pickers import Human, Rounds, play

SIZES = (1, 2, 3, 4, 5)


def in_rounds(cast: Cast) -> WorldTrace:
    return play(World.of(cast), Rounds())


def in_rounds_with_the_no_counted_last(cast: Cast) -> WorldTrace:
    """Rounds, but a No arrives only when every Yes has."""

    def ask(world: World):
        pick = Rounds().pick(world)
        if pick and isinstance(pick.choice, Deliver) and isinstance(pick.choice.message, No):
            earlier = (m for m in world.moves() if isinstance(m, Deliver) and not isinstance(m.message, No))
            return next(earlier, pick.choice)
        return pick and pick.choice

    return play(World.of(cast), Human(ask))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("participants", SIZES)
def test_a_commit_costs_what_the_textbook_says(variant: str, participants: int):
    trace = in_rounds(cast(participants, variant=variant))
    assert trace[-1].world.quiet
    assert measure(trace) == commit_cost(variant, participants)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("participants", SIZES)
def test_an_abort_by_one_who_votes_last_costs_what_the_textbook_says(variant: str, participants: int):
    trace = in_rounds_with_the_no_counted_last(cast(participants, variant=variant, unwilling=[f"p{participants}"]))
    assert trace[-1].world.quiet
    assert measure(trace) == abort_cost(variant, participants)


def test_the_formulas_themselves_as_the_papers_table_them():
    # Mohan, Lindsay and Obermarck (1986), table 1: forced writes of the coordinator and of each subordinate.
    assert commit_cost("presumed-nothing", 1) == Cost(messages=4, forced=1 + 2, delays=3, round_trips=2)
    assert commit_cost("presumed-abort", 3) == Cost(messages=12, forced=1 + 3 * 2, delays=3, round_trips=2)
    assert commit_cost("presumed-commit", 3) == Cost(messages=9, forced=2 + 3 * 1, delays=3, round_trips=1)
    assert abort_cost("presumed-abort", 2).forced == 1, "the yes-voter's Prepared and nothing else"


def test_what_was_sent_is_told_by_name():
    assert messages_by_name(in_rounds(cast(3))) == {"VoteRequest": 3, "Yes": 3, "Commit": 3, "Ack": 3}


def test_what_was_forced_is_told_by_node():
    assert forced_by_node(in_rounds(cast(2))) == {"coordinator": 1, "p1": 2, "p2": 2}


def test_a_held_message_counts_when_it_leaves_and_not_when_it_is_asked_for():
    trace = in_rounds(cast(1))
    asked = next(index for index, step in enumerate(trace) if any(e in step.held for e in step.asked))
    assert messages_by_name(trace[: asked + 1])["Yes"] == 0
    assert messages_by_name(trace[: asked + 2])["Yes"] == 1, "the sync that follows sets it free"


def test_nothing_costs_nothing():
    assert measure([]) == Cost(0, 0, 0, 0)
