"""Every test of this suite is asked of both buses: of the simulated one under a few seeds, and of real TCP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from consensus_lab.kernel import Cast, effect
from consensus_lab.kernel.notation import vocabulary
from consensus_lab.protocols import election, two_phase_commit
from tests.conformance import words
from tests.conformance.stages import OnTcp, Simulated, Stage

StageOf = Callable[[Cast], Stage]
SPOKEN = {"two-phase-commit": two_phase_commit.messages, "election": election.messages}
"""The vocabulary of each protocol's casts; two protocols may mean different things by one word."""


@pytest.fixture(params=["seed 0", "seed 1", "seed 2", "tcp"])
def stage_of(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StageOf]:
    """Puts a cast on the stage."""
    opened: list[Stage] = []

    def open_stage(cast: Cast) -> Stage:
        if request.param == "tcp":
            known = vocabulary(words, effect, SPOKEN.get(cast.protocol, words))
            opened.append(OnTcp(cast, known, tmp_path))
        else:
            opened.append(Simulated(cast, int(request.param.removeprefix("seed "))))
        return opened[-1]

    yield open_stage
    for stage in opened:
        stage.close()
