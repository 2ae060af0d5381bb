"""A trial in an interpreter of its own: ``python -m consensus_lab.lab.trial_main TARGET WORDS``. Prints its steps."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from consensus_lab.check.lint import try_out
from consensus_lab.kernel.trace import read_parameters
from consensus_lab.lab.checking import cast_of

SEEDS, STEPS = 5, 100


def main(target: str, words: str) -> None:
    """One line of JSON for each step."""
    for line in try_out(cast_of(target, read_parameters(words)), seeds=SEEDS, steps=STEPS).lines:
        print(json.dumps(asdict(line)))


if __name__ == "__main__":
    main(*sys.argv[1:])
