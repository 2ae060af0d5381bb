"""Traces that tests of the checker leave go where pytest cleans up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consensus_lab.check.keeping import Filing, filing


@pytest.fixture(autouse=True)
def traces(tmp_path: Path) -> Iterator[Path]:
    """The folder in which refuting traces are kept."""
    folder = tmp_path / ".consensus-lab"
    token = filing.set(Filing(folder))
    yield folder
    filing.reset(token)
