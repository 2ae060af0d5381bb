"""``make bench``: screen, simulator, checkers, fuzzer, liveness, histories, sweeps, network, logs and ZooKeeper.

Nothing is asserted: machines differ.

``make bench ARGS=simulator`` runs one of them.
"""

import importlib
import sys

PARTS = (
    "simulator",
    "checker",
    "rivals",
    "fuzz",
    "liveness",
    "linearizability",
    "sweep",
    "net",
    "replicated_log",
    "screen",
    "zookeeper_core",
    "zookeeper",
)
LONG = ("millions",)
"""Run only when named: minutes, and gigabytes."""


def main() -> None:
    """Run the parts named on the command line, or all of them."""
    wanted = sys.argv[1:] or list(PARTS)
    unknown = [part for part in wanted if part not in (*PARTS, *LONG)]
    if unknown:
        sys.exit(f"there is no benchmark {', '.join(unknown)}; there are {', '.join((*PARTS, *LONG))}")
    for part in wanted:
        print(f"== {part}", flush=True)
        importlib.import_module(f"tests.bench.{part}").main()


if __name__ == "__main__":
    main()
