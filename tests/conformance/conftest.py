"""Every test of this suite is asked of both buses: of the simulated one under a few seeds, and of real TCP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from consensus_lab.kernel import Cast, effect
from consensus_lab.kernel.notation import Vocabulary, vocabulary
from consensus_lab.lab.catalogue import protocol, protocols
from tests.conformance import words
from tests.conformance.stages import OnTcp, Simulated, Stage

StageOf = Callable[[Cast], Stage]


def words_for(cast: Cast) -> Vocabulary:
    """What a cast says, and what its test may order it to do."""
    spoken = [protocol(cast.protocol).messages] if cast.protocol in protocols() else []
    return vocabulary(words, effect, *spoken)


@pytest.fixture(params=["seed 0", "seed 1", "seed 2", "tcp"])
def stage_of(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StageOf]:
    """Puts a cast on the stage."""
    opened: list[Stage] = []

    def open_stage(cast: Cast) -> Stage:
        on_tcp = request.param == "tcp"
        stage = OnTcp(cast, words_for(cast), tmp_path) if on_tcp else Simulated(cast, int(request.param.split()[1]))
        opened.append(stage)
        return stage

    yield open_stage
    for stage in opened:
        stage.close()
