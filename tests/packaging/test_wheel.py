"""What pip installs is whole: from an empty folder, far from the repository, the wheel plays and starts a lesson.

The wheel is built and installed without a download: its dependencies are those that run these tests.
"""

import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import REPO, needs

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
        command = [str(fresh / "bin" / program), *arguments]
        return subprocess.run(
            command, cwd=tmp_path / "empty", env=home(tmp_path), capture_output=True, text=True, timeout=60, check=False
        )

    return run


def home(folder: Path) -> dict[str, str]:
    """The environment of somebody who has nothing but this folder."""
    return {"HOME": str(folder), "PATH": os.environ["PATH"], "TERM": "dumb", "LANG": "C.UTF-8"}


@pytest.fixture
def shown(fresh: Path, tmp_path: Path) -> Iterator[Callable[[str, str], str]]:
    """Open a program of the new environment in a terminal, and wait until it shows a text; what is on the screen."""
    tmux = needs("tmux")
    with tempfile.TemporaryDirectory(prefix="pane") as folder:
        server = [tmux, "-S", f"{folder}/socket", "-f", os.devnull]

        def ask(*command: str) -> str:
            told = subprocess.run(
                [*server, *command], env=home(tmp_path), capture_output=True, text=True, timeout=30, check=False
            )
            return told.stdout + told.stderr

        def shown(command: str, text: str) -> str:
            ask("new-session", "-d", "-x", "120", "-y", "40", "-c", str(tmp_path / "empty"), f"{fresh}/bin/{command}")
            patience = time.monotonic() + 60
            while text not in (screen := ask("capture-pane", "-p")) and time.monotonic() < patience:
                assert "no server" not in screen, f"{command} has ended"
            return screen

        yield shown
        ask("kill-server")


def test_the_wheel_holds_everything_that_the_repository_would_lend(wheel: Path):
    held = set(zipfile.ZipFile(wheel).namelist())
    package = {str(path.relative_to(REPO)) for path in shipped(REPO / "consensus_lab")}
    lessons = {str("consensus_lab/_lessons" / path.relative_to(REPO / "lessons")) for path in shipped(REPO / "lessons")}
    assert package | lessons <= held
    assert any(name.endswith("/exercise.py") for name in lessons)


def shipped(folder: Path) -> list[Path]:
    left_by_runs = {"__pycache__", ".consensus-lab"}
    return [path for path in folder.rglob("*") if path.is_file() and not left_by_runs & set(path.parts)]


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


def test_a_lesson_starts_and_is_graded(run: Run, tmp_path: Path):
    started = run("consensus-lab", "learn", "start", "two-phase-commit")
    assert (started.returncode, started.stderr) == (0, "")
    assert (tmp_path / "empty" / "01_two_phase_commit" / "exercise.py").is_file()
    graded = run("consensus-lab", "grade", "01_two_phase_commit")
    assert (graded.returncode, graded.stderr) == (1, "")
    assert "not written yet: CountingCoordinator.count_vote asks: " in graded.stdout


def test_a_failure_opens_in_the_stepping_screen_at_its_step(run: Run, shown: Callable[[str, str], str]):
    run("consensus-lab", "learn", "start", "two-phase-commit")
    graded = run("consensus-lab", "grade", "two-phase-commit").stdout
    command = re.search(r"Look at it: (consensus-lab play \S+ --step (\d+))$", graded, re.MULTILINE)
    assert command is not None
    step = f"step {command[2]}/{command[2]}"
    assert step in shown(command[1], step)


def test_a_lesson_that_was_never_started_is_graded_as_it_was_shipped(run: Run, fresh: Path, tmp_path: Path):
    graded = run("consensus-lab", "grade", "two-phase-commit")
    assert (graded.returncode, graded.stderr) == (1, "")
    assert "consensus-lab play .consensus-lab/CountingCoordinator-" in graded.stdout
    assert list((tmp_path / "empty" / ".consensus-lab").glob("*.trace"))
    assert not list(fresh.glob("lib/python3.*/site-packages/consensus_lab/_lessons/*/.consensus-lab"))
