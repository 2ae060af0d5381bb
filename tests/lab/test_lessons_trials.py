"""What a lesson's tests are made of: a claim that falls is told with its witness, its trail and the shortest trace."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from consensus_lab.check.keeping import Filing, filing
from consensus_lab.kernel import Context, View, invariant
from consensus_lab.lab import trials
from consensus_lab.lab.loading import load_module
from consensus_lab.lab.mutants.two_phase_commit import AbortsAlone, CommitsAtTheFirstYes, WaitsForEver
from consensus_lab.lab.replaying import load_trace, replay
from consensus_lab.lab.trials import (
    NotWritten,
    Refuted,
    Run,
    crash_at_every_point,
    script,
    storm,
)
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator
from consensus_lab.protocols.two_phase_commit.messages import Yes
from consensus_lab.protocols.two_phase_commit.participant import Participant
from consensus_lab.sim import World
from consensus_lab.sim.conditions import STORMY
from consensus_lab.sim.pickers import Seeded


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Traces are kept here, and commands are typed here."""
    monkeypatch.chdir(tmp_path)
    token = filing.set(Filing(tmp_path / ".consensus-lab", "a-claim"))
    yield tmp_path
    filing.reset(token)


class Asking(Coordinator):
    def count_vote(self, yes: Yes, ctx: Context) -> None:
        raise NotImplementedError("When?")


class Mistaken(Coordinator):
    def count_vote(self, yes: Yes, ctx: Context) -> None:
        self.votes.add(ctx.sender)  # type: ignore[attr-defined]


class MistakenFromTheStart(Participant):
    def expect_request(self, start: object, ctx: Context) -> None:
        raise KeyError("nothing")


@invariant("AC5", "everybody decides")
def everybody_decides(view: View) -> str | None:
    undecided = set(view.cast.addresses) - {decision.node for decision in view.decisions}
    return f"{min(undecided)} has not" if undecided else None


def refuted(trial: object, *arguments: object, **options: object) -> str:
    with pytest.raises(Refuted) as caught:
        trial(*arguments, **options)  # type: ignore[operator]
    return str(caught.value)


ALL_YES = "submit coordinator Begin\nrun for 60 s"
ONE_SILENT = "submit coordinator Begin\npause p2\nrun for 1 s"


def test_a_script_ends_in_the_world_it_leads_to():
    world = script(cast(2), ALL_YES)
    assert isinstance(world, World)
    assert world.quiet


def test_a_fallen_invariant_is_told_first_whatever_the_script_expected():
    said = refuted(script, cast(2, coordinator=CommitsAtTheFirstYes), ONE_SILENT + "\nexpect coordinator undecided")
    first, how, *_ = said.splitlines()
    assert first.startswith("AC3 (commit only if all voted yes): refuted, coordinator decided Commit(T1)")
    assert re.fullmatch(r"  In the script of this test, after step \d+:", how)


def test_the_trace_is_cut_where_the_claim_fell_and_the_command_opens_it_there(folder: Path):
    said = refuted(script, cast(2, coordinator=CommitsAtTheFirstYes), ONE_SILENT)
    command = re.fullmatch(r"  Look at it: consensus-lab play (\S+) --step (\d+)", said.splitlines()[-1])
    assert command is not None
    record, again = load_trace(folder / command[1])
    played = replay(record, again)
    assert len(played.trace) == int(command[2])
    assert played.trace[-1].world.violations()
    assert not played.trace[-2].world.violations()


def test_an_unmet_expectation_names_its_line_and_what_is_the_case():
    said = refuted(script, cast(2), "\n\nsubmit coordinator Begin  # a comment\n\nexpect coordinator.state = INIT")
    assert said.startswith("expected coordinator.state = INIT, but coordinator.state is State.WAIT\n")
    assert "at line 3, 'expect coordinator.state = INIT', after these steps:\n     1  submit coordinator Begin" in said


def test_a_story_that_goes_another_way_says_what_was_possible():
    said = refuted(script, cast(2), "submit coordinator Begin\nsync p1")
    assert said.startswith("the story went another way: cannot sync p1: it has written nothing")
    assert "Possible here: deliver coordinator -> p1 VoteRequest(T1); " in said


def test_a_rule_not_written_yet_asks_its_question_once():
    for trial, arguments in ((script, (ALL_YES,)), (storm, ()), (crash_at_every_point, ())):
        with pytest.raises(NotWritten, match=r"^not written yet: Asking\.count_vote asks: When\?\n"):
            trial(cast(2, coordinator=Asking), *arguments)


def test_a_mistake_in_a_rule_is_told_with_its_line():
    said = refuted(storm, cast(2, coordinator=Mistaken))
    line = Mistaken.count_vote.__code__.co_firstlineno + 1
    assert said.startswith("coordinator's rule count_vote raised AttributeError on Yes(T1): ")
    assert f"({__file__}, line {line})" in said.splitlines()[0]


def test_a_mistake_before_the_first_step_has_no_trace():
    for trial, arguments in ((script, (ALL_YES,)), (storm, ())):
        said = refuted(trial, cast(2, participant=MistakenFromTheStart), *arguments)
        assert "rule expect_request raised KeyError on Start()" in said
        assert "Look at it" not in said


def test_a_storm_tells_the_shortest_of_all_its_findings():
    players = cast(2, participant=AbortsAlone)
    runs = (Run(players, Seeded(seed, STORMY), "").refuted_by(()) for seed in range(1, 201))
    lengths = [len(finding.steps) for finding in runs if finding]
    said = refuted(storm, players, seeds=200)
    assert len(lengths) > 1
    assert said.endswith(f" --step {min(lengths)}")
    assert re.search(r"^  Seed \d+ of 1 to 200, stormy:$", said, re.MULTILINE)


def test_what_must_come_in_the_end_is_claimed_of_the_last_world_only():
    storm(cast(2), seeds=5)
    said = refuted(crash_at_every_point, cast(1, participant=WaitsForEver), eventually=[everybody_decides])
    assert said.startswith("AC5 (everybody decides): refuted, ")
    assert re.search(r"^  Seeded 1, and then 'crash \w+( keeping 1)?' as step \d+:$", said, re.MULTILINE)


def test_a_long_trail_shows_its_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trials, "SHOWN", 2)
    said = refuted(script, cast(2), ALL_YES + "\nexpect coordinator undecided").splitlines()
    assert re.fullmatch(r"       \.\.\. \d+ steps before \.\.\.", said[2])
    assert len(said) == 6
    assert all(len(line) <= trials.WIDTH + 2 for line in said[3:5])


def test_a_trace_that_cannot_be_kept_hides_no_claim(folder: Path):
    (folder / ".consensus-lab").write_text("in the way", "utf-8")
    said = refuted(script, cast(2), ALL_YES + "\nexpect coordinator undecided")
    assert said.startswith("expected coordinator undecided")
    assert "(Its trace could not be kept: " in said


def test_a_trace_moves_together_with_its_exercise(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    base = "consensus_lab.protocols.two_phase_commit.participant"
    (folder / "exercise.py").write_text(f"from {base} import Participant\nclass Mine(Participant): pass\n", "utf-8")
    mine = load_module(folder / "exercise.py").Mine
    refuted(script, cast(2, participant=mine), ALL_YES + "\nexpect p1 undecided")
    kept = folder / ".consensus-lab" / "a-claim.trace"
    assert "cast: participant=exercise.py:Mine\n" in kept.read_text("utf-8")
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "moved"
    folder.rename(elsewhere)
    record, again = load_trace(elsewhere / ".consensus-lab" / "a-claim.trace")
    assert type(again.fresh("p1")).__name__ == "Mine"
    assert replay(record, again).diverged is None
    elsewhere.rename(folder)
