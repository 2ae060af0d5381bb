"""Every scenario that is shipped is performed to its end, is the story that was committed, and replays to the same."""

from pathlib import Path

import pytest

from consensus_lab.kernel import invariant
from consensus_lab.lab.catalogue import protocols, scenario_files, scenario_path
from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.replaying import load_trace, replay
from consensus_lab.lab.scenario import Performance, Scenario, load_scenario
from consensus_lab.lab.stage import Stage
from consensus_lab.protocols.two_phase_commit import cast
from tests.conftest import REPO

STORIES = REPO / "tests" / "stories"
NAMES = tuple(scenario_files())


@pytest.fixture(scope="module", params=NAMES)
def performance(request: pytest.FixtureRequest) -> Performance:
    return load_scenario(request.param).perform()


def story(performance: Performance) -> Path:
    return STORIES / f"{performance.scenario.name.replace('/', '__')}.txt"


def test_a_shipped_scenario_is_performed_with_success(performance: Performance):
    assert performance.failure is None
    assert performance.unexpected == ()
    assert performance.succeeded
    assert performance.trace


def test_a_shipped_scenario_is_the_story_that_was_committed(performance: Performance, golden):
    golden(story(performance), performance.text())


def test_no_story_is_left_of_a_scenario_that_is_gone():
    assert {path.stem for path in STORIES.glob("*.txt")} == {name.replace("/", "__") for name in NAMES}


def test_a_shipped_scenario_tells_what_it_is_about(performance: Performance):
    scenario = performance.scenario
    assert scenario.title
    assert scenario.summary
    assert performance.captions, "narrated"
    assert all(sentence.strip() for sentences in performance.captions.values() for sentence in sentences)


def test_a_performance_written_as_a_trace_replays_to_the_same_text(performance: Performance, tmp_path: Path):
    file = tmp_path / "story.trace"
    file.write_text(performance.text(), encoding="utf-8")
    record, cast = load_trace(file)
    replayed = replay(record, cast)
    assert (replayed.diverged, replayed.changed) == (None, None)
    assert replayed.trace.text(record.header, record.captions) == performance.text()


def test_a_performance_is_the_same_each_time(performance: Performance):
    assert load_scenario(performance.scenario.name).perform().text() == performance.text()


def test_every_protocol_of_the_course_that_is_here_has_scenarios():
    assert {name.partition("/")[0] for name in NAMES} == set(protocols())


# -- two forms, one meaning -------------------------------------------------------------------------------------------

AS_TEXT = """title: Both forms
protocol: two-phase-commit
cast: participants=2, unwilling=p2
seed: 5
conditions: slow=p1*3
summary: One story told twice.

> It begins.
submit coordinator Begin
deliver coordinator -> p1 VoteRequest  # by name alone
run 2
run until coordinator decided Abort(T1)
> It ends.
run for 1 s
run
expect quiet
expect p1 decided Abort(T1)
"""

AS_PYTHON = """
from consensus_lab.lab.scenario import scenario
from consensus_lab.protocols.two_phase_commit import cast
from consensus_lab.sim.conditions import Conditions


@scenario(
    "Both forms",
    cast(participants=2, unwilling=("p2",)),
    summary="One story told twice.",
    seed=5,
    conditions=Conditions(slow={"p1": 3.0}),
)
def both(stage):
    stage.say("It begins.")
    stage.take("submit coordinator Begin")
    stage.take("deliver coordinator -> p1 VoteRequest")
    stage.run(steps=2)
    stage.run(until="coordinator decided Abort(T1)")
    stage.say("It ends.")
    stage.run(seconds=1)
    stage.run()
    stage.expect("quiet")
    stage.expect("p1 decided Abort(T1)")
"""


def written(folder: Path, name: str, text: str) -> Scenario:
    (folder / name).write_text(text, encoding="utf-8")
    return load_scenario(str(folder / name))


def test_text_and_python_forms_give_equal_results(tmp_path: Path):
    text, python = written(tmp_path, "01_both.txt", AS_TEXT), written(tmp_path, "01_both.py", AS_PYTHON)
    assert text.perform().succeeded
    assert text.perform().text() == python.perform().text()
    for name in ("title", "summary", "seed", "conditions", "name"):
        assert getattr(text, name) == getattr(python, name)


def test_another_seed_is_another_performance(tmp_path: Path):
    scenario = written(tmp_path, "01_both.txt", AS_TEXT)
    assert scenario.perform(seed=6).text() != scenario.perform().text()
    assert scenario.perform(seed=5).text() == scenario.perform().text()


# -- what goes wrong on the way ---------------------------------------------------------------------------------------


def test_a_failure_says_file_line_and_what_is_the_case_and_keeps_what_was_played(tmp_path: Path):
    text = written(tmp_path, "broken.txt", AS_TEXT.replace("expect quiet", "expect p1 decided Commit(T1)")).perform()
    assert not text.succeeded
    path = tmp_path / "broken.txt"
    assert text.failure == f"{path}, line 16: expected p1 decided Commit(T1), but p1 is up and decided Abort(T1)"
    assert text.trace, "what was played until then is there to be looked at"
    python = written(tmp_path, "broken.py", AS_PYTHON.replace('expect("quiet")', 'take("juggle")')).perform()
    assert python.failure is not None
    line = AS_PYTHON.splitlines().index('    stage.expect("quiet")') + 1
    assert python.failure.startswith(f"{tmp_path / 'broken.py'}, line {line}: cannot read 'juggle'")


@invariant("NEVER", "nobody ever decides")
def nobody_decides(view):
    return f"{view.decisions[0].node} did" if view.decisions else None


def test_a_violation_is_kept_with_its_first_step_and_fails_the_scenario_unless_it_is_announced():
    def commits(stage: Stage) -> None:
        stage.take("submit coordinator Begin")
        stage.run()

    def announced(stage: Stage) -> None:
        commits(stage)
        stage.expect("violated NEVER")

    strict = cast(1).claiming(nobody_decides)
    silent, told = Scenario("t", strict, commits).perform(), Scenario("t", strict, announced).perform()
    assert (silent.succeeded, told.succeeded) == (False, True)
    [(index, violation)] = silent.violations
    assert silent.trace[index].world.decisions
    assert not silent.trace[index - 1].world.decisions
    assert str(violation) == "NEVER (nobody ever decides): refuted, coordinator did"
    assert f"# {violation}\n" in silent.text()


def test_a_rule_that_raises_ends_the_performance_with_a_sentence(tmp_path: Path):
    (tmp_path / "mine.py").write_text(
        "from consensus_lab.protocols.two_phase_commit.participant import Participant\n"
        "class Mine(Participant):\n"
        "    def vote(self, request, ctx):\n"
        "        raise NotImplementedError('what must be on disk first?')\n",
        encoding="utf-8",
    )
    story = AS_TEXT.replace("unwilling=p2", f"participant={tmp_path / 'mine.py'}:Mine")
    played = written(tmp_path, "mine.txt", story).perform()
    assert played.failure is not None
    said = "line 10: p1's rule vote raised NotImplementedError on VoteRequest(T1): what must be on disk first?"
    assert said in played.failure


# -- finding one ------------------------------------------------------------------------------------------------------


def test_a_scenario_is_found_by_its_name_and_by_its_file():
    for name, path in scenario_files().items():
        assert scenario_path(name) == path == scenario_path(str(path))
        assert load_scenario(str(path)).name == name


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (
            "two-phase-commit/comits",
            "there is no scenario 'two-phase-commit/comits', nor a file of that name; did you ",
        ),
        ("zzz", "there are two-phase-commit/commits, "),
        ("nowhere/story.txt", "there is no scenario 'nowhere/story.txt', nor a file of that name"),
        ("", "there is no scenario ''"),
    ],
)
def test_an_unknown_scenario_is_refused_with_what_there_is(name: str, says: str):
    with pytest.raises(BadInput) as refused:
        load_scenario(name)
    assert says in str(refused.value)


@pytest.mark.parametrize("ending", ["", ".md"])
def test_a_file_or_folder_that_is_no_scenario_is_told_what_one_is_called(tmp_path: Path, ending: str):
    file = tmp_path / f"story{ending}"
    file.write_text(AS_TEXT, encoding="utf-8")
    for path in (file, tmp_path):
        with pytest.raises(BadInput, match=r"is no scenario; one is a file that ends in \.txt or \.py"):
            load_scenario(str(path))


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("x = 1\n", "must define one scenario with @scenario(title, cast), and defines 0"),
        ("def broken(:\n", "broken.py, line 1: SyntaxError"),
        ("x = 1\nimport nothing_of_that_name\n", "broken.py, line 2: ModuleNotFoundError"),
        (AS_PYTHON + AS_PYTHON.replace("def both", "def again"), "and defines 2"),
        (
            "from consensus_lab.protocols.two_phase_commit import cast\ncast(0)\n",
            "line 2: ValueError: participants must",
        ),
    ],
)
def test_a_python_file_that_is_no_scenario_is_refused_with_file_and_reason(tmp_path: Path, code: str, says: str):
    with pytest.raises(BadInput) as refused:
        written(tmp_path, "broken.py", code)
    assert str(tmp_path / "broken.py") in str(refused.value)
    assert says in str(refused.value)
