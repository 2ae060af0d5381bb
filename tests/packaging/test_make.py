"""make on a machine where something is missing says what, and on one that is ready installs nothing again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPO, needs

# A make that runs these tests hands its own ARGS and PYTHON down through these.
OF_AN_OUTER_MAKE = ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS", "ARGS", "PYTHON", "VENV")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in OF_AN_OUTER_MAKE}
    command = [needs("make"), *arguments]
    return subprocess.run(command, cwd=REPO, env=environment, capture_output=True, text=True, timeout=60, check=False)


def python_without(tmp_path: Path, refused: str) -> Path:
    """A python3 that fails whatever mentions `refused`, as an interpreter without that part does."""
    python = tmp_path / "bin" / "python3"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\ncase "$*" in *{refused}*) exit 1;; esac\nexec {sys.executable} "$@"\n', "utf-8")
    python.chmod(0o755)
    return python


@pytest.mark.parametrize("goal", ["lab", "test", "check", "site"])
def test_a_python_without_venv_is_told_which_package_to_install(tmp_path: Path, goal: str):
    made = make(goal, f"PYTHON={python_without(tmp_path, 'ensurepip')}", f"VENV={tmp_path / 'venv'}")
    assert made.returncode != 0
    assert "cannot make a virtual environment. Install the missing part: apt install python3-venv" in made.stderr
    assert not (tmp_path / "venv").exists()


def test_a_python_too_old_is_told_so(tmp_path: Path):
    made = make("test", f"PYTHON={python_without(tmp_path, 'version_info')}", f"VENV={tmp_path / 'venv'}")
    assert made.returncode != 0
    assert "is older than Python 3.11. Name a newer one: make PYTHON=python3.12" in made.stderr


def test_no_python_at_all_is_told_so(tmp_path: Path):
    made = make("lab", "PYTHON=no-such-python", f"VENV={tmp_path / 'venv'}")
    assert made.returncode != 0
    assert "There is no 'no-such-python' here. Install Python 3.11 or newer" in made.stderr


@pytest.fixture
def installed(tmp_path: Path) -> str:
    """VENV=... naming an environment in which everything was installed a moment ago."""
    (tmp_path / "bin").mkdir()
    for name in ("bin/pip", ".installed", ".installed-test"):
        (tmp_path / name).touch()
    return f"VENV={tmp_path}"


@pytest.mark.parametrize("goal", ["lab", "test"])
def test_a_warm_make_installs_nothing(installed: str, goal: str):
    assert "pip install" not in make("--dry-run", goal, installed).stdout


@pytest.mark.parametrize("goal", ["lab", "test"])
def test_a_changed_constraint_installs_again(installed: str, goal: str):
    assert "pip install" in make("--dry-run", "--assume-new=constraints.txt", goal, installed).stdout


def test_each_interpreter_has_an_environment_of_its_own():
    assert ".venv-python3.13/bin/python -m pytest" in make("--dry-run", "test", "PYTHON=python3.13").stdout
    assert ".venv/bin/python -m pytest" in make("--dry-run", "test", "PYTHON=/usr/bin/python3").stdout


def test_make_alone_lists_the_commands():
    listed = make().stdout
    assert all(f"make {goal}" in listed for goal in ("lab", "test", "check", "site", "bench"))
