"""The page on three-phase commit: every story a figure, and Skeen's conditions as computed."""

from consensus_lab.lab.catalogue import scenario_files
from consensus_lab.lab.concurrency import structure
from consensus_lab.site.concurrency import concurrency_table
from consensus_lab.site.pages import expand

NAME = "three-phase-commit"


def test_every_scenario_is_a_figure_of_the_page_with_the_command_that_opens_it(site):
    page = (site / f"{NAME}.html").read_text("utf-8")
    names = [name for name in scenario_files() if name.startswith(f"{NAME}/")]
    assert len(names) >= 18
    assert [name for name in names if f'id="story-{name.partition("/")[2]}"' not in page] == []
    assert [name for name in names if f"<code>consensus-lab play {name}</code>" not in page] == []


def test_a_row_for_each_state_says_whether_it_may_block():
    for protocol in ("two-phase-commit", NAME):
        rows = concurrency_table(protocol).splitlines()[2:]
        for row, state in zip(rows, structure(protocol), strict=True):
            assert row.startswith(f"| **{state.local}** | ")
            assert row.endswith("** |") == state.blocks


def test_only_two_phase_commit_has_states_that_block():
    assert "others may have committed, others may have aborted" in concurrency_table("two-phase-commit")
    assert "others may have committed" not in concurrency_table(NAME)


def test_a_page_asks_for_the_table_by_its_marker():
    assert expand(f"<!-- concurrency: {NAME} -->", "page.md") == concurrency_table(NAME)
