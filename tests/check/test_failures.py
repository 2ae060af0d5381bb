"""What goes wrong in somebody's own code, or is not waited for: told with the way there, and never taken for proof."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from consensus_lab.check import Falsified, explore
from consensus_lab.cli import main
from consensus_lab.kernel import View, invariant
from tests.check.toys import counters
from tests.conftest import REPO

RULES = {
    "raises": ("self.votes.add(1)", "AttributeError on Yes(T1): 'frozenset' object has no attribute 'add'"),
    "leaves the program": ("raise SystemExit(0)", "SystemExit on Yes(T1): 0"),
    "never returns to itself": ("self.count_vote(yes, ctx)", "RecursionError on Yes(T1): maximum recursion depth"),
    "is not written": ("raise NotImplementedError('when?')", "NotImplementedError on Yes(T1): when?"),
}


def mine(folder: Path, rule: str) -> str:
    """A class of somebody's own, as a target."""
    path = folder / "mine.py"
    path.write_text(
        "from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator\n"
        "class Mine(Coordinator):\n"
        "    def count_vote(self, yes, ctx):\n"
        f"        {rule}\n",
        encoding="utf-8",
    )
    return f"{path}:Mine"


def check(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments])


@pytest.mark.parametrize("question", [[], ["--eventually", "decided"], ["--blocked"], ["--engine", "numpy"]], ids=str)
@pytest.mark.parametrize("rule", RULES)
def test_a_rule_that_raises_is_told_with_its_line_and_the_way_there(
    rule: str, question: list[str], tmp_path: Path
) -> None:
    body, says = RULES[rule]
    shown = check(mine(tmp_path, body), *question)
    assert shown.exit_code == 1
    assert f"coordinator's rule count_vote raised {says}" in shown.output
    assert f"({tmp_path / 'mine.py'}, line 4) (on 'deliver " in shown.output
    assert "   1. coordinator is asked Begin(T1) by its client" in shown.output
    assert re.search(r"searched: \d+ distinct states", shown.output)
    assert "Look at it: consensus-lab play" in shown.output
    assert "Traceback" not in shown.output


@invariant("BROKEN", "it can be checked")
def broken(view: View) -> str | None:
    raise LookupError("no such thing")


def test_an_invariant_that_raises_has_not_shown_its_claim() -> None:
    with pytest.raises(Falsified) as refused:
        explore(counters()).always(broken)
    assert refused.value.verdict.finding.endswith("the check itself failed with LookupError: no such thing")


def test_a_goal_that_raises_is_not_reached() -> None:
    with pytest.raises(Falsified) as refused:
        explore(counters()).eventually(broken)
    assert "the check itself failed with LookupError: no such thing, and nothing gets anywhere" in str(refused.value)


@pytest.mark.parametrize("question", [[], ["--eventually", "coordinator decided"]], ids=str)
def test_a_rule_that_never_ends_is_named_when_somebody_stops_waiting(question: list[str], tmp_path: Path) -> None:
    target = mine(tmp_path, "print('here', flush=True)\n        while True: pass")
    command = [sys.executable, "-m", "consensus_lab", "check", target, *question]
    environment = {"PYTHONPATH": str(REPO), "PATH": ""}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        process.send_signal(signal.SIGINT)
        said = process.stdout.read()
    assert process.returncode == 3
    assert said.startswith("not falsified within this budget, and not proved\n")
    assert re.search(r"searched: \d+ distinct states", said)
    assert "ended by: an interrupt: coordinator's rule count_vote raised KeyboardInterrupt on 'deliver p1 -> " in said
    assert re.search(rf"it was still running \({re.escape(str(tmp_path / 'mine.py'))}, line [45]\)", said)
    assert "   1. coordinator is asked Begin(T1) by its client" in said


def test_the_exit_codes_are_told_in_one_place() -> None:
    told = CliRunner().invoke(main, ["--help"]).output.partition("Exit codes:")[2].splitlines()
    assert [line.split()[0] for line in told if line.strip()] == ["0", "1", "2", "3", "130"]
