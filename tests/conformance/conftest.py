"""Every test of this suite is asked of both buses: of the simulated one under a few seeds, and of real TCP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from consensus_lab.kernel import Cast, effect
from consensus_lab.kernel.notation import Vocabulary, vocabulary
from consensus_lab.lab.catalogue import protocols, words_of
from tests.conformance import words
from tests.conformance.stages import OnTcp, Simulated, Stage

StageOf = Callable[[Cast], Stage]


def spoken_by(cast: Cast) -> Vocabulary:
    """The words of its protocol; of the probes, when it is none of the course."""
    return words_of(cast.protocol) if cast.protocol in protocols() else vocabulary(words, effect)


@pytest.fixture(params=["seed 0", "seed 1", "seed 2", "tcp"])
def stage_of(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StageOf]:
    """Puts a cast on the stage."""
    opened: list[Stage] = []

    def open_stage(cast: Cast) -> Stage:
        if request.param == "tcp":
            opened.append(OnTcp(cast, words=spoken_by(cast), folder=tmp_path))
        else:
            opened.append(Simulated(cast, seed=int(request.param.removeprefix("seed "))))
        return opened[-1]

    yield open_stage
    for stage in opened:
        stage.close()
