"""Opening: a name, a file or a trace becomes a session; everything else is a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from consensus_lab.lab.catalogue import scenario_files
from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.scenario import load_scenario
from consensus_lab.sim.conditions import STORMY
from consensus_lab.sim.pickers import Seeded
from consensus_lab.tui.opening import open_session


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "commits.trace"
    path.write_text(load_scenario("two-phase-commit/commits").perform().text(), encoding="utf-8")
    return path


def test_with_no_name_the_first_scenario_opens_at_its_beginning() -> None:
    session = open_session()
    assert session.name == next(iter(scenario_files()))
    assert session.cursor == 0


@pytest.mark.parametrize("name", scenario_files())
def test_every_scenario_opens(name: str) -> None:
    session = open_session(name)
    session.end()
    assert session.failure is None
    assert len(session.steps) > 3


def test_a_trace_opens_with_its_narration_at_the_step_asked_for(trace: Path) -> None:
    session = open_session(str(trace), step=7)
    assert session.cursor == 7
    assert session.narration() == load_scenario("two-phase-commit/commits").perform().captions[7]


def test_after_a_trace_the_same_seed_goes_on(trace: Path) -> None:
    trace.write_text(trace.read_text().replace("seeded 1", "seeded 42"))
    picker = open_session(str(trace)).picker
    assert isinstance(picker, Seeded)
    assert picker.seed == 42
    storm = open_session("two-phase-commit/storm").picker
    assert isinstance(storm, Seeded)
    assert storm.conditions.loss == STORMY.loss


def test_a_trace_that_diverges_opens_at_the_last_step_that_fits_and_says_why(trace: Path) -> None:
    lines = trace.read_text().splitlines()
    broken = next(number for number, line in enumerate(lines) if "sync p2" in line and "Yes" in line)
    lines[broken] = lines[broken].replace("sync p2", "crash p7")
    trace.write_text("\n".join(lines) + "\n")
    session = open_session(str(trace))
    assert session.cursor == len(session.steps) == 4
    assert session.failure is not None
    assert f"line {broken + 1}: the replay diverges" in session.failure
    assert open_session(str(trace), step=12).cursor == 4


def test_a_script_that_fails_opens_where_it_failed_and_says_why(tmp_path: Path) -> None:
    story = scenario_files()["two-phase-commit/commits"].read_text()
    path = tmp_path / "01_odd.txt"
    path.write_text(story + "expect p1 down\n")
    session = open_session(str(path))
    assert session.cursor == 15
    assert session.failure is not None
    assert "expected p1 down" in session.failure


@pytest.mark.parametrize("step", [-1, 16, 10_000])
def test_a_step_beyond_the_end_is_refused_with_what_is_allowed(step: int, trace: Path) -> None:
    for name in ("two-phase-commit/commits", str(trace)):
        with pytest.raises(BadInput, match=r"has 15 steps: --step takes 0 to 15, not "):
            open_session(name, step=step)


def test_what_is_not_there_is_a_sentence_with_what_is() -> None:
    with pytest.raises(BadInput, match="did you mean two-phase-commit/commits"):
        open_session("two-phase-commit/comits")
    with pytest.raises(BadInput, match="there is no scenario"):
        open_session("nowhere.trace")


def test_a_trace_of_a_process_that_cannot_start_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from consensus_lab.protocols.two_phase_commit.participant import Participant\n"
        "class Mine(Participant):\n"
        "    def expect_request(self, start, ctx):\n"
        "        raise KeyError('oh')\n"
    )
    trace = tmp_path / "mine.trace"
    trace.write_text("consensus-lab trace 1\nprotocol: two-phase-commit\ncast: participant=mine.py:Mine\n\n")
    with pytest.raises(BadInput, match="before the first step, p1's rule expect_request raised KeyError"):
        open_session(str(trace))
