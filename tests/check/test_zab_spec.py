"""Apache's Zab.tla has, in our mirror of it, exactly the states and steps that TLC counts, and all its properties."""

import pytest

from tests.check.models import zab_spec
from tests.check.models.zab_spec_failures import Bounds
from tests.check.models.zab_spec_properties import Counts, search
from tests.check.models.zab_spec_state import History, Received, State, last_zxid


@pytest.mark.parametrize(
    ("servers", "bounds", "counts"),
    [
        (2, Bounds(timeouts=0, transactions=1, epoch=1, restarts=0), Counts(35, 39, 15)),
        (2, Bounds(timeouts=1, transactions=1, epoch=1, restarts=0), Counts(293, 341, 19)),
        (2, Bounds(timeouts=1, transactions=1, epoch=2, restarts=1), Counts(1_288, 1_507, 24)),
        (2, Bounds(timeouts=2, transactions=2, epoch=2, restarts=1), Counts(31_688, 44_135, 33)),
        (3, Bounds(timeouts=0, transactions=1, epoch=1, restarts=0), Counts(445, 760, 17)),
        (3, Bounds(timeouts=0, transactions=2, epoch=1, restarts=0), Counts(1_015, 2_062, 22)),
        (3, Bounds(timeouts=1, transactions=1, epoch=1, restarts=0), Counts(5_170, 8_608, 21)),
    ],
)
def test_as_many_states_as_tlc_counts_and_all_ten_properties_in_each(
    servers: int, bounds: Bounds, counts: Counts
) -> None:
    found = search(servers, bounds)
    assert not found.broken
    assert found.counts == counts


def test_half_of_the_servers_are_no_quorum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(State, "is_quorum", lambda state, members: 2 * len(set(members)) >= len(state.servers))
    found = search(2, Bounds(timeouts=1, transactions=1, epoch=2, restarts=0))
    assert "should_not_be_triggered" in found.broken


def test_a_leader_that_starts_from_the_oldest_history_breaks_prefix_consistency(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(zab_spec, "initial_history", oldest_history)
    found = search(3, Bounds(timeouts=1, transactions=1, epoch=2, restarts=0))
    assert "prefix_consistency" in found.broken


def oldest_history(ackes: Received) -> History:
    candidates = [heard for heard in ackes if heard is not None]
    return min(candidates, key=lambda heard: (heard.epoch, last_zxid(heard.history))).history
