"""Apache's own command line (zkCli.sh runs this class) cannot tell our server from Apache's."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import missing, needs
from tests.interop.both import lines_of, on_both
from tests.interop.commands import Dialogue, dialogue
from tests.interop.server import server_process
from tests.serve.apache import JAR

EVERY_OPERATION = (
    *("create /p data", "create -s /p/s- x", "create -e /p/e x", "create -s -e /p/es- x", "create -c /c"),
    *("create -t 60000 /ttl x", "create /p data", "create /no/parent", "stat /p", "get -s /p"),
    *("set -v 0 /p new", "set -v 0 /p newer", "get -w /p", "set /p newest", "ls -s /p", "ls -R /p"),
    *("addWatch -m PERSISTENT /p", "set /p 4", "create /p/child 1", "removewatches /p"),
    *("addWatch -m PERSISTENT_RECURSIVE /p", "set /p/child 2", "delete /p/child", "removewatches /p"),
    *("ls -w /p", "create /p/child 1", "sync /p", "whoami", "addauth digest alice:secret"),
    *("create /hers x auth:alice:secret:cdrwa", "getAcl /hers", "setAcl /hers world:anyone:r", "getAcl -s /hers"),
    *("set /hers mine", "setquota -n 5 /p", "listquota /p", "delquota /p", "getEphemerals", "getAllChildrenNumber /p"),
    *("delete -v 9 /p/child", "delete /p", "deleteall /p", "get /p", "config"),
)


def client_of(port: int) -> tuple[str, ...]:
    """The command line of a client."""
    jvm = needs("java")
    if not JAR.exists():
        missing("needs Apache ZooKeeper: apt install zookeeper")
    quick = ("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
    return jvm, *quick, "-cp", str(JAR), "org.apache.zookeeper.ZooKeeperMain", "-server", f"127.0.0.1:{port}"


def connect(client: Dialogue) -> None:
    client.wait_for("state:SyncConnected type:None")


def test_every_operation_reads_the_same_as_with_apache(tmp_path: Path) -> None:
    def talk(port: int) -> str:
        with dialogue(*client_of(port)) as client:
            connect(client)
            client.say(*EVERY_OPERATION, "quit")
            return client.wait_for("state:Closed type:None")

    expected, heard = on_both(tmp_path, talk)
    assert "Insufficient permission : /hers" in expected
    assert "type:NodeChildrenChanged path:/p" in expected
    assert lines_of(heard) == lines_of(expected)


def test_its_watches_are_restored_after_a_restart_of_the_server(tmp_path: Path) -> None:
    with server_process(tmp_path) as server, dialogue(*client_of(server.port)) as client:
        connect(client)
        client.say("create /p 1", "create -e /mine", "get -w /p", "addWatch /p", "stat -w /later", "create /ready")
        client.wait_for("Created /ready")
        server.restart()
        connect(client)
        client.say("set /p 2", "create /p/child", "create /later", "ls /")
        client.wait_for("type:NodeDataChanged path:/p")
        client.wait_for("type:NodeCreated path:/p/child")
        client.wait_for("[later, mine, p, ready, zookeeper]")


def test_its_ephemerals_go_when_it_is_killed(tmp_path: Path) -> None:
    lines = ("tickTime=200", "maxSessionTimeout=2000")
    with server_process(tmp_path, *lines) as server, dialogue(*client_of(server.port)) as watcher:
        connect(watcher)
        with dialogue(*client_of(server.port)) as killed:
            connect(killed)
            killed.say("create -e /theirs")
            killed.wait_for("Created /theirs")
            watcher.say("stat -w /theirs")
            watcher.wait_for("numChildren = 0")
        watcher.wait_for("type:NodeDeleted path:/theirs")
