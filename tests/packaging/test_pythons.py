"""The thinking floors need a bare Python: each supported version imports them without a single installed package."""

import subprocess

import pytest

from tests.conftest import REPO, VERSIONS, needs_python

IMPORT_EVERY_MODULE = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
for floor in sys.argv[2:]:
    package = importlib.import_module(floor)
    for module in pkgutil.walk_packages(package.__path__, floor + "."):
        print(importlib.import_module(module.name).__name__)
"""
BARE = ("-I", "-S", "-B", "-W", "error")  # no environment, no site-packages, no files left, no warning overlooked


@pytest.mark.parametrize("version", VERSIONS)
def test_the_thinking_floors_import_on_a_bare_python(version: str):
    floors = [f"consensus_lab.{floor}" for floor in ("kernel", "protocols", "sim")]
    command = [needs_python(version), *BARE, "-c", IMPORT_EVERY_MODULE, str(REPO), *floors]
    imported = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert imported.returncode == 0, imported.stderr
    assert {name.split(".")[1] for name in imported.stdout.split()} == {"kernel", "protocols", "sim"}
