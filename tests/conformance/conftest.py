"""Every test of this suite is asked of both buses: of the simulated one under a few seeds, and of real TCP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from consensus_lab.kernel import Cast, effect
from consensus_lab.kernel.notation import vocabulary
from consensus_lab.protocols import two_phase_commit
from tests.conformance import words
from tests.conformance.stages import OnTcp, Simulated, Stage

StageOf = Callable[[Cast], Stage]
EVERY_WORD = vocabulary(words, effect, two_phase_commit.messages)


@pytest.fixture(params=["seed 0", "seed 1", "seed 2", "tcp"])
def stage_of(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StageOf]:
    """Puts a cast on the stage."""
    opened: list[Stage] = []
    kind: StageOf = partial(OnTcp, words=EVERY_WORD, folder=tmp_path)
    if request.param != "tcp":
        kind = partial(Simulated, seed=int(request.param.removeprefix("seed ")))

    def open_stage(cast: Cast) -> Stage:
        opened.append(kind(cast))
        return opened[-1]

    yield open_stage
    for stage in opened:
        stage.close()
