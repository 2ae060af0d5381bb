"""Two-phase commit by processes of the operating system: real sockets, real fsync, real SIGKILL."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from consensus_lab.kernel import Cast
from consensus_lab.lab.cluster import Cluster, ClusterError, default_program, run_on_tcp
from consensus_lab.net.errors import NetError
from consensus_lab.net.events import Ran, Stopped, Up
from consensus_lab.net.journal_format import MAGIC
from consensus_lab.protocols.two_phase_commit import VARIANTS, cast
from consensus_lab.protocols.two_phase_commit.messages import Abort, Begin, Commit
from tests.net.misbehaving import (
    ChattyCoordinator,
    ForgetfulCoordinator,
    MumblingCoordinator,
    SilentCoordinator,
    TwoFacedCoordinator,
)

EVERYBODY = {"coordinator", "p1", "p2"}
DYING_ROLE = (sys.executable, str(Path(__file__).with_name("dying_role.py")))


def silent(line: str) -> None:
    """For a run whose lines nobody reads."""


def deciders(cluster: Cluster) -> Callable[[], bool]:
    return lambda: {node for node, _ in cluster.decisions} == EVERYBODY


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_commits_and_tells_what_happened(variant: str):
    lines: list[str] = []
    decisions = run_on_tcp(cast(variant=variant), report=lines.append).decisions
    assert {node for node, _ in decisions} == EVERYBODY
    assert {value for _, value in decisions} == {Commit("T1")}
    assert any("vote upon VoteRequest(T1) from coordinator" in line for line in lines)
    assert {line.split()[0] for line in lines if line.endswith(" stopped")} == EVERYBODY


def test_one_no_aborts_and_the_no_voter_does_not_wait_to_be_told():
    decisions = run_on_tcp(cast(3, unwilling=["p2"]), report=silent).decisions
    assert {value for _, value in decisions} == {Abort("T1")}
    assert {node for node, _ in decisions} == EVERYBODY | {"p3"}


def test_a_coordinator_killed_between_the_force_and_the_broadcast_keeps_its_decision():
    with Cluster(cast(), programs={"coordinator": DYING_ROLE}) as cluster:
        cluster.submit("coordinator", Begin("T1"))
        assert cluster.await_end("coordinator") == -signal.SIGKILL
        assert cluster.decisions == [], "nobody has heard of it"

        cluster.restart("coordinator")
        cluster.wait_for(deciders(cluster), "everybody decides")
    assert {value for _, value in cluster.decisions} == {Commit("T1")}
    again = [event for event in cluster.events if isinstance(event, Up) and event.recovered]
    assert again == [Up("coordinator", recovered=True, records=1, cut=0)]


def test_what_was_decided_is_decided_alike_after_everybody_was_killed(tmp_path: Path):
    with Cluster(cast(), data=tmp_path) as cluster:
        cluster.submit("coordinator", Begin("T1"))
        cluster.wait_for(deciders(cluster), "everybody decides")
        for address in EVERYBODY:
            cluster.kill(address)
    with Cluster(cast(), data=tmp_path) as cluster:
        cluster.wait_for(lambda: len(cluster.decisions) >= 2, "the participants decide again")
    assert {value for _, value in cluster.decisions} == {Commit("T1")}


def test_a_torn_tail_is_cut_off_and_reported_when_a_role_is_switched_on_again(tmp_path: Path):
    with Cluster(cast(), data=tmp_path) as cluster:
        cluster.kill("p1")
        with (tmp_path / "p1.journal").open("ab") as journal:
            journal.write(b"\0\0\0\x20 half a record")
        cluster.restart("p1")
    assert Up("p1", recovered=True, records=0, cut=18) in cluster.events


def test_a_role_whose_journal_is_corrupt_does_not_start_and_says_why(tmp_path: Path):
    (tmp_path / "p2.journal").write_bytes(MAGIC[:10] + b"?" + MAGIC[11:])
    with pytest.raises(ClusterError, match=r"p2 ended with exit code 1: .*p2\.journal: this is no journal"), \
            Cluster(cast(), data=tmp_path):  # fmt: skip
        pass


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (ForgetfulCoordinator, r"rule count_vote raised KeyError on Yes\(T1\): 'where .*misbehaving\.py, line \d+\)"),
        (MumblingCoordinator, "cannot write <object object.*object is no word here"),
    ],
)
def test_a_rule_that_raises_stops_its_node_with_a_sentence_and_a_non_zero_exit(broken: type, sentence: str):
    with Cluster(cast(coordinator=broken)) as cluster:
        cluster.submit("coordinator", Begin("T1"))
        with pytest.raises(ClusterError, match=f"coordinator ended with exit code 1: coordinator stops: .*{sentence}"):
            cluster.wait_for(deciders(cluster), "everybody decides")
    assert cluster.decisions == []


def test_what_a_rule_prints_is_followed_like_a_note():
    lines: list[str] = []
    decisions = run_on_tcp(cast(coordinator=ChattyCoordinator), report=lines.append).decisions
    assert "coordinator  notes: here I am" in lines
    assert {value for _, value in decisions} == {Commit("T1")}


def test_what_is_left_of_a_run_is_held_to_the_claims_that_can_be_judged_from_it():
    left = run_on_tcp(cast(), report=silent)
    assert left.violations() == ()
    assert [claim.name for claim in left.cast.invariants if left.unseen(claim) is None] == ["AC1", "AC2", "AC3"]
    assert {address: len(left.journal(address)) for address in ("p1", "p2")} == {"p1": 2, "p2": 2}
    assert left.journal("coordinator")[0] == Commit("T1"), "and perhaps that it ended"


def test_a_coordinator_that_says_one_thing_and_decides_another_is_refuted_with_the_witness():
    left = run_on_tcp(cast(coordinator=TwoFacedCoordinator), report=silent)
    told = [str(violation) for violation in left.violations()]
    assert len(told) == 1
    assert told[0].startswith("AC1 (all who decide decide alike): refuted, coordinator decided Abort(T1), but p")


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (SilentCoordinator, "nobody decides anything, not even in a calm simulated world"),
        (ForgetfulCoordinator, "coordinator's rule count_vote raised KeyError on Yes"),
    ],
)
def test_what_would_never_decide_is_refused_before_anybody_is_started(broken: type, sentence: str):
    lines: list[str] = []
    with pytest.raises(ClusterError, match=sentence):
        run_on_tcp(cast(coordinator=broken), report=lines.append)
    assert lines == []


def test_a_file_where_the_user_stands_is_not_what_a_role_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "queue.py").write_text("raise SystemExit('this is the queue of my shop')\n")
    monkeypatch.chdir(tmp_path)
    assert {node for node, _ in run_on_tcp(cast(), report=silent).decisions} == EVERYBODY


def test_waiting_in_vain_ends_with_what_was_waited_for():
    with Cluster(cast()) as cluster, pytest.raises(ClusterError, match="waited 0 s in vain until pigs fly"):
        cluster.wait_for(lambda: False, "pigs fly", timeout=0)


def test_a_client_of_a_role_that_is_down_is_told_so():
    with Cluster(cast()) as cluster:
        cluster.kill("coordinator")
        with pytest.raises(NetError, match="coordinator does not answer on 127"):
            cluster.submit("coordinator", Begin("T1"))


def test_a_cluster_leaves_no_process_and_no_file_behind():
    with Cluster(cast()) as cluster:
        processes = [role.process for role in cluster._roles.values()]
        data = cluster._data
        assert {path.name for path in data.iterdir()} >= {"p1.journal", "p2.journal", "coordinator.journal"}
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert not data.exists()
    assert {event.node for event in cluster.events if event == Stopped(event.node)} == EVERYBODY


def role_command(cast: Cast, tmp_path: Path, *words: str) -> list[str]:
    given = ["--protocol", cast.protocol, "--me", "p1", "--data", str(tmp_path), *words]
    return [*default_program(), *given]


def test_a_role_ends_when_whoever_started_it_is_gone(tmp_path: Path):
    command = role_command(cast(), tmp_path, "--ports", "coordinator=1,p1=0,p2=1")
    ended = subprocess.run(command, input=b"", capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.splitlines()[-1] == b'["()","Stopped","p1",""]'


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--ports", "p1=0", "--cast", "participants=none"], "participants must be a whole number, not 'none'"),
        (["--ports", "p1=0", "--cast", "colour=red"], "not 'colour'"),
        (["--ports", "p1=zero"], "argument --ports"),
    ],
)
def test_a_role_started_with_words_that_make_no_sense_says_so(tmp_path: Path, words: list[str], complaint: str):
    command = role_command(cast(), tmp_path, *words)
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert complaint in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_words_of_a_rule_reach_the_follower_as_messages():
    with Cluster(cast()) as cluster:
        cluster.submit("coordinator", Begin("T1"))
        cluster.wait_for(deciders(cluster), "everybody decides")
    assert Ran("coordinator", "client", Begin("T1"), "request_votes") in cluster.events
