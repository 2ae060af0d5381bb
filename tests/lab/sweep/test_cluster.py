"""A sweep on dask.distributed: a real scheduler and real workers on loopback, of which one is killed midway."""

import importlib.util
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from consensus_lab.lab.loading import BadInput
from consensus_lab.lab.sweep import Sweep, Work
from consensus_lab.lab.sweep.cluster import Certificates, Cluster, is_loopback
from consensus_lab.lab.sweep.kinds import played
from tests.conftest import missing, needs

SEEDS = Work("seeds", played("two-phase-commit", "participants=2"))


@pytest.fixture(autouse=True)
def distributed() -> None:
    if importlib.util.find_spec("distributed") is None:
        missing("needs dask.distributed: python -m pip install 'consensus-lab[cluster]'")


@contextmanager
def started(*words: str, saying: str, cwd: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A program of dask, once it has said this, with what that matched; ended when the test is."""
    program = [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]]
    with subprocess.Popen(
        program, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            assert running.stderr is not None
            found = next((match for line in running.stderr if (match := re.search(saying, line))), None)
            assert found, f"dask {words[0]} ended before it said {saying}"
            yield running, found[1]
        finally:
            running.kill()


@contextmanager
def scheduler(cwd: Path, *security: str) -> Iterator[str]:
    local = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show", *security)
    with started("scheduler", *local, saying=r"Scheduler at:\s+(t\w+://\S+)", cwd=cwd) as (_, address):
        yield address


@contextmanager
def worker(address: str, cwd: Path, *security: str) -> Iterator[subprocess.Popen[str]]:
    words = (address, "--host", "127.0.0.1", "--no-nanny", "--nthreads", "1", "--no-dashboard", *security)
    with started("worker", *words, saying=r"Registered to:\s+(\S+)", cwd=cwd) as (running, _):
        yield running


def test_a_worker_that_is_killed_midway_loses_nothing(tmp_path: Path) -> None:
    with scheduler(tmp_path) as address, worker(address, tmp_path) as first, worker(address, tmp_path):
        finished = []

        def kill_the_first(sweep: Sweep) -> None:
            finished.append(sweep.batches)
            if len(finished) == 3:
                os.kill(first.pid, signal.SIGKILL)

        sweep = Sweep(SEEDS, Cluster(address)).run(range(1, 61), batch=2, tell=kill_the_first)
        assert first.wait(timeout=30) == -signal.SIGKILL
    assert sweep.complete
    assert (sweep.tally.done, sweep.batches) == (60, 30)
    assert sweep.tally.counters["survived"] == 60


def test_a_cluster_of_its_own_is_ended_with_the_sweep() -> None:
    sweep = Sweep(SEEDS, Cluster(workers=1)).run(range(1, 5))
    assert sweep.tally.counters["survived"] == 4


def test_a_scheduler_that_speaks_tls_is_spoken_to_with_certificates(tmp_path: Path) -> None:
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    make = [needs("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    make += ["-subj", "/CN=lab", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run(make, check=True, capture_output=True)
    security = ("--tls-ca-file", certificate, "--tls-cert", certificate, "--tls-key", key)
    with scheduler(tmp_path, "--protocol", "tls", *security) as address, worker(address, tmp_path, *security):
        assert address.startswith("tls://")
        trusted = Cluster(address, certificates=Certificates(certificate, certificate, key))
        assert Sweep(SEEDS, trusted).run(range(1, 5)).tally.counters["survived"] == 4


def test_a_scheduler_that_does_not_answer_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consensus_lab.lab.sweep.cluster.PATIENCE", 1)
    with pytest.raises(BadInput, match=r"the scheduler tcp://127\.0\.0\.1:9 cannot be used"):
        Sweep(SEEDS, Cluster("tcp://127.0.0.1:9")).run([1])


def test_another_machine_is_spoken_to_over_tls_or_not_at_all() -> None:
    with pytest.raises(BadInput, match="a scheduler runs what it is sent: speak TLS to it"):
        Cluster("tcp://192.0.2.1:8786")
    with pytest.raises(BadInput, match="is not tls://"):
        Cluster("tcp://192.0.2.1:8786", certificates=Certificates("ca.pem", "cert.pem", "key.pem"))
    assert str(Cluster("tls://192.0.2.1:8786", certificates=Certificates("ca.pem", "cert.pem", "key.pem")))


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("tcp://127.0.0.1:8786", True),
        ("tcp://[::1]:8786", True),
        ("localhost:8786", True),
        ("tcp://localhost.example.org:8786", False),
        ("tcp://192.0.2.1:8786", False),
        ("tls://scheduler:8786", False),
    ],
)
def test_which_addresses_are_this_machine(address: str, here: bool) -> None:
    assert is_loopback(address) is here
