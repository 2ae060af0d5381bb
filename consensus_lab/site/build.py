"""Builds the site: the sources are copied aside, their markers expanded there, and mkdocs makes HTML of the copy."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from consensus_lab.site.errors import BuildFailed
from consensus_lab.site.pages import expand

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = REPOSITORY / "site"
MARK = ".consensus-lab-site"
"""An empty file in every folder that a build has filled: only such a folder is ever emptied again."""


def build(target: Path, sources: Path = SOURCES) -> None:
    """Make the whole site in `target`, which is new, empty or an older build. Raises BuildFailed with a sentence."""
    target = target.expanduser().resolve()
    _refuse_unfit(target, sources)
    with tempfile.TemporaryDirectory(prefix="consensus-lab-site-") as aside:
        copy = Path(aside) / "site"
        shutil.copytree(sources, copy)
        for page in sorted(copy.rglob("*.md")):
            name = str(page.relative_to(copy))
            page.write_text(expand(page.read_text(encoding="utf-8"), name), encoding="utf-8")
        _mkdocs(copy / "mkdocs.yml", target)
    (target / MARK).touch()


def _refuse_unfit(target: Path, sources: Path) -> None:
    if not (sources / "mkdocs.yml").is_file():
        raise BuildFailed(f"there is no {sources / 'mkdocs.yml'}: the site is built from a checkout of the repository")
    if importlib.util.find_spec("material") is None or importlib.util.find_spec("mkdocs") is None:
        raise BuildFailed("mkdocs-material is not installed: pip install -e '.[site]'")
    if target.is_relative_to(REPOSITORY):
        raise BuildFailed(f"{target} is inside the repository; name a folder outside {REPOSITORY}")
    if target.is_file():
        raise BuildFailed(f"{target} is a file; name a folder")
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).exists():
        raise BuildFailed(f"{target} holds something that no build has put there; name a new or an empty folder")


def _mkdocs(config: Path, target: Path) -> None:
    """Strict: a warning, such as a link to nowhere, fails the build."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(config), "-d", str(target)]
    quiet = os.environ | {"NO_MKDOCS_2_WARNING": "1"}  # else it advertises at every build
    done = subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildFailed(f"mkdocs says:\n{(done.stderr + done.stdout).strip()}")
