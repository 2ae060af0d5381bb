"""How the screen looks: golden text at three sizes, the panes, the dialogs."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from consensus_lab.tui.keys import every_key
from consensus_lab.tui.screens.lab import VIEWS
from tests.tui.screens import (
    SIZES,
    do,
    on_screen,
    running,
    scenario,
    screen_text,
    session_of,
)
from tests.tui.toy import toy

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("size", SIZES)
@on_screen
async def test_the_story_at_the_commit_point(size: str, golden) -> None:
    async with running(scenario(), SIZES[size]) as (app, pilot):
        await do(app, pilot, "travel(7)")
        golden(GOLDEN / f"commits-{size}.txt", screen_text(app))


@pytest.mark.parametrize("size", SIZES)
@on_screen
async def test_a_partition_and_a_branch(size: str, golden) -> None:
    async with running(scenario("commit-lost-by-partition"), SIZES[size]) as (app, pilot):
        await do(app, pilot, "travel(10)", "crash", "forward", "forward")
        golden(GOLDEN / f"branch-{size}.txt", screen_text(app))


@pytest.mark.parametrize("size", SIZES)
@on_screen
async def test_a_protocol_that_the_screen_has_never_met(size: str, golden) -> None:
    async with running(session_of(toy(4), 60), SIZES[size]) as (app, pilot):
        await do(app, pilot, "travel(45)", "crash", "choose(1)")
        golden(GOLDEN / f"table-tennis-{size}.txt", screen_text(app))


@pytest.mark.parametrize("view", VIEWS["narrow"][1:])
@on_screen
async def test_every_pane_has_its_turn_on_a_narrow_screen(view: str, golden) -> None:
    async with running(scenario(), SIZES["narrow"]) as (app, pilot):
        await do(app, pilot, "travel(7)")
        while app.lab.view != view:
            await do(app, pilot, "view")
        golden(GOLDEN / f"view-{view}.txt", screen_text(app))


@pytest.mark.parametrize(
    "dialog", ["help", "claims", "coverage", "catalogue", "partition", "branches", "hide", "ask_step", "cut"]
)
@on_screen
async def test_the_dialogs(dialog: str, golden) -> None:
    async with running(scenario("coordinator-crashes-undecided"), SIZES["narrow"]) as (app, pilot):
        await do(app, pilot, "travel(2)", "crash", "step_back", dialog)
        for box in app.screen.query(Input):
            box.cursor_blink = False
        golden(GOLDEN / f"dialog-{dialog}.txt", screen_text(app))


@pytest.mark.parametrize("size", SIZES)
@on_screen
async def test_nothing_is_cut_off_at_the_edge(size: str) -> None:
    """The title, the hints of the footer and the narration stand there whole."""
    width = SIZES[size][0]
    async with running(scenario("coordinator-crashes-after-one"), SIZES[size]) as (app, pilot):
        for _ in range(12):
            await do(app, pilot, "forward")
            text = screen_text(app)
            assert all(len(line) <= width for line in text.splitlines())
            assert "✓" * len(app.desk.world.cast.invariants) in text.splitlines()[0]
            assert f"step {app.desk.session.cursor}/" in text.splitlines()[0]
            footer = text.splitlines()[-1]
            assert all(key.word in footer for key in every_key() if key.word)
            told = " ".join(" ".join(app.desk.session.narration()).split())
            assert set(told.split()) <= set(text.split())
