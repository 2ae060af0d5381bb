"""What three-phase commit costs, measured, against the textbook; and what it costs more than two-phase commit."""

import pytest

from consensus_lab.kernel import Cost
from consensus_lab.lab.costs import forced_by_node, measure, messages_by_name
from consensus_lab.protocols import two_phase_commit
from consensus_lab.protocols.three_phase_commit import VARIANTS, abort_cost, cast, commit_cost
from tests.lab.test_costs import in_rounds, in_rounds_with_the_no_counted_last

SIZES = (1, 2, 3, 4, 5)


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


def test_until_all_have_decided_it_takes_five_messages_a_participant_in_five_rounds():
    """Bernstein, Hadzilacos and Goodman (1987), section 7.5. The sixth lets the coordinator forget."""
    names = messages_by_name(in_rounds(cast(3)))
    assert names == dict.fromkeys(("CanCommit", "Yes", "PreCommit", "PreAck", "Commit", "Ack"), 3)
    assert commit_cost("skeen", 3).delays == 5


def test_every_change_of_state_is_forced():
    assert forced_by_node(in_rounds(cast(2))) == {"coordinator": 2, "p1": 3, "p2": 3}


def test_not_blocking_costs_two_messages_and_one_write_a_participant_one_write_and_two_delays():
    for n in SIZES:
        two, three = two_phase_commit.commit_cost("presumed-nothing", n), commit_cost("skeen", n)
        more = Cost(*(b - a for a, b in zip(two, three, strict=True)))
        assert more == Cost(messages=2 * n, forced=n + 1, delays=2, round_trips=1)
