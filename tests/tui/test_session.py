"""A session: history is kept, whatever is chosen in it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.kernel import Cast, Context, Links, Process, message, upon
from consensus_lab.kernel.notation import vocabulary
from consensus_lab.kernel.trace import Header, read
from consensus_lab.sim import Crash, Delay, Deliver, Drop, Sync, World
from consensus_lab.sim.pickers import Replay, Rounds, Seeded, play, steps_of
from consensus_lab.tui.opening import open_session
from consensus_lab.tui.session import Session
from tests.tui import toy as toy_module
from tests.tui.screens import scenario, session_of, toy_session
from tests.tui.toy import toy


def test_back_is_the_world_before_itself_and_forward_the_same_world_again() -> None:
    session = toy_session(10)
    session.goto(5)
    here, before = session.world, session.world_at(4)
    session.back()
    assert session.world is before
    session.forward()
    assert session.world is here


def test_choosing_what_is_recorded_makes_no_branch() -> None:
    session = toy_session(10)
    session.goto(3)
    assert session.upcoming is not None
    assert session.take(session.upcoming.choice)
    assert (session.cursor, len(session.branches)) == (4, 1)


def test_a_fault_in_the_past_forks_a_branch_and_keeps_the_old_one() -> None:
    session = toy_session(10)
    session.end()
    old = list(session.steps)
    session.goto(3)
    session.take(Crash("n2"))
    assert [branch.name for branch in session.branches] == ["main", "crash n2"]
    assert session.branches[0].steps == old
    assert session.steps[:3] == old[:3]
    assert (session.branch.shared, session.cursor, str(session.steps[3].choice)) == (3, 4, "crash n2")
    assert "'main'" in session.notice


def test_the_same_fault_again_goes_to_the_branch_that_exists() -> None:
    session = toy_session(10)
    session.goto(3)
    session.take(Crash("n2"))
    session.switch(session.branches[0])
    session.goto(3)
    session.take(Crash("n2"))
    assert len(session.branches) == 2
    assert session.branch.name == "crash n2"


def test_at_the_end_of_a_branch_a_choice_makes_it_longer() -> None:
    session = toy_session(4)
    session.end()
    session.take(Crash("n3"))
    assert (len(session.branches), len(session.steps)) == (1, 5)


def test_after_the_script_the_picker_says_what_happens() -> None:
    session = toy_session(2)
    session.end()
    expected = Seeded(1).pick(session.world)
    assert expected is not None
    assert session.suggestion == expected.choice
    assert session.forward()
    assert session.step is not None
    assert session.step.choice == expected.choice


def test_a_quiet_world_says_so() -> None:
    session = session_of(toy(2))
    session.take(Crash("n1"))
    session.take(Crash("n2"))
    session.picker = Rounds()
    assert not session.forward()
    assert "quiet" in session.notice
    assert session.cursor == 2


def test_an_impossible_choice_changes_nothing_and_says_why() -> None:
    session = toy_session(3)
    assert not session.take(Sync("n1"))
    assert session.cursor == 0
    assert session.notice == "Cannot sync n1: it has written nothing that is not durable yet."


def test_a_long_script_is_read_as_far_as_it_is_needed() -> None:
    session = toy_session(1000)
    session.goto(20)
    assert len(session.steps) == 20
    assert session.loading
    while session.load(100):
        pass
    assert (len(session.steps), session.loading) == (1000, False)


def test_a_script_that_is_still_being_read_is_not_taken_for_its_end() -> None:
    session = toy_session(10)
    session.goto(5)
    session.take(Crash("n2"))
    session.end()
    assert [len(branch.steps) for branch in session.branches] == [10, 6]


def test_narration_stands_before_its_step_also_in_a_branch_up_to_the_fork() -> None:
    session = scenario()
    session.goto(3)
    told = session.narration()
    assert told == session.captions[3]
    session.take(Crash("p1"))
    assert session.narration() == []
    session.back()
    assert session.narration() == told


def test_the_tour_stops_at_every_narration() -> None:
    session, stops = scenario(), []
    while not stops or stops[-1] < len(session.steps):
        stops.append(session.cursor)
        session.seek(1)
        if session.cursor in stops:
            break
    assert set(session.captions) <= {*stops, session.cursor}


def test_a_replay_that_diverges_keeps_what_fits_and_says_where() -> None:
    start = World.of(toy(3))
    other = World.of(toy(4))
    record = read(play(other, Seeded(1), steps=8).text(Header("table-tennis")))
    session = Session(start, Seeded(1), script=steps_of(start, Replay(record.lines)))
    session.end()
    assert session.failure is not None
    assert "the replay diverges" in session.failure
    assert len(session.steps) < 8


@message
class Poke:
    """Ask for trouble."""


@dataclass
class Broken(Process):
    """A student's first try."""

    @upon(Poke)
    def answer(self, poke: Poke, ctx: Context) -> None:
        raise NotImplementedError("What should be answered?")


def test_a_rule_that_raises_is_a_sentence_with_file_and_line() -> None:
    session = session_of(Cast("broken", {"a": Broken()}, (("a", Poke()),)))
    assert not session.forward()
    assert session.cursor == 0
    assert "a's rule answer raised NotImplementedError on Poke()" in session.notice
    assert "What should be answered?" in session.notice
    assert session.notice.count("test_session.py, line ") == 1, "where it was raised, once"


VERBS = st.sampled_from(["forward", "back", "take", "switch", "seek"])
MOVES = st.lists(st.tuples(VERBS, st.integers(0, 30)), max_size=40)


@given(MOVES)
def test_whatever_is_done_no_branch_ever_loses_a_step(moves: list[tuple[str, int]]) -> None:
    session = session_of(toy(3), 6)
    known: dict[int, list[object]] = {}
    for verb, number in moves:
        if verb == "take":
            choices = session.world.choices()
            session.take(choices[number % len(choices)])
        elif verb == "switch":
            session.switch(session.branches[number % len(session.branches)])
        elif verb == "seek":
            session.seek(1 if number % 2 else -1)
        else:
            getattr(session, verb)()
        for place, branch in enumerate(session.branches):
            before = known.get(place, [])
            assert [id(step) for step in branch.steps[: len(before)]] == before
            known[place] = [id(step) for step in branch.steps]
        assert 0 <= session.cursor <= len(session.steps)


def test_a_choice_about_a_message_can_be_taken_from_any_moment() -> None:
    session = session_of(toy(3, Links.BAG), 10)
    session.goto(1)
    envelope = session.world.network.flight[1]
    session.take(Drop(envelope.sender, envelope.to, envelope.message))
    assert len(session.world.network.flight) == 1
    session.back()
    session.take(Deliver(envelope.sender, envelope.to, envelope.message))
    assert len(session.branches) in (2, 3)
    assert session.cursor == 2


@pytest.mark.parametrize("far", [-5, 999])
def test_there_is_no_going_beyond_the_ends(far: int) -> None:
    session = toy_session(10)
    session.goto(far)
    assert session.cursor == (0 if far < 0 else 10)


def test_a_sentence_that_ended_the_script_is_said_there_and_nowhere_else() -> None:
    """Not after what somebody did then, and not in a branch that left the script before."""
    start = World.of(toy(3))
    trace = play(start, Seeded(1), steps=6).text(Header("table-tennis")).splitlines()
    trace[-1] = trace[-1].partition("  ")[0] + "  crash n9"
    picker = Replay(read("\n".join(trace)).lines, vocabulary(toy_module))
    session = Session(start, Seeded(1), script=steps_of(start, picker))
    session.end()
    assert session.failure is not None
    assert (session.cursor, session.failed_here) == (5, True)
    session.forward()
    assert not session.failed_here
    session.goto(2)
    session.take(Crash("n2"))
    while session.cursor < 5:
        session.forward()
    assert not session.failed_here


def test_an_invariant_falls_at_the_step_that_refutes_it_and_the_tour_stops_there() -> None:
    session = open_session("three-phase-commit/partition-splits")
    session.end()
    falls = [cursor for cursor in range(len(session.steps) + 1) if session.falls(cursor)]
    assert falls == [13, 15], "first somebody commits too early, then two decide differently"
    assert "AC1" not in [violation.invariant.name for violation in session.violations_at(14)]
    assert "AC1" in [violation.invariant.name for violation in session.violations_at(15)]
    session.goto(14)
    session.seek(1)
    assert session.cursor == 15


def test_a_branch_is_named_with_the_arrow_of_the_screen() -> None:
    session = session_of(toy(3, Links.BAG), 10)
    session.goto(2)
    message = session.world.network.flight[0]
    assert session.take(Delay(message.sender, message.to, message.message))
    assert " → " in session.branch.name
