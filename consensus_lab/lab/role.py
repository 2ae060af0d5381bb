"""A role's process as its cluster sees it: started, followed line by line, asked to stop or killed. Only processes
that it started itself, by their id."""

from __future__ import annotations

import queue
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from consensus_lab.kernel import Address

LEAVE_WITHIN = 10.0  # seconds that a role may take to stop in order

Heard = queue.SimpleQueue["tuple[Role, bytes | None]"]
"""Lines as they come, of all roles; None is a role's last."""


class Role:
    """One life of one address."""

    def __init__(self, address: Address, command: Sequence[str], log: Path, heard: Heard) -> None:
        self.address = address
        self._log = log
        with log.open("wb") as complaints:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, start_new_session=True
            )
        self._follower = threading.Thread(target=self._follow, args=(heard,), name=f"follows {address}", daemon=True)
        self._follower.start()

    def _follow(self, heard: Heard) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith(b"\n"):  # else it was killed in the middle of it
                heard.put((self, line))
        heard.put((self, None))

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def complaint(self) -> str:
        """The last thing it said on standard error."""
        lines = self._log.read_text("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "without a word"

    def ask_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)  # harmless once it has ended and was waited for

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()

    def wait(self) -> int:
        """Its exit code, once it has ended; it is killed if it takes too long. All its lines have been put by then."""
        try:
            self.process.wait(LEAVE_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
        code = self.process.wait()
        self._follower.join()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        return code
