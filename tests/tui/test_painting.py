"""The diagram's drawing: every arrow whole, every label whole, whatever the width and the protocol."""

from __future__ import annotations

from pathlib import Path

import pytest

from consensus_lab.kernel import Links
from consensus_lab.sim import Crash, Cut, Drop, Duplicate, Pause
from consensus_lab.tui.desk import Hidden
from consensus_lab.tui.diagram import Diagram
from consensus_lab.tui.painting import Painter, spellings
from consensus_lab.tui.session import Session
from tests.tui.screens import scenario, session_of, toy_session
from tests.tui.toy import toy

GOLDEN = Path(__file__).parent / "golden"


def drawn(session: Session, width: int, hidden: Hidden | None = None) -> list[str]:
    """Every row that shows, as text."""
    diagram = Diagram(session.start, hidden)
    diagram.extend(session.steps)
    painter = Painter(diagram.lanes, width)
    return ["".join(text for text, _ in painter.paint(diagram.scene(row))) for row in diagram.shown]


def ended(session: Session) -> Session:
    session.end()
    return session


@pytest.mark.parametrize("width", [66, 100])
@pytest.mark.parametrize("name", ["commits", "commit-lost-by-partition", "storm"])
def test_the_drawing_of_a_scenario(name: str, width: int, golden) -> None:
    rows = drawn(ended(scenario(name)), width)
    golden(GOLDEN / f"diagram-{name}-{width}.txt", "\n".join(row.rstrip() for row in rows) + "\n")


def test_the_drawing_of_a_protocol_that_the_screen_has_never_met(golden) -> None:
    rows = drawn(ended(session_of(toy(5, Links.BAG), 40)), 74)
    golden(GOLDEN / "diagram-table-tennis.txt", "\n".join(row.rstrip() for row in rows) + "\n")


@pytest.mark.parametrize("width", [40, 66, 72, 110])
def test_a_message_that_arrives_has_one_arrowhead_in_the_row_of_its_arrival(width: int) -> None:
    session = ended(session_of(toy(4, Links.BAG), 60))
    for row, step in zip(drawn(session, width)[1:], session.steps, strict=True):
        assert row.count("▶") + row.count("◀") == (step.choice.verb == "deliver"), row


@pytest.mark.parametrize("width", [66, 100])
def test_every_row_is_as_wide_as_the_diagram_and_lanes_stand_below_each_other(width: int) -> None:
    session = ended(toy_session(60))
    painter = Painter(session.start.cast.addresses, width)
    for row in drawn(session, width):
        assert len(row) == painter.width
        assert all(row[x] not in " ┆" for x in painter.at.values()), row


def test_labels_are_whole_words_or_their_initials() -> None:
    assert spellings("VoteRequest") == ("VoteRequest", "VRequest", "VR")
    assert spellings("Ack") == ("Ack", "A")


def test_a_label_is_never_cut_by_a_track() -> None:
    """Every name that leaves or arrives stands in its row in one of its spellings."""
    session = ended(session_of(toy(5, Links.BAG), 80))
    for row, step in zip(drawn(session, 100)[1:], session.steps, strict=True):
        if step.choice.verb == "deliver":
            assert any(word in row for word in ("Ping", "Pong")), row


@pytest.mark.parametrize(
    ("fault", "sign"),
    [(Crash("n2"), "✗ crash"), (Pause("n2"), "▼ pause"), (Cut("n1", "n2"), "cut n1 → n2")],
)
def test_every_fault_has_its_sign_and_its_word(fault, sign: str) -> None:
    session = session_of(toy(3, Links.BAG))
    session.take(fault)
    assert sign in drawn(session, 66)[-1]


def test_a_lost_message_ends_in_a_cross_and_a_copy_is_named() -> None:
    session = session_of(toy(3, Links.BAG))
    session.forward()
    envelope = session.world.network.flight[0]
    three = (envelope.sender, envelope.to, envelope.message)
    session.take(Duplicate(*three))
    session.take(Drop(*three))
    copy, lost = drawn(session, 66)[-2:]
    assert "duplicate Ping" in copy
    assert "✗" in lost
    assert "drop Ping" in lost


def test_a_lane_has_no_line_while_its_node_is_down() -> None:
    session = session_of(toy(3, Links.BAG))
    session.take(Crash("n2"))
    session.take(Crash("n3"))
    painter = Painter(session.start.cast.addresses, 66)
    assert drawn(session, 66)[-1][painter.at["n2"]] == " "


def test_a_hidden_node_takes_its_lane_and_its_arrows_with_it() -> None:
    session = ended(session_of(toy(3, Links.BAG), 30))
    rows = drawn(session, 66, Hidden(nodes=frozenset({"n3"})))
    arrivals = [s for s in session.steps if s.choice.verb == "deliver" and "n3" not in (s.choice.sender, s.choice.to)]
    assert sum(row.count("▶") + row.count("◀") for row in rows) == len(arrivals)


def test_a_hidden_kind_is_gone_but_rows_that_other_arrows_need_stay() -> None:
    session = ended(scenario())
    everything = "\n".join(drawn(session, 66))
    rows = drawn(session, 66, Hidden(kinds=frozenset({"Ack", "sync"})))
    assert "Ack" in everything
    assert "Ack" not in "\n".join(rows)
    assert sum("sync" in row for row in rows) == 2, "these two send a Yes, which is not hidden"
    assert len(rows) == len(session.steps) + 1 - 5  # two Acks leave, two arrive, and the last sync sends nothing


def test_a_diagram_that_grew_step_by_step_is_the_one_that_was_built_at_once() -> None:
    session = ended(toy_session(200))
    once, slowly = Diagram(session.start), Diagram(session.start)
    once.extend(session.steps)
    for count in range(len(session.steps) + 1):
        slowly.extend(session.steps[:count])
    assert [once.scene(row) for row in range(201)] == [slowly.scene(row) for row in range(201)]


def test_a_crash_that_tears_a_record_says_so() -> None:
    session = scenario()
    session.goto(2)
    assert session.take(Crash("p1", torn=True))
    assert "✗ crash torn" in drawn(session, 100)[-1]
