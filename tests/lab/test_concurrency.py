"""Skeen's structural conditions, computed: two-phase commit violates both, three-phase commit neither."""

import pytest

from consensus_lab.lab.concurrency import Local, Structure, structure


def by_name(protocol: str, participants: int = 2) -> dict[str, Structure]:
    return {str(each.local): each for each in structure(protocol, participants)}


def test_in_two_phase_commit_whoever_is_ready_cannot_tell_what_others_have_decided():
    ready = by_name("two-phase-commit")["participant READY"]
    assert ready.sees_both
    assert {Local("participant", "COMMIT"), Local("participant", "ABORT")} <= ready.beside


def test_in_two_phase_commit_two_states_lead_to_commit_without_all_votes_being_implied():
    in_doubt = [name for name, each in by_name("two-phase-commit").items() if each.commits_in_doubt]
    assert in_doubt == ["coordinator WAIT", "participant READY"]


@pytest.mark.parametrize("participants", [1, 2, 3])
def test_in_three_phase_commit_no_state_blocks(participants: int):
    assert [name for name, each in by_name("three-phase-commit", participants).items() if each.blocks] == []


def test_the_buffer_state_is_what_makes_the_difference():
    """PRECOMMIT is committable and stands between READY and COMMIT: nobody is READY beside one that has committed."""
    states = by_name("three-phase-commit")
    ready, precommit = states["participant READY"], states["participant PRECOMMIT"]
    assert ready.follows == {"ABORT", "PRECOMMIT"}
    assert precommit.follows == {"COMMIT"}
    assert precommit.committable
    assert not ready.committable
    assert "COMMIT" not in {other.state for other in ready.beside}


def test_where_a_timeout_leads_follows_from_the_concurrency_sets():
    """Skeen's rule: to commit if somebody else may have committed, else to abort."""
    states = by_name("three-phase-commit")
    for name, verdict in {"READY": "ABORT", "PRECOMMIT": "COMMIT"}.items():
        seen = {other.state for other in states[f"participant {name}"].beside}
        assert ("COMMIT" in seen) == (verdict == "COMMIT")


def test_states_stand_in_the_order_in_which_they_are_gone_through_coordinator_first():
    assert list(by_name("three-phase-commit"))[:5] == [
        f"coordinator {state}" for state in ("INIT", "WAIT", "PRECOMMIT", "COMMIT", "ABORT")
    ]


def test_more_participants_change_nothing():
    for protocol in ("two-phase-commit", "three-phase-commit"):
        assert structure(protocol, 2) == structure(protocol, 3)
