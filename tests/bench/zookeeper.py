"""Our ZooKeeper server beside Apache's: the same load on both in turn, on this machine, with fsync on.

Needs java, Debian's package zookeeper (or the jars of any 3.x in the folder $ZK_JARS), and gcc for the load generator
`zkload.c`. For each cell both servers are run one after the other, so that a drifting machine hits both; the ratio of
their requests a second is what counts. Run: ``make bench ARGS=zookeeper``; $CELLS chooses cells, as in CELLS=get,set.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.serve.apache import JAR, free_port
from tests.serve.wire import four_letters

CELLS = {  # what zkload is told: the kind of request, connections, requests in flight on each
    "get 1x1": ("get", 1, 1),
    "get 8x32": ("get", 8, 32),
    "get 32x64": ("get", 32, 64),
    "set 1x1": ("set", 1, 1),
    "set 8x32": ("set", 8, 32),
    "set 32x64": ("set", 32, 64),
    "create 8x32": ("create", 8, 32),
    "mixed 90/10 8x32": ("mixed", 8, 32),
}
ROUNDS = 3
SECONDS = 3
WARM_UP = 3  # seconds: the JVM compiles what runs often
PATIENCE = 60.0  # seconds
PAUSE = 0.02  # seconds between two looks whether a server serves

Command = Callable[[], list[str]]


@dataclass
class Figures:
    """Of one server under one load."""

    per_second: float
    p50: float  # µs
    p99: float  # µs
    memory: float  # MiB, resident
    start: float  # seconds, to the first answer


def main() -> None:
    """Print a line for each cell."""
    needed = [tool for tool in ("java", "gcc") if shutil.which(tool) is None]
    if needed or not (os.environ.get("ZK_JARS") or JAR.exists()):
        print("zookeeper: needs java, gcc and Apache ZooKeeper: apt install default-jre-headless gcc zookeeper")
        return
    chosen = tuple(os.environ.get("CELLS", "").split(","))
    with tempfile.TemporaryDirectory(prefix="zookeeper-bench-") as name:
        zkload = Path(name) / "zkload"
        subprocess.run(["gcc", "-O2", "-o", zkload, Path(__file__).with_name("zkload.c")], check=True)
        print(f"{'':18}{'Apache/s':>10}{'ours/s':>10}{'ratio':>7}{'p99 µs':>15}{'p50 µs':>13}{'MiB':>10}{'start':>10}")
        for cell, load in CELLS.items():
            if cell.startswith(chosen):
                compare(cell, load, zkload)


def compare(cell: str, load: tuple[str, int, int], zkload: Path) -> None:
    """Several rounds of one cell, and the medians."""
    pairs = [(measure(apache_command, load, zkload), measure(our_command, load, zkload)) for _ in range(ROUNDS)]
    theirs, ours = (median_of(side) for side in zip(*pairs, strict=True))
    ratio = median(own.per_second / other.per_second for other, own in pairs)
    print(
        f"{cell:18}{theirs.per_second:>10,.0f}{ours.per_second:>10,.0f}{ratio:>7.2f}"
        f"{f'{theirs.p99:.0f}/{ours.p99:.0f}':>15}{f'{theirs.p50:.0f}/{ours.p50:.0f}':>13}"
        f"{f'{theirs.memory:.0f}/{ours.memory:.0f}':>10}{f'{theirs.start:.1f}/{ours.start:.1f}':>10}",
        flush=True,
    )


def median_of(figures: tuple[Figures, ...]) -> Figures:
    names = ("per_second", "p50", "p99", "memory", "start")
    return Figures(*(median(getattr(figure, name) for figure in figures) for name in names))


def measure(command: Command, load: tuple[str, int, int], zkload: Path) -> Figures:
    """One server, started for this load and ended after it."""
    kind, connections, in_flight = load
    options = ["-m", kind, "-c", connections, "-w", in_flight, "-r", 90, "-t", SECONDS, "-W", WARM_UP]
    with running(command) as (port, process, start):
        told = subprocess.run([zkload, "-s", f"127.0.0.1:{port}", *map(str, options)], check=True, capture_output=True)
        found = json.loads(told.stdout)
        return Figures(found["ops_per_s"], found["p50_us"], found["p99_us"], resident(process.pid), start)


@contextmanager
def running(command: Command) -> Iterator[tuple[int, subprocess.Popen[bytes], float]]:
    """A server over an empty folder: its port, its process, and how long it took to serve."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="zookeeper-bench-") as folder:
        config = Path(folder) / "zoo.cfg"
        lines = [f"dataDir={folder}/data", f"clientPort={port}", "clientPortAddress=127.0.0.1", "maxClientCnxns=0"]
        config.write_text("\n".join([*lines, "tickTime=2000", "admin.enableServer=false"]) + "\n")
        began = time.monotonic()
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen([*command(), str(config)], stdout=log, stderr=log)
        try:
            wait_until_it_serves(port, process)
            yield port, process, time.monotonic() - began
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def wait_until_it_serves(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            if "Mode: " in four_letters(port, "srvr", patience=1.0):
                return
        except OSError:
            pass
        time.sleep(PAUSE)
    sys.exit("zookeeper: a server did not come up")


def resident(pid: int) -> float:
    """MiB of memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def apache_command() -> list[str]:
    jars = os.environ.get("ZK_JARS")
    classes = f"{jars}/*" if jars else str(JAR)
    main_class = "org.apache.zookeeper.server.ZooKeeperServerMain"
    return ["java", "-Xmx1g", "-cp", classes, main_class]


def our_command() -> list[str]:
    return [sys.executable, "-m", "consensus_lab", "zk", "serve"]


if __name__ == "__main__":
    main()
