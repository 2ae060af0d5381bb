"""The event loop: the quickest that is here, and what runs on it comes back."""

import asyncio
import importlib.util

import pytest

from consensus_lab.net.event_loop import quickest_loop, run_on_quickest_loop


async def kind_of_loop() -> str:
    return type(asyncio.get_running_loop()).__module__.partition(".")[0]


def test_it_is_uvloop_where_the_extra_fast_is_installed() -> None:
    expected = "asyncio" if importlib.util.find_spec("uvloop") is None else "uvloop"
    assert run_on_quickest_loop(kind_of_loop()) == expected


def test_without_the_extra_it_is_asyncio_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert quickest_loop() is None
    assert run_on_quickest_loop(kind_of_loop()) == "asyncio"
