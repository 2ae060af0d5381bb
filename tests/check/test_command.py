"""``consensus-lab check``: what it searches, what it says, and its exit codes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from consensus_lab.check.search import Progress
from consensus_lab.cli import check, main
from consensus_lab.lab.mutants import two_phase_commit as mutants
from tests.conftest import REPO

MUTANTS = Path(mutants.__file__)


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments])


def test_a_protocol_is_proved_within_a_bound() -> None:
    shown = invoke("two-phase-commit", "--crashes", "1")
    assert shown.exit_code == 0
    assert shown.output.startswith("proved within this bound\n")
    assert "claim:    always AC1 (all who decide decide alike)" in shown.output
    assert "bound:    1 crash; timers fire at any time; messages arrive in any order, each once" in shown.output
    assert re.search(r"searched: \d+,\d{3} distinct states, [\d,]+ generated, depth \d+; \d+ steps", shown.output)


def test_a_class_of_ones_own_is_cast_in_its_role_and_its_counterexample_kept(traces: Path) -> None:
    shown = invoke(f"{MUTANTS}:CommitsAtTheFirstYes", "--cast", "participants=3", "--losses", "1")
    assert shown.exit_code == 1
    assert shown.output.startswith("AC3 (commit only if all voted yes): refuted, coordinator decided Commit(T1)")
    assert "   1. coordinator is asked Begin(T1) by its client" in shown.output
    assert "Look at it: consensus-lab play" in shown.output
    assert "The first difference from the library: step " in shown.output
    assert shown.output.endswith("  library: count_vote\n")
    followed = CliRunner().invoke(main, ["replay", str(traces / "refuted.trace")])
    assert followed.exit_code == 1
    assert "✗ AC3" in followed.output


def test_a_scenario_stands_for_its_cast() -> None:
    assert invoke("two-phase-commit/one-votes-no", "--timeouts", "0").exit_code == 0


def test_a_limit_is_neither_proof_nor_refutation() -> None:
    shown = invoke("two-phase-commit", "--crashes", "1", "--states", "500")
    assert shown.exit_code == 3
    assert shown.output.startswith("not falsified within this budget, and not proved\n")
    assert "ended by: the limit of 500 states" in shown.output


def test_an_interrupt_keeps_the_figures_and_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(line: check.LiveLine, progress: Progress) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check.LiveLine, "show", interrupt)
    monkeypatch.setattr(check, "is_watched", lambda: True)
    shown = invoke("two-phase-commit", "--crashes", "1")
    assert shown.exit_code == 3
    assert "ended by: an interrupt" in shown.output
    assert "distinct states" in shown.output


def test_the_live_line_has_states_speed_depth_frontier_and_memory() -> None:
    line = check.live(Progress(distinct=123_456, depth=12, frontier=4_321, seconds=2.0))
    assert line.startswith("123,456 states  61,728 states/s  depth 12  frontier 4,321")
    assert line.endswith(" MB")


def test_the_same_trail_is_found_whatever_the_hash_seed(tmp_path: Path) -> None:
    found = {searched(tmp_path, seed) for seed in ("1", "2", "3")}
    assert len(found) == 1
    assert "# AC1 (all who decide decide alike)" in found.pop()


def searched(folder: Path, seed: str) -> str:
    """The trace that a process of its own leaves, hashing with this seed."""
    target = f"{MUTANTS}:TellsAPeerAndForgetsItself"
    command = [
        sys.executable,
        "-m",
        "consensus_lab",
        "check",
        target,
        "--crashes",
        "1",
        "--cast",
        "variant=cooperative",
    ]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(REPO)}
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 1, ran.stderr
    return (folder / ".consensus-lab" / "refuted.trace").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nothing"], "there is no scenario 'nothing'"),
        (["nothing"], "protocols are two-phase-commit"),
        (["two-phase-commit", "--cast", "participants=many"], "participants must be a whole number, not 'many'"),
        (["two-phase-commit", "--cast", "participants"], "a cast's parameter is written NAME=VALUE"),
        (["two-phase-commit/commits", "--cast", "participants=3"], "a scenario has a cast of its own"),
        (["two-phase-commit", "--network", "set", "--losses", "1"], "losses and duplicates must be 0 on a set network"),
        ([f"{MUTANTS}:Nobody"], "a class is named FILE.py:CLASS"),
        ([f"{MUTANTS}:Prepared"], "Prepared plays in no protocol: it must be a subclass of one of Coordinator"),
        (["two-phase-commit", "--crashes", "-1"], "-1 is not in the range"),
    ],
)
def test_what_cannot_be_searched_is_a_sentence_and_exit_code_2(arguments: list[str], says: str) -> None:
    shown = invoke(*arguments)
    assert shown.exit_code == 2
    assert says in shown.output
    assert "Traceback" not in shown.output


def test_a_field_that_cannot_be_kept_is_a_sentence_and_exit_code_2(tmp_path: Path) -> None:
    exercise = tmp_path / "exercise.py"
    exercise.write_text(
        "from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator\n"
        "class Mine(Coordinator):\n"
        "    def count_vote(self, yes, ctx):\n"
        "        self.log = open(__file__)\n"
        "        self.log.close()\n"
    )
    shown = invoke(f"{exercise}:Mine")
    assert shown.exit_code == 2
    assert "Mine.log holds a TextIOWrapper, which cannot be compared by value" in shown.output


def test_what_should_come_in_the_end_is_asked_for_and_a_run_without_end_is_replayed(traces: Path) -> None:
    shown = invoke("paxos", "--cast", "acceptors=1,learners=1", "--eventually", "decided")
    assert shown.exit_code == 1
    assert shown.output.startswith("never DECIDED (whoever is up has decided): l1 is undecided, and ")
    assert "steps go round for ever" in shown.output
    assert CliRunner().invoke(main, ["replay", str(traces / "refuted.trace")]).exit_code == 0


def test_three_phase_commit_is_shown_not_to_block_where_two_phase_commit_does() -> None:
    asked = ("--crashes", "1", "--eventually", "decided", "--timers", "late", "--fail-stop")
    assert invoke("three-phase-commit", *asked).exit_code == 0
    assert invoke("two-phase-commit", *asked).exit_code == 1


def test_whoever_is_left_undecided_when_all_is_still_is_found() -> None:
    shown = invoke("two-phase-commit", "--crashes", "1", "--blocked")
    assert shown.exit_code == 1
    assert shown.output.startswith("DECIDED (whoever is up has decided): refuted, p1 is undecided")
    assert invoke("two-phase-commit", "--blocked").exit_code == 0


def test_a_goal_may_be_any_claim_of_a_scenario() -> None:
    assert invoke("two-phase-commit", "--eventually", "coordinator decided").exit_code == 0
    assert invoke("two-phase-commit", "--eventually", "p1.state = COMMIT").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--eventually", "p9 decided"], "there is no node p9"),
        (["--eventually", "p1.luck = good"], "p1 has no field luck"),
        (["--eventually", "luck"], "cannot read 'luck' as a claim"),
        (["--eventually", "p1 up"], "a goal is one of decided | NODE decided [VALUE]"),
        (["--eventually", "decided", "--steps", "5"], "leave out --steps"),
        (["--eventually", "decided", "--blocked"], "--eventually and --blocked are two questions"),
        (["--fairness", "node"], "--fairness is for --eventually"),
    ],
)
def test_what_is_no_goal_is_a_sentence_and_exit_code_2(arguments: list[str], says: str) -> None:
    shown = invoke("two-phase-commit", *arguments)
    assert shown.exit_code == 2
    assert says in shown.output


def test_what_was_reached_is_shown_when_asked_for() -> None:
    shown = invoke("two-phase-commit", "--crashes", "1", "--coverage")
    assert shown.exit_code == 0
    assert re.search(r"^Coordinator +INIT +WAIT +COMMIT +ABORT +DONE$", shown.output, re.MULTILINE)
    assert re.search(r"^rules: +\d+ of 18 ran; never Participant.repeat_yes$", shown.output, re.MULTILINE)
    assert "Coordinator  " not in invoke("two-phase-commit", "--timeouts", "0").output
