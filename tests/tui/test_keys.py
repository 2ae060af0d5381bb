"""Every key, in every pane."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets import Footer

from consensus_lab.tui.app import LabApp
from consensus_lab.tui.desk import Desk
from consensus_lab.tui.keys import FOOTER, GROUPS, bindings, every_key
from tests.tui.screens import (
    SIZES,
    do,
    on_screen,
    press,
    running,
    scenario,
    screen_text,
)

GOLDEN = Path(__file__).parent / "golden"


PANES = ("space-time", "network", "nodes", "queue", "source", "branches", "why")
EFFECT_OF = {
    "right": lambda app: app.desk.session.cursor == 4,
    "left": lambda app: app.desk.session.cursor == 2,
    "u": lambda app: app.desk.session.cursor == 2,
    "space": lambda app: app.desk.playing,
    "plus": lambda app: app.desk.speed == 4.0,
    "minus": lambda app: app.desk.speed == 1.0,
    "home": lambda app: app.desk.session.cursor == 0,
    "end": lambda app: app.desk.session.cursor == 15,
    "pagedown": lambda app: app.desk.session.cursor == 13,
    "pageup": lambda app: app.desk.session.cursor == 0,
    "right_square_bracket": lambda app: app.desk.session.cursor == 6,
    "left_square_bracket": lambda app: app.desk.session.cursor == 2,
    "down": lambda app: app.desk.offers.index(app.desk.chosen) == 1,
    "up": lambda app: app.desk.offers.index(app.desk.chosen) == len(app.desk.offers) - 1,
    "enter": lambda app: app.desk.session.cursor == 4,
    "t": lambda app: "fire coordinator VotesOverdue" in str(app.desk.session.step),
    "w": lambda app: "coordinator" in app.desk.session.notice,
    "s": lambda app: "nothing more to ask" in app.desk.session.notice,
    "c": lambda app: app.desk.session.branch.name == "crash coordinator",
    "p": lambda app: app.desk.session.branch.name == "pause coordinator",
    "x": lambda app: app.desk.session.branch.name.startswith("drop"),
    "d": lambda app: app.desk.session.branch.name.startswith("duplicate"),
    "D": lambda app: app.desk.session.branch.name.startswith("delay"),
    "k": lambda app: app.desk.session.branch.name == "cut coordinator → p2",
    "h": lambda app: app.desk.session.notice == "No link is cut.",
    "H": lambda app: "no link is cut" in app.desk.session.notice,
    "greater_than_sign": lambda app: "one branch only" in app.desk.session.notice,
    "less_than_sign": lambda app: "one branch only" in app.desk.session.notice,
    "n": lambda app: app.desk.node == "p1",
    "N": lambda app: app.desk.node == "p2",
    "3": lambda app: app.desk.node == "p2",
    "v": lambda app: "Everything is shown" in app.desk.session.notice,
    "a": lambda app: app.desk.ahead,
    "i": lambda app: app.screen is not app.lab,
    "C": lambda app: app.screen is not app.lab,
    "T": lambda app: app.theme == "textual-light",
    "z": lambda app: app.lab.maximized is not None,
    "g": lambda app: app.screen is not app.lab,
    "P": lambda app: app.screen is not app.lab,
    "b": lambda app: app.screen is not app.lab,
    "slash": lambda app: app.screen is not app.lab,
    "o": lambda app: app.screen is not app.lab,
    "question_mark": lambda app: app.screen is not app.lab,
    "ctrl+p": lambda app: app.screen is not app.lab,
}
"""What each key has done, after three steps of the story, on a screen that shows every pane."""

ELSEWHERE = {"tab", "S", "q"}  # these have tests of their own


@pytest.mark.parametrize("pane", PANES)
@on_screen
async def test_every_key_works_whichever_pane_has_the_focus(pane: str) -> None:
    async with running(scenario(), (160, 42)) as (app, pilot):  # the smallest that shows all of them
        for key, happened in EFFECT_OF.items():
            await begin_again(app, pilot)
            app.lab.query_one(f"#{pane}").focus()
            assert not happened(app), f"{key}: nothing would be seen"
            await press(app, key, happened)
            assert happened(app), f"{key} does nothing in {pane}"
        await begin_again(app, pilot)


async def begin_again(app: LabApp, pilot: Pilot[None]) -> None:
    """The story after three steps, with the first offer chosen, no dialog open and no pane maximised."""
    if app.screen is not app.lab:
        await pilot.pause()
        await app.pop_screen()
    if app.lab.maximized is not None:
        app.lab.minimize()
    if app.theme != "textual-dark":
        app.theme = "textual-dark"
    app._play(False)
    session = scenario()
    session.goto(3)
    app.desk = Desk(session)
    app.desk.choose(app.desk.offers[0])
    app.show()


def test_that_test_presses_every_key() -> None:
    pressed = {key.partition(",")[0] for row in every_key() for key in [row.keys]}
    assert pressed - ELSEWHERE == set(EFFECT_OF) - {"u", "3"}
    bound = {key for binding in bindings() for key in binding.key.split(",")}
    assert {str(place) for place in range(1, 10)} | {"u", "equals_sign", "f1"} <= bound


@on_screen
async def test_tab_goes_through_every_pane() -> None:
    async with running(scenario(), SIZES["wide"]) as (app, pilot):
        seen = set()
        for _ in PANES:
            await pilot.press("tab")
            assert app.focused is not None
            seen.add(app.focused.id)
        assert seen == set(PANES)


@on_screen
async def test_q_leaves() -> None:
    async with running(scenario()) as (app, pilot):
        await pilot.press("q")
        assert app.return_code == 0


@on_screen
async def test_s_saves_a_picture(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(scenario()) as (app, pilot):
        await pilot.press("S")
        assert ".svg" in app.desk.session.notice
    assert ["two-phase-commit" in picture for picture in pictures(tmp_path)] == [True]


def pictures(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in folder.glob("*.svg")]


@on_screen
async def test_the_help_screen_names_every_key_and_the_footer_the_main_ones() -> None:
    async with running(scenario(), SIZES["wide"]) as (app, pilot):
        words = [str(key.description) for key in app.query_one(Footer).query("FooterKey")]
        assert words == [*(next(k.word for k in every_key() if k.action == name) for name in FOOTER), "palette"]
        await do(app, pilot, "help")
        text = " ".join(screen_text(app).split())
        app.screen.query_one(VerticalScroll).scroll_end(animate=False)
        await pilot.pause()
        text += " ".join(screen_text(app).split())
        for title, keys in GROUPS.items():
            assert title in text
            assert [key.does for key in keys if key.does not in text] == []
