"""What pip installs is whole: from an empty folder, far from the repository, the wheel plays and starts a lesson.

The wheel is built and installed without a download: its dependencies are those that run these tests.
"""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import REPO

Run = Callable[..., subprocess.CompletedProcess[str]]


def pip(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "pip", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this working tree."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", folder, REPO)
    return next(folder.glob("consensus_lab-*.whl"))


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment that holds the wheel; its dependencies, not this repository, are lent by the one we run in."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, symlinks=True)
    pip("--python", folder / "bin" / "python", "install", "--quiet", "--no-deps", "--no-index", wheel)
    site_packages = next(folder.glob("lib/python3.*/site-packages"))
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return folder


@pytest.fixture
def run(fresh: Path, tmp_path: Path) -> Run:
    """Run a program of the new environment in an empty folder that is also its home."""
    (tmp_path / "empty").mkdir()

    def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        home = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "TERM": "dumb", "LANG": "C.UTF-8"}
        command = [str(fresh / "bin" / program), *arguments]
        return subprocess.run(
            command, cwd=tmp_path / "empty", env=home, capture_output=True, text=True, timeout=60, check=False
        )

    return run


def test_the_wheel_holds_everything_that_the_repository_would_lend(wheel: Path):
    held = set(zipfile.ZipFile(wheel).namelist())
    package = {str(path.relative_to(REPO)) for path in shipped(REPO / "consensus_lab")}
    lessons = {str("consensus_lab/_lessons" / path.relative_to(REPO / "lessons")) for path in shipped(REPO / "lessons")}
    assert package | lessons <= held
    assert any(name.endswith("/exercise.py") for name in lessons)


def shipped(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def test_it_is_the_wheel_that_runs(run: Run, fresh: Path):
    said = run("python", "-c", "import consensus_lab; print(consensus_lab.__file__)")
    assert Path(said.stdout.strip()).is_relative_to(fresh)


def test_the_version_is_said(run: Run):
    said = run("consensus-lab", "--version")
    assert (said.returncode, said.stderr) == (0, "")
    assert "0.1.0" in said.stdout


def test_the_scenarios_are_listed(run: Run):
    listed = run("consensus-lab", "scenarios")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert any(line.startswith("two-phase-commit/commits ") for line in listed.stdout.splitlines())


def test_a_scenario_runs(run: Run):
    ran = run("consensus-lab", "run", "two-phase-commit/commits")
    assert (ran.returncode, ran.stderr) == (0, "")
