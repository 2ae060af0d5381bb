"""Sixty million states in one search: by numpy, in a process that begins small, with the most memory it held."""

import resource

from consensus_lab.check import explore
from tests.bench.checker import state
from tests.check.models import two_phase


def main() -> None:
    """Print the verdict and the memory."""
    print(explore(two_phase.cast(10), network="set", sees=state, engine="numpy", states=None).always())
    print(f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB were held")
