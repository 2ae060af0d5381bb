"""Seeded(7) is the same trace byte for byte: in every run, on every Python, under every PYTHONHASHSEED (law 4, A2)."""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import REPO, VERSIONS, needs_python
from tests.sim import seeded

STORIES = REPO / "tests" / "stories" / "seeded_7"
BARE = ("-S", "-s", "-B", "-W", "error")  # no site-packages, no files left, no warning overlooked


def held() -> str:
    """The committed traces, as seeded.py prints them."""
    return "".join(f"== {name}\n{(STORIES / f'{name}.txt').read_bytes().decode()}" for name in seeded.traces(7))


@pytest.mark.parametrize("name", sorted(seeded.traces(7)))
def test_seed_7_is_the_trace_that_was_committed(name: str, golden):
    golden(STORIES / f"{name}.txt", seeded.traces(7)[name])


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("hash_seed", ["0", "12345"])
def test_seed_7_is_the_same_on_a_bare_python_under_any_hash_seed(version: str, hash_seed: str, tmp_path: Path):
    command = [needs_python(version), *BARE, str(Path(seeded.__file__)), str(REPO)]
    environment = {"PYTHONHASHSEED": hash_seed}
    told = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    assert told.returncode == 0, told.stderr.decode()
    assert told.stdout.decode() == held()


def test_another_seed_is_another_trace():
    seventh, eighth = seeded.traces(7), seeded.traces(8)
    assert all(seventh[name] != eighth[name] for name in seventh)


def test_a_storm_does_something():
    for name, text in seeded.traces(7).items():
        struck = any(
            f"  {verb} " in text for verb in ("crash", "drop", "duplicate", "delay", "cut", "partition", "pause")
        )
        assert struck is name.endswith("stormy"), name
