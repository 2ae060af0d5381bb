"""What stands on a page is what the code does: traces, costs, state diagrams and excerpts, none of it typed by hand."""

import inspect
import json
import re
from xml.etree import ElementTree

import pytest

from consensus_lab.kernel import Cost
from consensus_lab.lab.scenario import load_scenario
from consensus_lab.protocols import two_phase_commit
from consensus_lab.protocols.election.peer import Peer
from consensus_lab.protocols.two_phase_commit import coordinator, messages, participant
from consensus_lab.protocols.two_phase_commit.messages import State
from consensus_lab.site.behaviour import behaviour, class_named
from consensus_lab.site.costs import cost_table, linear
from consensus_lab.site.errors import BuildFailed
from consensus_lab.site.excerpts import excerpt
from consensus_lab.site.figures import figure, scenario_list
from consensus_lab.site.promises import invariant_list
from consensus_lab.site.statechart import statechart
from consensus_lab.site.transitions import transition_table, unreached

NAME = "two-phase-commit"


def story(html: str) -> dict:
    return json.loads(re.search(r'<script type="application/json">(.*)</script>', html)[1])


def test_a_figure_holds_the_trace_that_the_scenario_has_when_performed():
    performance = load_scenario(f"{NAME}/commits").perform()
    told = story(figure(f"{NAME}/commits", "lock"))
    assert [frame["choice"] for frame in told["frames"]] == [str(step.choice) for step in performance.trace]
    assert told["held"] == "lock"
    assert "deliver p1 -&gt; coordinator Yes(T1)" in figure(f"{NAME}/commits")


def test_a_figure_says_of_a_step_why_its_rule_ran_and_whether_it_was_a_fault():
    frames = story(figure(f"{NAME}/vote-times-out"))["frames"]
    lost = next(frame for frame in frames if frame["verb"] == "drop")
    gave_up = next(frame for frame in frames if frame["rule"] == "give_up" and frame["node"] == "coordinator")
    assert lost["fault"] is True
    assert gave_up["fault"] is False
    assert inspect.getdoc(coordinator.Coordinator.give_up).startswith(gave_up["why"])


def test_a_figure_cannot_end_the_script_that_it_stands_in():
    assert figure(f"{NAME}/commits").count("</script") == 1


def test_the_list_of_stories_has_each_with_its_title():
    assert f"[All vote yes, and the transaction commits](#story-commits) | `{NAME}/commits`" in scenario_list(NAME)


def test_the_invariants_are_those_of_the_code():
    assert invariant_list(NAME).count("\n") + 1 == len(two_phase_commit.INVARIANTS)
    assert "- **AC1**: all who decide decide alike." in invariant_list(NAME)


def test_the_cost_table_has_a_row_for_each_variant_and_outcome():
    rows = [line for line in cost_table(NAME).splitlines() if line.startswith("| ") and "Variant" not in line]
    assert [row.split(" | ")[0][2:] for row in rows] == list(two_phase_commit.VARIANTS) * 2
    assert rows[0].startswith("| presumed-nothing | **4*n*** <small>(8, 12, 20)</small> | **2*n* + 1**")


def test_a_formula_that_the_traces_contradict_fails_the_build(monkeypatch):
    monkeypatch.setattr(two_phase_commit, "commit_cost", lambda variant, size: Cost(4 * size, size, 3, 2))
    with pytest.raises(BuildFailed, match=r"presumed-nothing: traces cost .* but the formula says"):
        cost_table(NAME)


@pytest.mark.parametrize(
    ("slope", "constant", "text"), [(4, 0, "4*n*"), (1, 2, "*n* + 2"), (3, -1, "3*n* − 1"), (0, 3, "3"), (0, 0, "0")]
)
def test_a_line_in_n_reads_like_a_formula(slope, constant, text):
    assert linear(slope, constant) == text


@pytest.mark.parametrize(
    ("name", "role"), [(NAME, coordinator.Coordinator), (NAME, participant.Participant), ("election", Peer)]
)
def test_some_play_reaches_every_rule_in_every_state_that_it_is_for(name, role):
    assert unreached(role, behaviour(name)[role]) == []


def test_whoever_voted_yes_leaves_doubt_by_a_verdict_and_by_nothing_else():
    seen = behaviour(NAME)[participant.Participant]
    leaving = {(t.kind, t.after) for t in seen if t.state is State.READY and t.after is not State.READY}
    assert leaving == {(messages.Commit, State.COMMIT), (messages.Abort, State.ABORT)}


def test_nobody_leaves_a_verdict_for_the_other():
    for role in behaviour(NAME).values():
        assert not any({t.state, t.after} == {State.COMMIT, State.ABORT} for t in role)


def test_a_table_gives_each_rule_its_states_and_what_it_says_of_itself():
    table = transition_table(NAME, "Coordinator")
    assert "|  | Yes | `count_vote` | WAIT or COMMIT | Commit needs every vote. |" in table
    assert "Heard and ignored, having no rule there:" in table


def test_a_table_admits_which_rules_no_play_has_reached():
    class Idle(coordinator.Coordinator):
        pass

    assert "Begin in INIT (request_votes)" in unreached(Idle, {})


def test_a_state_diagram_shows_every_state_and_every_message_that_was_seen():
    drawing = statechart(NAME, "Participant")
    svg = ElementTree.fromstring(re.search(r"<svg.*</svg>", drawing)[0])
    words = {text for element in svg.iter() for text in (element.text,) if text}
    seen = behaviour(NAME)[class_named(NAME, "Participant")]
    assert {"INIT", "READY", "COMMIT", "ABORT"} <= words
    assert {t.kind.__name__ for t in seen if t.rule} <= words


def test_an_excerpt_is_the_source():
    shown = excerpt(NAME, "participant.Participant.prepare")
    lines = inspect.getsource(participant.Participant.prepare).splitlines()
    assert shown.splitlines()[1:-1] == [line.removeprefix("    ") for line in lines]
    assert shown.startswith('```python title="consensus_lab/protocols/two_phase_commit/participant.py"')
