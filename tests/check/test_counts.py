"""The space that is searched is pinned: it has exactly the states, transitions and depth that others have counted.

Figures in TLC's convention: (distinct states, generated states, depth); depth counts states, and the initial state and
steps that change nothing are generated too.
"""

import pytest

from consensus_lab.check import explore
from tests.check.models import two_phase


@pytest.mark.parametrize(
    ("managers", "counts"),
    [
        (3, (288, 1_146, 11)),  # published with TwoPhase.tla
        (4, (1_568, 8_258, 14)),
        (5, (8_832, 58_146, 17)),  # Stateright's 2pc.rs asserts the first
        (6, (50_816, 402_306, 20)),
        (7, (296_448, 2_744_706, 23)),
    ],
)
def test_two_phase_of_the_tla_examples(managers: int, counts: tuple[int, int, int]) -> None:
    progress = explore(two_phase.cast(managers), network="set").always().progress
    assert (progress.distinct, progress.generated, progress.depth) == counts
