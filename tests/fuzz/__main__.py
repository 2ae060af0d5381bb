"""`make fuzz`: every reader is fed bytes for its part of ten minutes, led by which lines they reach (atheris).

A process for each reader; it ends with the bytes that did it when a reader fails otherwise than it may, or takes more
than 512 MiB. Usage: python -m tests.fuzz [SECONDS] [READER ...]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

MINUTES = 10
MOST_MEMORY = 512  # MiB
ONE = "--one"


def main(words: list[str]) -> int:
    seconds = int(words.pop(0)) if words and words[0].isdecimal() else 60 * MINUTES
    from tests.fuzz.readers import READERS

    names = words or list(READERS)
    for name in names:
        print(f"== {name}: {seconds // len(names)} s", flush=True)
        if (code := fuzz_apart(name, seconds // len(names), READERS[name].seeds)) != 0:
            return code
    return 0


def fuzz_apart(name: str, seconds: int, seeds: list[bytes]) -> int:
    """In a process of its own, which leaves nothing behind."""
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds):
            Path(folder, str(number)).write_bytes(seed)
        limits = [f"-max_total_time={seconds}", f"-rss_limit_mb={MOST_MEMORY}", f"-artifact_prefix={folder}/"]
        command = [sys.executable, "-m", "tests.fuzz", ONE, name, *limits, "-print_final_stats=1", folder]
        return subprocess.run(command, check=False).returncode


def fuzz(name: str, options: list[str]) -> None:
    """Feed one reader until the time is over. Does not return."""
    import atheris

    with atheris.instrument_imports(include=["consensus_lab.zookeeper"]):
        from tests.fuzz.readers import READERS

    atheris.Setup([sys.argv[0], *options], READERS[name].read)
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == [ONE]:
        fuzz(sys.argv[2], sys.argv[3:])
    sys.exit(main(sys.argv[1:]))
