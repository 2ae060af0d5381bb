"""The event loop of the real network: uvloop where the extra `fast` is installed, else asyncio's own."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def quickest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the quickest event loop there is here; None: asyncio's own."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    import uvloop

    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def run_on_quickest_loop(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run`, on the quickest loop."""
    with asyncio.Runner(loop_factory=quickest_loop()) as runner:
        return runner.run(main)
