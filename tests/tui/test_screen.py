"""The stepping screen, as its user sees it: text at three sizes, keys, mouse, palette, themes."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets import Footer, Input, OptionList, SelectionList

from consensus_lab.kernel import Links
from consensus_lab.sim import Crash
from consensus_lab.tui.app import LabApp
from consensus_lab.tui.desk import Desk
from consensus_lab.tui.keys import FOOTER, GROUPS, bindings, every_key
from consensus_lab.tui.screens.lab import VIEWS
from tests.tui.screens import (
    SIZES,
    do,
    on_screen,
    press,
    running,
    scenario,
    screen_text,
    session_of,
    settled,
    toy_session,
)
from tests.tui.toy import toy

GOLDEN = Path(__file__).parent / "golden"


# -- how it looks ------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("dialog", ["help", "claims", "catalogue", "partition", "branches", "hide", "ask_step", "cut"])
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


# -- keys --------------------------------------------------------------------------------------------------------------

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
    "k": lambda app: app.desk.session.branch.name == "cut coordinator -> p2",
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


# -- going on, going back, going elsewhere -----------------------------------------------------------------------------


@on_screen
async def test_stepping_forward_and_back_draws_the_same_screen_again() -> None:
    async with running(scenario(), SIZES["normal"]) as (app, pilot):
        await do(app, pilot, "travel(6)")
        before = screen_text(app)
        await do(app, pilot, "forward", "step_back")
        after = screen_text(app)
        different = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
        assert [b.strip("│ ")[:1] for _, b in different] in ([], ["7"]), "only the step that was looked at is added"


@on_screen
async def test_what_has_been_repainted_is_what_a_full_paint_would_show() -> None:
    async with running(session_of(toy(4, Links.BAG), 200), SIZES["normal"]) as (app, pilot):
        for action in ("travel(60)", "forward", "crash", "step_back", "travel(-30)", "drop", "turn(1)", "end"):
            await do(app, pilot, action)
            partly = screen_text(app)
            for widget in app.screen.query("*"):
                widget.refresh()
            await pilot.pause()
            assert screen_text(app) == partly, action


@on_screen
async def test_playing_goes_on_by_itself_and_stops_where_the_world_is_quiet() -> None:
    session = scenario()
    session.goto(13)
    async with running(session) as (app, pilot):
        app.desk.speed = 32.0
        await pilot.press("space")
        while app.desk.playing:
            await pilot.pause()
        assert app.desk.session.cursor == 15
        assert "quiet" in app.desk.session.notice


@on_screen
async def test_the_catalogue_opens_another_story() -> None:
    async with running(scenario()) as (app, pilot):
        await pilot.press("o")
        assert "One votes no" in screen_text(app)
        await pilot.press("down", "enter")
        await settled(app, pilot)
        assert app.desk.session.name == "two-phase-commit/one-votes-no"
        assert "two-phase-commit/one-votes-no" in screen_text(app)


@on_screen
async def test_the_partition_editor_parts_the_nodes() -> None:
    async with running(scenario()) as (app, pilot):
        await pilot.press("right", "P", "down", "down", "right", "enter")
        assert app.desk.session.branch.name == "partition p1 | coordinator p2" or app.desk.world.network.cuts
        assert "partition" in app.desk.session.branch.name
        assert "partition:" in screen_text(app)


@on_screen
async def test_hiding_a_node_and_a_kind_of_event() -> None:
    async with running(scenario()) as (app, pilot):
        await do(app, pilot, "end", "hide")
        listed = app.screen.query_one(SelectionList)
        listed.deselect(("node", "p2"))
        listed.deselect(("kind", "Ack"))
        await pilot.press("escape")
        heads, diagram = app.lab.query_one("#heads"), app.lab.query_one("#space-time")
        assert "p2" not in heads.lines[0].plain
        assert not any("Ack" in diagram.render_line(y).text for y in range(diagram.size.height))
        assert app.desk.hidden.nodes == {"p2"}


@on_screen
async def test_goto_asks_for_a_number() -> None:
    async with running(scenario()) as (app, pilot):
        await pilot.press("g", "9", "enter")
        assert app.desk.session.cursor == 9


@on_screen
async def test_cutting_without_a_chosen_message_asks_for_the_link() -> None:
    async with running(scenario()) as (app, pilot):
        await pilot.press("k")
        assert app.screen.query_one(OptionList).option_count == 6
        await pilot.press("down", "enter")
        assert app.desk.session.branch.name.startswith("cut ")


# -- mouse -------------------------------------------------------------------------------------------------------------


@on_screen
async def test_a_click_on_a_row_travels_there() -> None:
    async with running(scenario()) as (app, pilot):
        await do(app, pilot, "travel(9)")
        await pilot.click("#space-time", offset=(30, 4))
        assert app.desk.session.cursor == 4


@on_screen
async def test_a_click_on_an_offer_takes_it() -> None:
    async with running(scenario()) as (app, pilot):
        await do(app, pilot, "travel(3)")
        queue = app.lab.query_one("#queue")
        line = next(y for y, text in enumerate(queue.lines) if "p1  DecisionOverdue" in text.plain)
        await pilot.click("#queue", offset=(10, line + 1 - queue.scroll_offset.y))
        assert str(app.desk.session.step.choice) == "fire p1 DecisionOverdue(T1)"


@on_screen
async def test_a_click_on_a_node_chooses_it_and_on_a_branch_goes_there() -> None:
    async with running(scenario(), SIZES["wide"]) as (app, pilot):
        nodes = app.lab.query_one("#nodes")
        line = next(y for y, what in enumerate(nodes.meanings) if what == "p2")
        await pilot.click("#nodes", offset=(8, line + 1))
        assert app.desk.node == "p2"
        await do(app, pilot, "travel(2)", "crash")
        await pilot.click("#branches", offset=(5, 1))
        assert app.desk.session.branch.name == "main"


# -- palette, themes, colours ------------------------------------------------------------------------------------------


@on_screen
async def test_the_palette_finds_actions_choices_and_scenarios() -> None:
    for letters, happened in (
        ("the end of", lambda app: app.desk.session.cursor == 15),
        ("p2 torn", lambda app: "crash p2 torn" in app.desk.session.branch.name),
        ("ack-lost", lambda app: app.desk.session.name == "two-phase-commit/ack-lost"),
    ):
        async with running(scenario()) as (app, pilot):
            await do(app, pilot, "travel(4)")
            await pilot.press("ctrl+p", *("space" if letter == " " else letter for letter in letters))
            await settled(app, pilot)
            await pilot.press("down", "enter")
            await settled(app, pilot)
            assert happened(app), letters


@on_screen
async def test_every_theme_shows_the_same_words() -> None:
    async with running(scenario("storm")) as (app, pilot):
        await do(app, pilot, "end")
        words = screen_text(app)
        first = app.theme
        await do(app, pilot, "next_theme")
        while app.theme != first:
            assert screen_text(app) == words
            await do(app, pilot, "next_theme")


@on_screen
async def test_without_colours_the_screen_says_the_same(monkeypatch) -> None:
    async with running(scenario("storm")) as (app, pilot):
        await do(app, pilot, "travel(17)")
        coloured = screen_text(app)
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(scenario("storm")) as (app, pilot):
        await do(app, pilot, "travel(17)")
        assert app.no_color
        assert screen_text(app) == coloured
        assert [sign for sign in ("▸", "✗", "●", "○", "◇", "★", "•", "■") if sign not in coloured] == []


# -- what may not happen -----------------------------------------------------------------------------------------------


@on_screen
async def test_a_refuted_invariant_is_named_with_its_witness() -> None:
    session = session_of(toy(2).claiming(*toy_claims()), 10)
    async with running(session) as (app, pilot):
        await do(app, pilot, "travel(5)")
        text = screen_text(app)
        assert "✗ silence" in text.splitlines()[0]
        assert "has heard" in text


def toy_claims():
    from consensus_lab.kernel import invariant

    @invariant("silence", "nobody ever hears anything")
    def silence(view):
        return next((f"{a} has heard {p.heard}" for a, p in view.processes.items() if p.heard), None)

    return (silence,)


@on_screen
async def test_why_not_is_said_on_the_screen() -> None:
    async with running(toy_session(4)) as (app, pilot):
        app.desk.take(Crash("n2"))
        await do(app, pilot, "node(1)", "sync")
        assert "Cannot sync n2: n2 is down." in screen_text(app)
