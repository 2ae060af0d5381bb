"""``run --on tcp``: every role a process of its own, with real sockets and a real disk."""

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
