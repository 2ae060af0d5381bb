"""A server of ours for a test: in this process, on a loop and a thread of its own, over a folder of the test's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from consensus_lab.serve.config import Config, read_config
from consensus_lab.serve.errors import ServeError
from consensus_lab.serve.foreground import loop_factory
from consensus_lab.serve.standalone import Standalone

T = TypeVar("T")
PATIENCE = 20.0  # seconds


class Running:
    """A server on its thread. `failure` says why it could not start, or had to stop."""

    def __init__(self, config: Config, prepare: Callable[[Standalone], None]) -> None:
        self.failure: ServeError | None = None
        self._config = config
        self._prepare = prepare
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._started.wait(PATIENCE)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.server = Standalone(self._config)
        try:
            await self.server.start()
            self._prepare(self.server)
            self._started.set()
            await self.server.ended.wait()
            self.failure = self.server.failure
        except ServeError as error:
            self.failure = error
        finally:
            await self.server.stop()
            self._started.set()

    @property
    def port(self) -> int:
        return self.server.client_port

    def ask(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run something on the server's loop, and return what it returns."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)

    def wait(self) -> None:
        """Until the server has ended by itself."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def stop(self) -> None:
        """End it in order."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self.server.ended.set)
        self.wait()


def config_in(folder: Path, *lines: str) -> Config:
    """A configuration over `folder`/data, on a free port of loopback, with every word and without an admin server."""
    given = [f"dataDir={folder / 'data'}", "clientPort=0", "clientPortAddress=127.0.0.1"]
    given += ["admin.enableServer=false", "4lw.commands.whitelist=*", *lines]
    path = folder / "zoo.cfg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(given) + "\n")
    return read_config(path)


def nothing(server: Standalone) -> None:
    """What is to be prepared, usually."""


@contextmanager
def serving(folder: Path, *lines: str, prepare: Callable[[Standalone], None] = nothing) -> Iterator[Running]:
    """A server of ours over `folder`/data, with these lines more in its zoo.cfg."""
    running = Running(config_in(folder, *lines), prepare)
    try:
        if running.failure is not None:
            raise running.failure
        yield running
    finally:
        running.stop()
