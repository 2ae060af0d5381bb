"""node-zookeeper-client, from npm, cannot tell our server from Apache's, and comes back to it after a restart."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import missing, needs
from tests.interop.both import on_both
from tests.interop.commands import dialogue
from tests.interop.server import server_process
from tests.interop.watching import NODE_DELETED, watch_node

PACKAGE = "node-zookeeper-client@1.1.3"
SCRIPT = Path(__file__).with_name("node_client.js")


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the client was installed."""
    needs("node")
    folder = tmp_path_factory.mktemp("npm")
    command = [needs("npm"), "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE]
    if subprocess.run(command, capture_output=True, timeout=120, check=False).returncode != 0:
        missing(f"needs {PACKAGE}, and npm could not install it: is there a network?")
    return str(folder / "node_modules" / "node-zookeeper-client")


def test_every_operation_reads_the_same_as_with_apache(tmp_path: Path, module: str) -> None:
    def talk(port: int) -> str:
        with dialogue("node", str(SCRIPT), module, str(port)) as client:
            return client.wait_for("\nrestart\n")

    expected, heard = on_both(tmp_path, talk)
    assert "wrong version BAD_VERSION" in expected
    assert "event NODE_DELETED /missing/child" in expected
    assert heard == expected


def test_it_comes_back_after_a_restart_with_its_session_and_its_watches(tmp_path: Path, module: str) -> None:
    with server_process(tmp_path) as server, dialogue("node", str(SCRIPT), module, str(server.port)) as client:
        client.wait_for("\nrestart\n")
        server.restart()
        client.wait_for("state SYNC_CONNECTED")
        client.say("again")
        told = client.wait_for("\nend\n")
        assert "mine version=0" in told
        assert "event NODE_DATA_CHANGED /t" in told


def test_its_ephemerals_go_when_it_is_killed(tmp_path: Path, module: str) -> None:
    with server_process(tmp_path, "tickTime=200", "maxSessionTimeout=1000") as server:
        with dialogue("node", str(SCRIPT), module, str(server.port)) as client:
            client.wait_for("\nrestart\n")
            seen = watch_node(server.port, "/p/e")
        assert seen() == (NODE_DELETED, "/p/e")
