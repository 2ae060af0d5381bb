"""The checker beside others written in Python, on the same actor code: Stateright's Paxos with two clients.

Each rival gets a throw-away environment, with a Python that it runs on; where that cannot be made, it is left out with
a sentence. Figures that others have published stand beside: they are of other machines.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from consensus_lab.check import explore
from tests.check.models import paxos
from tests.check.models.registers import commute
from tests.check.toys import fine
from tests.conftest import REPO, pythons

ROUNDS = 3
RIVALS = {"minicheck": ("minicheck==0.4.0", ("3.11", "3.12", "3.13")), "musil": ("musil==0.36.7", ("3.12", "3.13"))}
PUBLISHED = (
    "TLC, one worker, TwoPhase N=7, elsewhere:                   about 30,000 states/s",
    "Harmony (C), its own two-phase commit, elsewhere:          about 304,000 states/s",
)


def main() -> None:
    """Print the figures, the best of each."""
    ours = max(our_speed() for _ in range(ROUNDS))
    print(f"{'consensus_lab':<16}{ours:>10,.0f} states per CPU second")
    for name, (package, versions) in RIVALS.items():
        python = next((pythons()[version] for version in versions if version in pythons()), None)
        if python is None:
            print(f"{name:<16}left out: it needs Python {' or '.join(versions)}, and there is none here")
            continue
        with tempfile.TemporaryDirectory() as folder:
            print(f"{name:<16}{told(name, package, python, Path(folder), ours)}")
    print(*PUBLISHED, sep="\n")


def our_speed() -> float:
    """A search from the very beginning: nothing is known from the last one."""
    begun = time.process_time()
    verdict = explore(paxos.cast(2).claiming(fine), skip_ignored=True, commute=commute, sees=lambda _: None).always()
    return verdict.progress.distinct / (time.process_time() - begun)


def told(name: str, package: str, python: str, folder: Path, ours: float) -> str:
    """A rival's figure, and how many times ours is that; or why there is none."""
    theirs = folder / "bin" / "python"
    try:
        subprocess.run([python, "-m", "venv", str(folder)], check=True, capture_output=True, timeout=120)
        install = [str(theirs), "-m", "pip", "install", "-q", "--disable-pip-version-check", package]
        subprocess.run(install, check=True, capture_output=True, timeout=120)
    except (subprocess.SubprocessError, OSError):
        return f"left out: {package} could not be installed"
    return f"{(best := max(speed(theirs, name) for _ in range(ROUNDS))):>10,.0f}  {ours / best:.1f} times slower"


def speed(python: Path, name: str) -> float:
    """One run of a rival in a process of its own."""
    command = [str(python), str(REPO / "tests" / "bench" / "naive_paxos.py"), name]
    ran = subprocess.run(
        command, env={"PYTHONPATH": str(REPO)}, check=True, capture_output=True, text=True, timeout=600
    )
    states, seconds = ran.stdout.split()
    if int(states) != 16_668:
        sys.exit(f"{name} counts {states} states, not 16,668: it searches something else")
    return int(states) / float(seconds)
