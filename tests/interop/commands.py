"""A command-line client, driven through its standard input by a test that waits for what it says."""

from __future__ import annotations

import os
import selectors
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

PATIENCE = 60.0  # seconds


class Dialogue:
    """A running client. What it prints, on both of its outputs, is `heard`."""

    def __init__(self, command: Sequence[str]) -> None:
        self.heard = ""
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
        )
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.process.stdout, selectors.EVENT_READ)

    def say(self, *lines: str) -> None:
        """Type these lines."""
        self.process.stdin.write("".join(f"{line}\n" for line in lines).encode())

    def wait_for(self, words: str) -> str:
        """Read on until these words were said. Returns what was said since the last such wait, to the end of them."""
        while words not in self.heard:
            if not self._selector.select(PATIENCE) or not (more := os.read(self.process.stdout.fileno(), 65536)):
                pytest.fail(f"the client never said {words!r}; it said:\n{self.heard}")
            self.heard += more.decode()
        said, found, self.heard = self.heard.partition(words)
        return said + found


@contextmanager
def dialogue(*command: str) -> Iterator[Dialogue]:
    """A client, killed at the end if it has not gone by itself."""
    client = Dialogue(command)
    try:
        yield client
    finally:
        client.process.kill()
        client.process.communicate()
