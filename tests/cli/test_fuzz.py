"""``consensus-lab fuzz``: what it says, what it leaves, and the codes it exits with."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from consensus_lab.cli import main

MUTANT = "acceptor=consensus_lab.lab.mutants.paxos.acceptors:ForgetPromise"
WRONG = """
from consensus_lab.protocols.two_phase_commit.coordinator import Coordinator

class Hasty(Coordinator):
    def count_vote(self, yes, ctx):
        raise KeyError("what now?")
"""
MUTE = """
from consensus_lab.protocols.paxos.learner import Learner

class Mute(Learner):
    def learn(self, value, ctx):
        self.chosen = value
"""


@pytest.fixture
def fuzz(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(main, ["fuzz", *words])


def succeeded(result: Result, code: int) -> str:
    assert result.exit_code == code, result.output + result.stderr
    return result.output


def test_seeds_that_survive_are_told_with_what_struck_them(fuzz):
    told = succeeded(fuzz("two-phase-commit", "--seeds", "60"), 0)
    assert "60 seeds survived" in told
    for words in ("always:   AC1, AC2", "at last:  AC5", "struck:", "decided:"):
        assert words in told


def test_a_seed_that_fails_is_told_shrunk_saved_and_can_be_played_again(fuzz, tmp_path: Path):
    told = succeeded(fuzz("paxos", "--cast", MUTANT, "--faults", "crash,loss"), 1)
    assert "refuted, " in told
    assert "shrunk:   from" in told
    opened = next(line for line in told.splitlines() if line.startswith("Look at it: consensus-lab play "))
    trace = tmp_path / opened.split()[5]
    assert "picker: fuzz seed" in trace.read_text()
    assert CliRunner().invoke(main, ["replay", str(trace)]).exit_code == 1, "its last step refutes"
    again = next(line for line in told.splitlines() if line.startswith("This seed again: "))
    once_more = succeeded(fuzz(*again.split()[5:]), 1)
    assert told.splitlines()[0] == once_more.splitlines()[0]


def test_a_rule_that_raises_is_told_with_the_way_there(fuzz, tmp_path: Path):
    (tmp_path / "mine.py").write_text(WRONG)
    told = succeeded(fuzz("mine.py:Hasty", "--faults", "none", "--seeds", "5"), 1)
    assert "rule count_vote raised KeyError on Yes(T1): 'what now?'" in told
    assert "the next step" in told


def test_seeds_in_which_nothing_is_decided_prove_nothing(fuzz):
    (Path("mute.py")).write_text(MUTE)
    told = succeeded(fuzz("mute.py:Mute", "--seeds", "20", "--faults", "loss"), 3)
    assert "nothing was ever decided" in told


def test_what_was_not_played_to_its_end_proves_nothing(fuzz):
    told = succeeded(fuzz("two-phase-commit", "--seconds", "0.0001", "--seeds", "500"), 3)
    assert "of 500 seeds survived" in told
    assert "ended by: the limit of 0.0001 seconds" in told


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["paxos", "--faults", "reset"], "paxos runs on BAG links, which do not suffer reset"),
        (["paxos", "--faults", "flood"], "there is no fault 'flood'; there are loss, duplication"),
        (["nothing"], "there is no scenario 'nothing'"),
        (["paxos", "--cast", "acceptors=none"], "acceptors must be a whole number"),
    ],
)
def test_bad_input_is_a_sentence(fuzz, words: list[str], sentence: str):
    result = fuzz(*words)
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_what_the_seeds_reached_is_told_when_asked_for(fuzz):
    shown = fuzz("two-phase-commit", "--seeds", "60", "--coverage")
    assert shown.exit_code == 0
    assert "count_vote: force Commit, cancel VotesOverdue, decide Commit" in shown.output
    assert "rules:    18 of 18 ran" in shown.output
    assert "duplication" in next(line for line in shown.output.splitlines() if line.startswith("faults: "))
