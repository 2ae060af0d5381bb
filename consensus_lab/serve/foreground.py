"""A server as a process of its own: in the foreground, until SIGTERM or Ctrl-C, on the fastest loop there is."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable

from consensus_lab.serve.config import Config
from consensus_lab.serve.standalone import Standalone


async def serve(config: Config, *, until: Callable[[asyncio.Event], None] = lambda ended: None) -> None:
    """Serve until `until`'s event is set, or until the server has to stop. Raises ServeError."""
    server = Standalone(config)
    until(server.ended)
    try:
        await server.start()
        gc.freeze()  # what was loaded will hardly go, and need not be looked at again
        await server.ended.wait()
    finally:
        await server.stop()
    if server.failure is not None:
        raise server.failure


def on_signals(ended: asyncio.Event) -> None:
    """SIGTERM and Ctrl-C end the server in order."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)


def run(config: Config) -> None:
    """The whole life of a server, in the foreground: on uvloop where the extra `fast` is installed."""
    tune_interpreter()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve(config, until=on_signals))


def tune_interpreter() -> None:
    """For a process that is nothing but a server.

    The thread that syncs the log comes back from every fsync to find the loop busy: let it not wait the usual 5 ms. A
    tree of a million nodes holds no cycles: full garbage collections, which walk all of it, would only be pauses.
    """
    sys.setswitchinterval(0.0002)
    gc.set_threshold(20_000, 20, 1_000_000)


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """The faster loop if there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
