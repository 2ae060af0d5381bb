"""The floors hold, and the contract that says so notices when they do not."""

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import REPO

FLOORS = ("kernel", "protocols", "zookeeper", "sim", "net", "check", "lab", "serve", "client", "tui", "site", "cli")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sysconfig.get_path("scripts"), "lint-imports")), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def empty_house(tmp_path: Path) -> Path:
    """A package with every floor and nothing on any of them, under the contract of this one."""
    shutil.copy(REPO / "pyproject.toml", tmp_path)
    for floor in ("", *FLOORS):
        folder = tmp_path / "consensus_lab" / floor
        folder.mkdir()
        (folder / "__init__.py").touch()
    return tmp_path


def test_no_import_climbs():
    linted = lint_imports(REPO)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_an_empty_house_stands(empty_house: Path):
    linted = lint_imports(empty_house)
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize(
    ("floor", "line", "verdict"),
    [
        ("kernel", "import networkx", "consensus_lab.kernel is not allowed to import networkx"),
        ("protocols", "from ..sim import world", "consensus_lab.protocols is not allowed to import consensus_lab.sim"),
        ("check", "from .. import protocols", "consensus_lab.check is not allowed to import consensus_lab.protocols"),
        ("net", "from .. import zookeeper", "consensus_lab.net is not allowed to import consensus_lab.zookeeper"),
        ("sim", "import random", "consensus_lab.sim is not allowed to import random"),
        ("zookeeper", "import time", "consensus_lab.zookeeper.intruder is not allowed to import time"),
        ("tui", "from .. import cli", "consensus_lab.tui is not allowed to import consensus_lab.cli"),
        ("attic", "from .. import kernel", "not listed as layers: - consensus_lab.attic"),
    ],
)
def test_the_contract_notices(empty_house: Path, floor: str, line: str, verdict: str):
    folder = empty_house / "consensus_lab" / floor
    folder.mkdir(exist_ok=True)
    (folder / "__init__.py").touch()
    (folder / "intruder.py").write_text(line + "\n", "utf-8")
    linted = lint_imports(empty_house)
    assert linted.returncode == 1
    assert verdict in " ".join(linted.stdout.split()), linted.stdout
