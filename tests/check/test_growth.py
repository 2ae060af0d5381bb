"""When a search reaches its limit, the verdict names the fields that were still growing, with their curves."""

from consensus_lab.check import explore
from consensus_lab.check.claims import Always, as_invariant
from consensus_lab.check.growth import MEANING, Growth
from consensus_lab.check.verdict import Verdict
from consensus_lab.kernel import Cast
from consensus_lab.lab.catalogue import make_cast
from tests.check.toys import Endless


def search(cast: Cast, **bound: int) -> Verdict:
    """Every state, or as many as the bound allows."""
    return explore(cast, **bound).judge(Always((as_invariant(lambda view: True),)))


def test_a_counter_without_an_end_is_named_with_its_curve() -> None:
    verdict = search(Cast("toy", {"c1": Endless(())}), states=9)
    (growth,) = verdict.growing
    assert (growth.node, growth.field) == ("c1", "count")
    assert growth.counts == tuple(range(1, len(growth.counts) + 1))
    assert f"  growing:  {growth}\n  growing:  {MEANING}" in str(verdict)


def test_a_search_that_comes_to_its_end_blames_nobody() -> None:
    assert search(Cast("toy", {"c1": Endless(())}), timeouts=6).growing == ()
    assert search(make_cast("two-phase-commit", ())).growing == ()


def test_in_paxos_it_is_the_ballot_with_all_that_remembers_it_and_not_the_state() -> None:
    blamed = [growth.field for growth in search(make_cast("paxos", (("proposers", "2"),)), states=20_000).growing]
    assert blamed[0] == "ballot"
    assert blamed[-1] == "journal"
    assert "state" not in blamed


def test_a_curve_is_drawn_beside_its_figures() -> None:
    growth = Growth("a1", "promised", (1, 2, 4, 8))
    assert growth.still_growing
    assert str(growth) == "a1.promised ▁▂▄█ has had 1, 2, 4, 8 values within 0 to 3 steps of a1"
    assert not Growth("a1", "state", (1, 2, 3, 3)).still_growing
