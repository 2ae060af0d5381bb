"""Apache's own server, of Debian's package, started by a test on loopback and stopped by its process id."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tests.conftest import missing, needs
from tests.serve.wire import four_letters

JAR = Path("/usr/share/java/zookeeper.jar")
PATIENCE = 60.0  # seconds
LISTENS = 0.05  # seconds between two looks whether it serves, unless it ends meanwhile


@dataclass(frozen=True)
class Apache:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """End it in order, and wait until it has."""
        self.process.terminate()
        self.process.wait(PATIENCE)


@contextmanager
def apache(folder: Path, *lines: str, port: int | None = None, java: tuple[str, ...] = ()) -> Iterator[Apache]:
    """Apache's server over `folder`/data, with these lines more in its zoo.cfg. Skips where it is not installed."""
    jvm = needs("java")
    if not JAR.exists():
        missing("needs Apache ZooKeeper: apt install zookeeper")
    port = port or free_port()
    config = folder / "apache.cfg"
    given = [f"dataDir={folder / 'data'}", f"clientPort={port}", "clientPortAddress=127.0.0.1"]
    config.write_text("\n".join([*given, "admin.enableServer=false", "4lw.commands.whitelist=*", *lines]) + "\n")
    log = folder / "apache.log"
    quick = ("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
    main = "org.apache.zookeeper.server.ZooKeeperServerMain"
    with log.open("wb") as output:
        command = [jvm, *quick, *java, "-cp", str(JAR), main, str(config)]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    server = Apache(port, process, log)
    try:
        wait_until_it_serves(server)
        yield server
    finally:
        server.stop()


class Listener(Protocol):
    """A server in a process of its own."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path


def wait_until_it_serves(server: Listener) -> None:
    """Until it answers what only a serving one does: it listens before. Fails if it ends instead."""
    for _ in range(int(PATIENCE / LISTENS)):
        try:
            if "Mode: " in four_letters(server.port, "srvr", patience=1.0):
                return
        except (ConnectionError, TimeoutError):
            pass  # while it starts it refuses, or takes a connection and forgets it
        try:
            server.process.wait(LISTENS)
        except subprocess.TimeoutExpired:
            continue
        pytest.fail(f"the server ended before it served: {server.log.read_text()[-2000:]}")
    pytest.fail("the server did not serve in time")


def free_port() -> int:
    """A port of loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
