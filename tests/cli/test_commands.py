"""The command line as a user meets it: quick help, examples, plain sentences, and exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from consensus_lab import __version__
from consensus_lab.cli import VERBS, main
from consensus_lab.lab.catalogue import scenario_files

HEAVY = ("textual", "networkx", "asyncio", "rich")


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def imported_by(code: str) -> set[str]:
    say = f"import sys\ntry:\n  {code}\nexcept SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"
    asked = subprocess.run([sys.executable, "-c", say], capture_output=True, text=True, check=True)
    return set(asked.stderr.split())


def test_help_imports_neither_screen_nor_graphs_nor_asyncio() -> None:
    imported = imported_by("from consensus_lab.cli import main; main(['--help'])")
    assert "consensus_lab.cli" in imported
    assert not imported & set(HEAVY)


def test_playing_without_a_screen_needs_no_screen() -> None:
    imported = imported_by("from consensus_lab.cli import main; main(['run', 'two-phase-commit/commits'])")
    assert "consensus_lab.sim.world" in imported
    assert not imported & set(HEAVY)


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_every_command_has_an_example(verb: str) -> None:
    shown = invoke(verb, "--help")
    assert shown.exit_code == 0
    assert "Examples:" in shown.output
    assert f"consensus-lab {verb}" in shown.output


@pytest.mark.parametrize("verb", VERBS)
def test_the_short_help_promises_what_the_long_one_says(verb: str) -> None:
    assert VERBS[verb] in invoke("--help").output.replace("\n               ", " ")


def test_version() -> None:
    assert invoke("--version").output.strip() == f"consensus-lab, version {__version__}"


def test_scenarios_are_listed_with_name_and_title() -> None:
    lines = invoke("scenarios").output.splitlines()
    assert [line.split()[0] for line in lines] == list(scenario_files())
    assert all(len(line.split(maxsplit=1)[1].split()) > 2 for line in lines)


def test_scenarios_as_json() -> None:
    rows = json.loads(invoke("scenarios", "--json").output)
    assert [row["name"] for row in rows] == list(scenario_files())
    assert all(row["title"] and row["summary"] for row in rows)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_the_shell(shell: str) -> None:
    assert "_CONSENSUS_LAB_COMPLETE" in invoke("completion", shell).output


def test_scenario_names_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_CONSENSUS_LAB_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "consensus-lab run two-phase-commit/co")
    monkeypatch.setenv("COMP_CWORD", "2")
    shown = CliRunner().invoke(main, prog_name="consensus-lab")
    assert "plain,two-phase-commit/commits" in shown.output.splitlines()


def test_a_run_says_who_decided_whether_the_claims_hold_and_what_it_cost() -> None:
    shown = invoke("run", "two-phase-commit/commits")
    assert shown.exit_code == 0
    assert "p2           decided Commit(T1)" in shown.output
    assert "✓ AC1 (all who decide decide alike)" in shown.output
    assert "8 messages, 5 forced writes, 3 message delays to the last decision, 2 round trips" in shown.output


def test_a_run_is_written_as_a_trace_that_replays(tmp_path: Path) -> None:
    trace = tmp_path / "a.trace"
    assert invoke("run", "two-phase-commit/ack-lost", "-q", "--trace", str(trace)).exit_code == 0
    shown = invoke("replay", str(trace))
    assert shown.exit_code == 0
    assert "another way than recorded" not in shown.output


def test_a_run_is_written_as_json(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    assert invoke("run", "two-phase-commit/commits", "-q", "--json", str(file)).exit_code == 0
    assert json.loads(file.read_text())["scenario"] == "two-phase-commit/commits"


def test_the_seed_rules_what_the_script_leaves_open(tmp_path: Path) -> None:
    traces = []
    for seed in ("1", "2", "1"):
        invoke("run", "two-phase-commit/slow-participant", "-q", "--seed", seed, "--trace", str(tmp_path / "t"))
        traces.append((tmp_path / "t").read_text())
    assert traces[0] == traces[2] != traces[1]


GOOD = "title: A story\nprotocol: two-phase-commit\ncast: participants=2\n\nsubmit coordinator Begin\n"

BAD_SCRIPTS = {
    "an unknown verb": (GOOD + "explode p1\n", "line 6: expected '> narration'"),
    "a message that is not in flight": (GOOD + "deliver p1 -> coordinator Yes\n", "line 6: cannot deliver"),
    "a node that is not there": (GOOD + "crash p9\n", "line 6: cannot crash p9: there is no node p9"),
    "a claim in no known form": (GOOD + "expect p1 is happy\n", "line 6: cannot read 'p1 is happy' as a claim"),
    "a claim about a stranger": (GOOD + "expect p9 undecided\n", "line 6: there is no node p9"),
    "no protocol": ("title: A story\n\nrun\n", "the header does not say 'protocol: ...'"),
    "an unknown protocol": (GOOD.replace("two-phase", "to-phase"), "line 2: there is no protocol 'to-phase-commit'"),
    "an unknown parameter": (GOOD.replace("participants=", "people="), "line 3: the cast of two-phase-commit takes"),
    "a number that is none": (GOOD.replace("=2", "=two"), "line 3: participants must be a whole number"),
    "an unknown header": (GOOD.replace("title", "tilte"), "line 1: expected one of title:"),
    "an unknown condition": (GOOD.replace("cast", "conditions: rain\ncast"), "line 3: conditions are calm, stormy"),
}


@pytest.mark.parametrize("what", BAD_SCRIPTS)
def test_a_bad_scenario_gets_a_sentence_with_its_line(what: str, tmp_path: Path) -> None:
    text, sentence = BAD_SCRIPTS[what]
    story = tmp_path / "story.txt"
    story.write_text(text)
    shown = invoke("run", str(story))
    assert shown.exit_code == 2, shown.output
    assert f"{story}, {sentence}" in shown.output or (sentence in shown.output and str(story) in shown.output)
    assert "Traceback" not in shown.output


def test_an_expectation_that_fails_is_a_finding_and_no_usage_error(tmp_path: Path) -> None:
    story = tmp_path / "story.txt"
    story.write_text(GOOD + "expect p1 decided Commit(T1)\n")
    shown = invoke("run", str(story))
    assert shown.exit_code == 1
    assert f"{story}, line 6: expected p1 decided Commit(T1), but p1 is up and decided nothing" in shown.output


FORGETFUL = """
from consensus_lab.lab.scenario import scenario
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.protocols.two_phase_commit.participant import Participant

class Forgetful(Participant):
    def obey(self, verdict, ctx):
        {body}

@scenario("A story", cast(participants=2, participant=Forgetful))
def story(stage):
    stage.take("submit coordinator Begin")
    stage.run()
"""


def test_a_refuted_invariant_is_named_with_its_step_and_witness(tmp_path: Path) -> None:
    story = tmp_path / "story.py"
    story.write_text(FORGETFUL.format(body="self.state = self.state.COMMIT"))
    shown = invoke("run", str(story))
    assert shown.exit_code == 1
    assert (
        "LOCKS (resources are released once decided): refuted, p1 decided to commit, but T1 still holds" in shown.output
    )


def test_a_rule_that_raises_is_told_with_file_and_line(tmp_path: Path) -> None:
    story = tmp_path / "story.py"
    story.write_text(FORGETFUL.format(body="raise KeyError(verdict.tx)"))
    shown = invoke("run", str(story))
    assert shown.exit_code == 1
    assert f"p1's rule obey raised KeyError on Commit(T1): 'T1' ({story}, line 8)" in shown.output
    assert "Traceback" not in shown.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("run", "two-phase-commit/comits"),
            "there is no scenario 'two-phase-commit/comits', nor a file of that name; did",
        ),
        (("run", "nothing.txt"), "there is no scenario 'nothing.txt'"),
        (("replay", "nothing.trace"), "cannot read nothing.trace: No such file"),
        (("run", "two-phase-commit/commits", "--trace", "/nowhere/a.trace"), "cannot write /nowhere/a.trace"),
        (("play",), "the stepping screen needs a terminal"),
        (("fly",), "No such command 'fly'"),
    ],
)
def test_what_cannot_be_done_gets_a_sentence_and_exit_code_2(arguments: tuple[str, ...], sentence: str) -> None:
    shown = invoke(*arguments)
    assert shown.exit_code == 2
    assert sentence in shown.output
    assert "Traceback" not in shown.output


def recorded(tmp_path: Path) -> Path:
    trace = tmp_path / "a.trace"
    invoke("run", "two-phase-commit/commits", "-q", "--trace", str(trace))
    return trace


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("consensus-lab trace 1", "something else", "a.trace, line 1: not a trace"),
        ("protocol: two-phase-commit", "protocol: raft", "a.trace, line 2: there is no protocol 'raft'"),
        ("cast:", "cast: people=3", "a.trace, line 3: the cast of two-phase-commit takes"),
        ("cast:", "cost:", "a.trace, line 3: expected one of cast:"),
        ("0.002000  deliver", "0.002 deliver", "line 10: expected 'SECONDS  CHOICE  | OUTCOME'"),
    ],
)
def test_a_trace_that_cannot_be_read_gets_a_sentence_with_its_line(
    old: str, new: str, sentence: str, tmp_path: Path
) -> None:
    trace = recorded(tmp_path)
    trace.write_text(trace.read_text().replace(old, new, 1))
    shown = invoke("replay", str(trace))
    assert shown.exit_code == 2, shown.output
    assert sentence in shown.output


def test_a_replay_stops_at_the_first_line_that_no_longer_fits(tmp_path: Path) -> None:
    trace = recorded(tmp_path)
    lines = trace.read_text().splitlines(keepends=True)
    gone = next(index for index, line in enumerate(lines) if "sync p1" in line)
    trace.write_text("".join(lines[:gone] + lines[gone + 1 :]))
    shown = invoke("replay", str(trace))
    assert shown.exit_code == 1
    assert (
        "the replay diverges: cannot deliver p1 -> coordinator Yes(T1): no Yes(T1) is in flight there" in shown.output
    )
    assert "Possible here:" in shown.output


def test_a_wrong_call_into_the_library_is_told_where_the_user_made_it(tmp_path: Path) -> None:
    story = tmp_path / "story.py"
    story.write_text(FORGETFUL.format(body="ctx.set_timer(verdict, -1.0)"))
    shown = invoke("run", str(story))
    assert shown.exit_code == 1
    assert f"0 <= low <= high <= 1e+09, not low=-1.0, high=-1.0 ({story}, line 8)" in shown.output


def test_a_scenario_that_exits_ends_in_a_sentence(tmp_path: Path) -> None:
    story = tmp_path / "story.py"
    story.write_text("import sys\nsys.exit('bye')\n")
    shown = invoke("run", str(story))
    assert shown.exit_code == 2
    assert f"{story}, line 2: SystemExit: bye" in shown.output


def test_a_file_saved_twice_in_a_second_is_read_as_it_is_now(tmp_path: Path) -> None:
    story = tmp_path / "story.py"
    for sentence in ("once", "anew"):  # alike in length, and the clock of the file system is stopped
        story.write_text(f"raise ValueError('{sentence}')\n")
        os.utime(story, (1, 1))
        assert f"ValueError: {sentence}" in invoke("run", str(story)).output
    assert not list(tmp_path.rglob("__pycache__"))


def test_a_replay_says_from_which_line_on_it_goes_another_way(tmp_path: Path) -> None:
    trace = recorded(tmp_path)
    trace.write_text(trace.read_text().replace("p1 VoteRequest(T1)  |", "p1 VoteRequest(tx=T1, round=1)  |", 1))
    shown = invoke("replay", str(trace))
    assert (
        "another way than recorded: there it was 'deliver coordinator -> p1 VoteRequest(tx=T1, round=1)'"
        in shown.output
    )


def test_an_adversary_may_pick_instead_of_the_script():
    shown = invoke("run", "paxos/duel", "--picker", "flp", "--steps", "150", "--quiet")
    assert shown.exit_code == 0
    assert "decided red" not in shown.output
    assert "decided blue" not in shown.output
    refused = invoke("run", "two-phase-commit/commits", "--picker", "flp", "--quiet")
    assert refused.exit_code == 1
    assert "the adversary finds no way on which two decisions stay possible" in refused.stderr


def test_a_run_tells_what_it_reached_when_asked_to():
    shown = invoke("run", "two-phase-commit/commits", "--quiet", "--coverage")
    assert shown.exit_code == 0
    assert "count_vote: force Commit, cancel VotesOverdue, decide Commit, send Commit" in shown.output
    assert "faults:   none" in shown.output
