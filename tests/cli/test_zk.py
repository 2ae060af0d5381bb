"""``consensus-lab zk serve``: in the foreground, until it is told to end."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import CreateRequest
from tests.serve.serving import config_in, serving
from tests.serve.wire import OPEN, PATIENCE, Closed, Wire

COMMAND = [sys.executable, "-m", "consensus_lab", "zk", "serve"]
STEPS = "configuration, purge task, statistics, data, network, session tracker, processors, metrics, serving"


def started(folder: Path, *lines: str, **environment: str) -> subprocess.Popen[str]:
    """A server in a process of its own, whose log is read line by line."""
    path = config_in(folder, *lines).path
    return subprocess.Popen([*COMMAND, str(path)], stderr=subprocess.PIPE, text=True, env=environment or None)


def steps_until(process: subprocess.Popen[str], last: str) -> list[str]:
    """What it says it does, up to this step."""
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line.split(" INFO ", 1)[-1].rstrip("\n"))
        if said[-1].startswith(last):
            break
    return said


def port_in(said: list[str]) -> int:
    return next(int(line.split()[3]) for line in said if line.startswith("network: client port"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_and_ends_in_order_and_says_each_step(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path) as process:
        said = steps_until(process, "serving")
        assert [line.split(":")[0] for line in said] == STEPS.split(", ")
        with Wire(port_in(said)) as client:
            client.connect()
            client.send(OpCode.create, CreateRequest("/a", b"", OPEN, 0))
            process.send_signal(number)
            said = steps_until(process, "ended")
            assert process.wait(PATIENCE) == 0
    assert said == ["network and log: closed", "ended"]


def test_what_cannot_start_says_why_and_exits_with_1(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder belongs")
    with started(tmp_path) as process:
        assert "the folder cannot be made: Not a directory" in process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == 1


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("tickTime=fast", "line 6: tickTime is 'fast'; it takes a whole number of at least 1"),
        ("authProvider.1=Mine", "authProvider.N is Mine, which is no scheme here"),
    ],
)
def test_a_wrong_value_is_told_and_exits_with_2(tmp_path: Path, line: str, sentence: str) -> None:
    path = tmp_path / "zoo.cfg"
    path.write_text(f"dataDir={tmp_path}\nclientPort=0\n\n# a comment\n\n{line}\nadmin.enableServer=false\n")
    ended = subprocess.run([*COMMAND, str(path)], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ended.returncode == 2
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_disk_that_is_full_ends_the_server_and_no_acknowledged_write_is_lost(tmp_path: Path) -> None:
    path = str(config_in(tmp_path, "preAllocSize=0").path)
    full = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (50_000, 50_000))  # no file may grow beyond
    acknowledged = 0
    with subprocess.Popen([*COMMAND, path], stderr=subprocess.PIPE, text=True, preexec_fn=full) as process:
        with Wire(port_in(steps_until(process, "serving"))) as client, suppress(Closed):
            client.connect()
            while client.call(OpCode.create, CreateRequest(f"/{acknowledged}", bytes(1000), OPEN, 0))[0].err == 0:
                acknowledged += 1
        assert "the disk refused the log: File too large" in process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == 1
    assert acknowledged > 30
    with serving(tmp_path) as server:
        assert {f"/{number}" for number in range(acknowledged)} <= server.server.tree.nodes.keys()
