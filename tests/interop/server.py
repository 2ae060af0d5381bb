"""Our server as users run it: `consensus-lab zk serve zoo.cfg`, a process of its own, that a test may kill."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.serve.apache import PATIENCE, free_port, wait_until_it_serves


@dataclass
class ServerProcess:
    """A server over `folder`/data, on one port for all its lives."""

    folder: Path
    lines: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.log = self.folder / "server.log"
        self.config = self.folder / "zoo.cfg"
        given = [f"dataDir={self.folder / 'data'}", f"clientPort={self.port}", "clientPortAddress=127.0.0.1"]
        given += ["admin.enableServer=false", "4lw.commands.whitelist=*", *self.lines]
        self.config.write_text("\n".join(given) + "\n")
        self.start()

    def start(self) -> None:
        """Bring it up, and wait until it serves."""
        with self.log.open("ab") as output:
            command = [sys.executable, "-m", "consensus_lab", "zk", "serve", str(self.config)]
            environment = {**os.environ, "JVMFLAGS": ""}
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment)
        wait_until_it_serves(self)

    def stop(self) -> None:
        """End it in order, and wait until it has."""
        self.process.terminate()
        self.process.wait(PATIENCE)

    def kill(self) -> None:
        """End it as a power failure of the process does: kill -9."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def restart(self) -> None:
        """In order, and up again."""
        self.stop()
        self.start()


@contextmanager
def server_process(folder: Path, *lines: str) -> Iterator[ServerProcess]:
    """A server, with these lines more in its zoo.cfg."""
    server = ServerProcess(folder, lines)
    try:
        yield server
    finally:
        server.stop()
