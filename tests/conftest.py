"""What every test may ask of the machine it runs on: the real programs, and the other Pythons."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

# No deadline, because no test asserts wall time; no database, because a test leaves no file behind.
settings.register_profile("suite", deadline=None, database=None, derandomize=True, print_blob=True)
settings.load_profile("suite")

# Run in the background the suite may have to ignore Ctrl-C, and what is ignored here its children would ignore, too.
signal.signal(signal.SIGINT, signal.default_int_handler)

REPO = Path(__file__).resolve().parents[1]
VERSIONS = ("3.11", "3.12", "3.13")

HOW_TO_INSTALL = {
    "chromium": "apt install chromium",
    "chromedriver": "apt install chromium-driver",
    "git": "apt install git",
    "java": "apt install default-jre-headless",
    "make": "apt install make",
    "node": "apt install nodejs",
    "npm": "apt install npm",
    "openssl": "apt install openssl",
    "tmux": "apt install tmux",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="write golden files anew; then read the diff before commit")


@pytest.fixture(scope="session")
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """`golden(path, text)`: this text is what the file holds. With --record the file is written instead."""
    return lambda path, text: check_golden(path, text, record=request.config.getoption("--record"))


def check_golden(path: Path, text: str, *, record: bool) -> None:
    """Hold `text` against a golden file, byte for byte, or write it there."""
    told = path.relative_to(REPO) if path.is_relative_to(REPO) else path
    if record:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return
    assert path.is_file(), f"there is no golden file {told}; pytest --record writes it"
    held = path.read_bytes().decode()
    assert text == held, f"{told} holds something else; if the new text is right, pytest --record writes it"


def needs(tool: str) -> str:
    """The path of a real program; without it the test skips, or fails where CONSENSUS_LAB_REQUIRE_ALL=1 is set."""
    path = shutil.which(tool)
    if path is None:
        missing(f"needs {tool}: {HOW_TO_INSTALL.get(tool, f'install {tool} and put it on PATH')}")
    return path


def missing(reason: str) -> NoReturn:
    """End the test, which cannot run here: a skip for a visitor, a failure where every real part is owed."""
    if os.environ.get("CONSENSUS_LAB_REQUIRE_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def needs_python(version: str) -> str:
    """The path of an interpreter of that version, such as "3.13"; without it as with any other real part."""
    how = f"apt install python{version}, or pyenv install {version}"
    return pythons().get(version) or missing(f"needs Python {version}: {how}")


@cache
def pythons() -> dict[str, str]:
    """The interpreters found here, as {"3.12": "/usr/bin/python3.12"}: on PATH, or installed by pyenv."""
    found = {version: python for version in VERSIONS for python in candidates(version) if answers(python, version)}
    return dict(sorted(found.items()))


def candidates(version: str) -> list[str]:
    """Where Python `version` may be, the likeliest last."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    installed = sorted(str(python) for python in pyenv.glob(f"versions/{version}.*/bin/python"))
    on_path = shutil.which(f"python{version}")
    return installed + ([on_path] if on_path else [])


def answers(python: str, version: str) -> bool:
    """Whether it runs at all (a pyenv shim may be on PATH and refuse) and is the version that its name says."""
    say = "import sys; print('%d.%d' % sys.version_info[:2])"
    asked = subprocess.run([python, "-c", say], capture_output=True, text=True, timeout=30, check=False)
    return asked.stdout.strip() == version
