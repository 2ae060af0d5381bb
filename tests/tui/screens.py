"""What the tests of the screen share: an app on a session, and the screen as text."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any

from rich.console import Console
from textual import events
from textual.pilot import Pilot

from consensus_lab.kernel import Cast
from consensus_lab.sim import World, WorldStep
from consensus_lab.sim.pickers import Seeded, steps_of
from consensus_lab.tui.app import LabApp
from consensus_lab.tui.opening import open_session
from consensus_lab.tui.session import Session
from tests.tui.toy import toy

SIZES = {"narrow": (80, 24), "normal": (120, 40), "wide": (200, 60)}


def screen_text(app: LabApp) -> str:
    """The screen as characters: what `App.export_screenshot` renders, by the one private call of these tests."""
    width, height = app.size
    console = Console(
        width=width, height=height, file=io.StringIO(), record=True, legacy_windows=False, safe_box=False,
        color_system=None,
    )  # fmt: skip
    console.print(app.screen._compositor.render_update(full=True))
    lines = console.export_text(styles=False).splitlines()
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


@asynccontextmanager
async def running(session: Session, size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[LabApp, Pilot[None]]]:
    """The app in a terminal of this size, painted once."""
    app = LabApp(session)
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot)
        yield app, pilot


async def settled(app: LabApp, pilot: Pilot[None]) -> None:
    """Until the whole script is read and painted."""
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()


async def do(app: LabApp, pilot: Pilot[None], *actions: str) -> None:
    """Run actions, as their keys would, and paint."""
    for action in actions:
        await app.run_action(action)
    await pilot.pause()


async def press(app: LabApp, key: str, happened: Callable[[LabApp], bool], turns: int = 100_000) -> None:
    """Press a key as the terminal driver does, and give the app turns until it has had its effect."""
    app.post_message(events.Key(key, key if len(key) == 1 else None))
    for _ in range(turns):
        if happened(app):
            return
        await asyncio.sleep(0)


def session_of(cast: Cast, steps: int = 0, seed: int = 1) -> Session:
    """A session on this cast, of which so many steps are recorded."""
    start = World.of(cast)
    script: Iterator[WorldStep] = steps_of(start, Seeded(seed), steps=steps)
    return Session(start, Seeded(seed), script=script, name=f"{cast.protocol}/test", title="A test")


def toy_session(steps: int = 40) -> Session:
    return session_of(toy(3), steps)


def scenario(name: str = "commits") -> Session:
    return open_session(f"two-phase-commit/{name}")


def on_screen(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test to its end."""

    @wraps(test)
    def run(*args: Any, **keywords: Any) -> None:
        asyncio.run(test(*args, **keywords))

    return run
