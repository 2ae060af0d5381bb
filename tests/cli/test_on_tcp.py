"""``run --on tcp``: every role a process of its own, with real sockets and a real disk."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from consensus_lab.cli import main


def invoke(*arguments: str) -> tuple[int, str]:
    shown = CliRunner().invoke(main, ["run", *arguments, "--on", "tcp"])
    return shown.exit_code, shown.output


@pytest.mark.parametrize(("scenario", "verdict"), [("commits", "Commit(T1)"), ("one-votes-no", "Abort(T1)")])
def test_real_processes_decide_as_the_story_does(scenario: str, verdict: str) -> None:
    code, output = invoke(f"two-phase-commit/{scenario}")
    assert code == 0, output
    summary = output.rpartition("\n\n")[2].splitlines()
    assert [line.split()[0] for line in summary][:3] == ["coordinator", "p1", "p2"]
    assert all(line.endswith(f"decided {verdict}") for line in summary)


def test_real_processes_elect_as_the_story_does() -> None:
    """Their wait for a better vote is a time at which nothing is in flight and nothing is decided."""
    code, output = invoke("election/longer-log-wins")
    assert code == 0, output
    summary = output.rpartition("\n\n")[2].splitlines()
    decided = [line for line in summary if line.endswith("decided Elected(leader=n2, election_epoch=1)")]
    assert [line.split()[0] for line in decided] == ["n1", "n2", "n3"]


@pytest.mark.parametrize("nodes", [3, 5])
def test_a_log_is_replicated_by_as_many_real_processes_as_are_asked_for(nodes: int) -> None:
    code, output = invoke("multi-paxos/normal", "--nodes", str(nodes))
    assert code == 0, output
    logs = [line.partition("decided ")[2] for line in output.rpartition("\n\n")[2].splitlines()][:nodes]
    assert logs[0].count("Chosen(") == 2
    assert set(logs) == {logs[0]}


def test_a_story_with_faults_on_cue_is_refused_with_a_sentence() -> None:
    code, output = invoke("two-phase-commit/ack-lost")
    assert code == 2
    assert "its script has 'drop p1 -> coordinator Ack(T1)', which only the simulator can do on cue" in output


def test_conditions_are_of_the_simulator() -> None:
    code, output = invoke("two-phase-commit/slow-participant")
    assert code == 2
    assert "conditions of its own" in output


def test_a_seed_is_of_a_simulated_run() -> None:
    code, output = invoke("two-phase-commit/commits", "--seed", "7")
    assert code == 2
    assert "a real one" in output


STORY = """
from consensus_lab.lab.scenario import scenario
from consensus_lab.protocols.two_phase_commit import cast
from tests.net.misbehaving import {coordinator}

@scenario("A story", cast(coordinator={coordinator}))
def story(stage):
    stage.take("submit coordinator Begin")
    stage.run(steps={steps})
"""


def story(folder: Path, coordinator: str, steps: int = 100) -> str:
    file = folder / "story.py"
    file.write_text(STORY.format(coordinator=coordinator, steps=steps))
    return str(file)


def test_every_claim_is_judged_or_said_not_to_be() -> None:
    code, output = invoke("two-phase-commit/commits")
    assert code == 0
    assert "✓ AC1 (all who decide decide alike)" in output
    assert "✓ AC3 (commit only if all voted yes)" in output
    assert "? LOCKS (resources are released once decided): not judged, nobody saw what its processes" in output


def test_real_processes_that_disagree_are_refuted_with_the_witness(tmp_path: Path) -> None:
    code, output = invoke(story(tmp_path, "TwoFacedCoordinator"))
    assert code == 1
    assert "✗ AC1 (all who decide decide alike): " in output
    assert "an invariant is refuted: AC1 (all who decide decide alike): refuted, " in output


def test_a_story_in_which_nobody_ever_decides_is_not_run_in_vain(tmp_path: Path) -> None:
    code, output = invoke(story(tmp_path, "SilentCoordinator"))
    assert code == 1
    assert "nobody decides anything, not even in a calm simulated world: there is nothing to wait for" in output


@pytest.mark.parametrize("steps", [100, 1])
def test_a_rule_that_raises_is_told_in_a_sentence(tmp_path: Path, steps: int) -> None:
    code, output = invoke(story(tmp_path, "ForgetfulCoordinator", steps))
    assert code == 1
    assert "coordinator's rule count_vote raised KeyError on Yes(T1): 'where did I put my notes?'" in output
    assert "Traceback" not in output
