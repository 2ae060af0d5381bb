"""The stepping screen at work: going on and back, branching, mouse, palette, themes."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import OptionList, SelectionList

from consensus_lab.kernel import Links
from consensus_lab.sim import Crash
from consensus_lab.tui.opening import open_session
from consensus_lab.tui.widgets.space_time import GUTTER, LaneHeads, SpaceTimeView
from tests.tui.screens import (
    SIZES,
    do,
    on_screen,
    running,
    scenario,
    screen_text,
    session_of,
    settled,
    toy_session,
)
from tests.tui.toy import toy

GOLDEN = Path(__file__).parent / "golden"


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
        ("the end of what", lambda app: app.desk.session.cursor == 15),
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


# -- little room -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (97, 24), (120, 40), (160, 50)])
@pytest.mark.parametrize("players", [3, 6, 7, 9])
@on_screen
async def test_every_name_stands_above_its_lane(players: int, size: tuple[int, int]) -> None:
    async with running(session_of(toy(players)), size) as (app, _pilot):
        heads, diagram = app.lab.query_one(LaneHeads), app.lab.query_one(SpaceTimeView)
        lanes = [GUTTER + x for x in diagram.painter.at.values()]
        names = heads.lines[0].plain.replace("[", " ").replace("]", " ")
        starts = [names.index(f"n{number}") for number in range(1, players + 1)]
        assert [abs(start - lane) <= 1 for start, lane in zip(starts, lanes, strict=True)] == [True] * players


@on_screen
async def test_nine_lanes_fit_eighty_columns() -> None:
    async with running(session_of(toy(9)), SIZES["narrow"]) as (app, _pilot):
        assert app.lab.query_one(SpaceTimeView).max_scroll_x == 0


@pytest.mark.parametrize(("size", "rows"), [((60, 15), 7), ((40, 12), 4)])
@on_screen
async def test_a_small_terminal_still_shows_some_rows_of_the_diagram(size: tuple[int, int], rows: int) -> None:
    async with running(scenario(), size) as (app, pilot):
        await do(app, pilot, "travel(12)")
        assert app.lab.query_one(SpaceTimeView).scrollable_content_region.height >= rows
        assert "done" in screen_text(app) or "commit" in screen_text(app), "the states, not the disks"


@on_screen
async def test_of_many_refuted_invariants_one_is_explained_and_the_narration_is_still_there() -> None:
    async with running(open_session("paxos/without-p2c"), SIZES["narrow"]) as (app, pilot):
        await do(app, pilot, "end")
        text = screen_text(app)
        assert "✗ P2c (" in text
        assert "and 4 more: P2b P2a P2 Agreement" in text
        assert "¶ ... then P2" in text


@on_screen
async def test_a_row_where_an_invariant_fell_stays_marked() -> None:
    async with running(open_session("three-phase-commit/partition-splits"), SIZES["normal"]) as (app, pilot):
        await do(app, pilot, "end")
        marked = [line.strip("│▸ ").split()[0] for line in screen_text(app).splitlines() if "! " in line[:11]]
        assert marked == ["13", "15", "23"], "where one fell, and where one stands while one is refuted"


@on_screen
async def test_goto_says_when_there_is_no_such_step() -> None:
    async with running(scenario()) as (app, pilot):
        await pilot.press("g", "9", "9", "enter")
        assert app.desk.session.cursor == 15
        assert "There is no step 99: this branch has steps 0 to 15." in screen_text(app)
