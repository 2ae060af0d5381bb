"""Scenarios as plain text: what is written wrong is refused with the file, the line and what is allowed there."""

import re
from pathlib import Path

import pytest

from consensus_lab.lab import stage
from consensus_lab.lab.claims import BadClaim, read_claim
from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.scenario import load_scenario
from consensus_lab.lab.script import ScriptError, read_script
from consensus_lab.lab.stage import Stage
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.sim import World
from consensus_lab.sim.chance import Exponential
from consensus_lab.sim.conditions import STORMY, BadConditions, Conditions, read_conditions
from consensus_lab.sim.pickers import Seeded
from tests.sim.worlds import after

HEADER = "title: T\nprotocol: two-phase-commit\ncast: participants=2\n"
START = HEADER + "\nsubmit coordinator Begin\n"
BEATS = "expected '> narration', 'run [COUNT | for SECONDS s | until CLAIM]', 'expect CLAIM', or a choice: "
CLAIMS = "one is written NODE.FIELD = VALUE | NODE decided [VALUE]"

STAGE_PY = Path(stage.__file__)
WRONG = {
    "an empty file": ("", 1, "the header does not say 'title: ...'"),
    "no title": ("protocol: two-phase-commit\n\n", 1, "the header does not say 'title: ...'"),
    "no protocol": ("title: T\n\n", 1, "the header does not say 'protocol: ...'"),
    "an unknown key": ("title: T\ncolour: red\n\n", 2, "expected one of title:, protocol:, cast:, seed:, conditions:"),
    "no empty line": (HEADER + "submit coordinator Begin\n", 4, "and then an empty line; got 'submit coordinator"),
    "an unknown protocol": ("title: T\nprotocol: two-fase-commit\n\n", 2, "did you mean two-phase-commit"),
    "an unknown parameter": (HEADER.replace("participants=", "people="), 3, "takes participants, variant, unwilling"),
    "a parameter without =": (HEADER.replace("participants=2", "two"), 3, "written NAME=VALUE, got 'two'"),
    "a bad number": (HEADER.replace("=2", "=two"), 3, "participants must be a whole number, not 'two'"),
    "a negative number": (HEADER.replace("=2", "=-1"), 3, "participants must be a whole number, not '-1'"),
    "no participants": (HEADER.replace("=2", "=0"), 3, "participants must be 1 to 100, not 0"),
    "an unknown variant": (HEADER.replace("s=2", "s=2, variant=x"), 3, "variant must be one of presumed-nothing,"),
    "a stranger": (HEADER.replace("s=2", "s=2, unwilling=p9"), 3, "unwilling names p9; participants are p1, p2"),
    "no class": (HEADER.replace("s=2", "s=2, participant=x"), 3, "a class is named FILE.py:CLASS, and 'x' names none"),
    "a class of another kind": (
        HEADER.replace("s=2", f"s=2, participant={STAGE_PY}:Stage"),
        3,
        "stage.py:Stage is no process: its class must inherit from one of the protocol's roles",
    ),
    "no file": (HEADER.replace("s=2", "s=2, participant=no.py:X"), 3, "there is no file no.py"),
    "a bad seed": (HEADER + "seed: soon\n\n", 4, "seed must be a whole number, not 'soon'"),
    "a negative seed": (HEADER + "seed: -1\n\n", 4, "seed must be a whole number, not '-1'"),
    "bad conditions": (HEADER + "conditions: rainy\n\n", 4, "conditions are calm, stormy, "),
    "a probability of 7": (HEADER + "conditions: loss=7\n\n", 4, "not 'loss=7'"),
    "a clock that stands": (HEADER + "conditions: clocks=p1*0\n\n", 4, "not 'clocks=p1*0'"),
    "a factor below 0": (HEADER + "conditions: slow=p1*-1\n\n", 4, "not 'slow=p1*-1'"),
    "time running back": (HEADER + "conditions: latency=uniform:2:1\n\n", 4, "not 'latency=uniform:2:1'"),
    "an unknown slow node": (
        HEADER + "conditions: slow=p9*2\n\n",
        4,
        "conditions name p9; here are coordinator, p1, p2",
    ),
    "an unknown invariant": (HEADER + "invariants: AC9\n\n", 4, "claims no invariant 'AC9'; it claims AC1, AC2, AC3"),
    "a bad verb": (START + "juggle p1\n", 6, BEATS),
    "a verb alone": (START + "crash\n", 6, BEATS),
    "a bad claim": (START + "expect wonders\n", 6, CLAIMS),
    "a bad claim to run to": (START + "run until wonders\n", 6, CLAIMS),
    "a bad number of steps": (START + "run -3\n", 6, BEATS),
    "a bad number of seconds": (START + "run for 1.2.3 s\n", 6, BEATS),
    "seconds without a unit": (START + "run for 2\n", 6, BEATS),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_written_wrong_is_refused_before_anything_is_played(what: str):
    text, line, says = WRONG[what]
    with pytest.raises(ScriptError) as refused:
        read_script(text, "story.txt")
    assert str(refused.value).startswith(f"story.txt, line {line}: "), str(refused.value)
    assert says in str(refused.value)


IMPOSSIBLE = {
    "a choice that cannot be": (
        "deliver p1 -> p2 Yes",
        "no Yes is in flight there. Possible here: deliver coordinator",
    ),
    "an unknown node": ("crash p9", "there is no node p9; here are coordinator, p1, p2"),
    "a choice half written": ("deliver coordinator p1", "it is written 'deliver FROM -> TO MESSAGE'"),
    "an unknown request": ("submit p1 Dance(1)", "no message is named Dance; known are Abort, Ack, AcksOverdue, Begin"),
    "bad fields": ("submit coordinator Begin(1, 2)", "Begin does not take these fields; it is written Begin(tx)"),
    "a field that no message can hold": (
        "submit coordinator Begin([1])",
        "Begin holds a list in its field tx, which could change after it was sent",
    ),
    "an unmet claim": ("expect p1 decided", "expected p1 decided, but p1 is up and decided nothing"),
    "a claim about a stranger": ("expect p9 up", "there is no node p9; here are coordinator, p1, p2"),
    "a claim about no field": (
        "expect p1.lokc = nothing",
        "p1 has no field lokc; it has coordinator, tx, willing, state",
    ),
    "not about no field": ("expect not p1.lokc = T1", "p1 has no field lokc"),
    "a claim about no invariant": ("expect not violated AC9", "no invariant is named AC9; here are AC1, AC2, AC3"),
    "what never comes": (
        "run until p1 decided Commit(T2)",
        "it never came to p1 decided Commit(T2): p1 is up and decided",
    ),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_what_cannot_happen_ends_the_performance_with_its_line_and_the_reason(what: str, tmp_path: Path):
    beat, says = IMPOSSIBLE[what]
    file = tmp_path / "story.txt"
    file.write_text(f"{START}{beat}\n", encoding="utf-8")
    played = load_scenario(str(file)).perform()
    assert played.failure is not None, played.end
    assert played.failure.startswith(f"{file}, line 6: "), played.failure
    assert says in played.failure


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path):
    file = tmp_path / "story.txt"
    file.write_bytes("title: Zu spät".encode("latin-1"))
    with pytest.raises(BadInput, match=r"story\.txt is not text in UTF-8"):
        load_scenario(str(file))


def test_comments_and_blank_lines_are_skipped_and_keep_the_count_of_lines():
    script = read_script(f"# about\n\n{HEADER}# still the header ends here\n\nrun 1 # aside\n\n# no\n  run 2\n", "s")
    assert [(beat.number, beat.text) for beat in script.beats] == [(8, "run 1"), (11, "run 2")]
    assert (script.title, script.seed, script.cast.parameters) == ("T", 1, {})


def test_conditions_are_a_named_set_and_then_changes_to_it():
    assert read_conditions("") == read_conditions("calm") == Conditions()
    assert read_conditions("stormy") == STORMY
    changed = read_conditions(
        "stormy, loss=0.5, most_faults=3, latency=exponential:0.05, slow=p1*2+p2*3, clocks=p1*0.5"
    )
    assert (changed.loss, changed.most_faults, changed.latency) == (0.5, 3, Exponential(0.05))
    assert (changed.slow, changed.clocks, changed.duplication) == ({"p1": 2, "p2": 3}, {"p1": 0.5}, STORMY.duplication)


@pytest.mark.parametrize(
    "word",
    [
        "loss=nan",
        "loss=1_0e-1",
        "loss=0.٥",
        "crash=-1",
        "most_faults=-1",
        "most_faults=٣",
        "most_faults=2000000",
        "latency=heavytail:-1:2",
        "latency=exponential:1e300",
        "latency=exponential:1e999",
        "disk=uniform:a:b",
        "slow=p1*1e300",
        "slow=p1*0",
        "clocks=p1*1e-300",
        "clocks=p1",
    ],
)
def test_conditions_that_make_no_sense_are_refused(word: str):
    with pytest.raises(BadConditions, match=re.escape(f"not '{word}'")):
        read_conditions(word)


# -- claims -----------------------------------------------------------------------------------------------------------

VOTED = after(World.of(cast(2)), "submit coordinator Begin\ndeliver coordinator -> p1 VoteRequest\nsync p1\ncrash p2")


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        ("p1.state = READY", True),
        ("p1.state = ready", True),
        ("p1.state = State.READY", True),
        ("p1.state = INIT", False),
        ("p1.lock = T1", True),
        ("coordinator.verdict = nothing", True),
        ("coordinator.verdict = ∅", True),
        ("coordinator.votes = {}", True),
        ("p2.state = INIT", False),
        ("p2 down", True),
        ("p1 up", True),
        ("p1 undecided", True),
        ("p1 decided", False),
        ("quiet", False),
        ("at rest", False),
        ("not quiet", True),
        ("not not p1 up", True),
        ("violated AC1", False),
    ],
)
def test_a_claim_holds_or_not(claim: str, holds: bool):
    assert read_claim(claim).holds(VOTED) is holds
    assert read_claim(claim).found(VOTED)


@pytest.mark.parametrize("text", ["", "p1", "p1 sleeps", "p1.state", "p1 up today", "p1 undecided Commit(T1)", "not"])
def test_what_is_no_claim_is_told_how_one_is_written(text: str):
    with pytest.raises(BadClaim, match=r"one is written NODE\.FIELD = VALUE"):
        read_claim(text)


def test_a_run_that_never_ends_is_stopped_with_a_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stage, "MOST_STEPS", 200)
    voted = "submit coordinator Begin\nrun until p1.state = READY\ncrash coordinator\n"
    script = read_script(f"{HEADER}\n{voted}run\n", "story.txt")
    with pytest.raises(ScriptError, match=r"line 8: it is still running after 200 steps: say how many steps, or for"):
        script.perform(Stage(script.cast, Seeded(1)))


def test_running_for_a_time_stops_before_what_comes_later():
    played = Stage(cast(2), Seeded(1))
    played.run(seconds=0.03)
    steps = len(played.steps)
    assert steps > 0
    assert played.world.now <= 30_000
    played.run(seconds=0)
    assert len(played.steps) == steps, "what comes next is due later"
    played.run(steps=1)
    assert played.world.now > 30_000


def test_narration_may_speak_of_transaction_number_one_and_a_header_may_hold_comments():
    header = "# a story\ntitle: A story\n# of\nprotocol: two-phase-commit\n"
    text = f"{header}\n> Transaction #1 begins. # yes\nrun 1 # one step\n"
    script = read_script(text, "story.txt")
    assert [beat.text for beat in script.beats] == ["> Transaction #1 begins. # yes", "run 1"]
    assert script.beats[0].number == 6
