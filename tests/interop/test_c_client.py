"""The C client (cli_mt of Debian's zookeeper-bin) cannot tell our server from Apache's."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import missing
from tests.interop.both import lines_of, on_both
from tests.interop.commands import Dialogue, dialogue
from tests.interop.server import server_process

CLI = Path("/usr/lib/zookeeper/bin/cli_mt")

EVERY_OPERATION = (
    *("create /a", "create +e /ephemeral", "create +s /a/s-", "delete /a/s-0000000000", "create +es /a/s-"),
    *("create +c /container", "create +t=60000 /ttl", "create2 /b", "create /a", "create /no/parent"),
    *("get /a", "set /a new", "get /a", "ls /a", "ls2 /a", "exists /a", "exists /c"),
    *("wexists /later", "create /later", "set /later seen", "set /missing x"),
    *("sync /a", "delete /b", "delete /a", "ls /missing", "addauth digest u:p", "delete /later"),
)


def client_of(port: int) -> tuple[str, str]:
    """The command line of a client."""
    if not CLI.exists():
        missing("needs the C client: apt install zookeeper-bin")
    return str(CLI), f"127.0.0.1:{port}"


def connect(client: Dialogue) -> None:
    """The first time it also says which session it has; what it says afterwards is what it was asked for."""
    client.wait_for("SESSION_EVENT state = CONNECTED_STATE")
    fence(client, "connected")


def fence(client: Dialogue, name: str) -> str:
    """Everything up to the answer to one last request: answers come in order."""
    client.say(f"delete /{name}")
    return client.wait_for(f"/{name}: rc = -101")


def test_every_operation_reads_the_same_as_with_apache(tmp_path: Path) -> None:
    def talk(port: int) -> str:
        with dialogue(*client_of(port)) as client:
            connect(client)
            client.say(*EVERY_OPERATION)
            return fence(client, "end")

    expected, heard = on_both(tmp_path, talk)
    assert "rc = -110" in expected
    assert "CREATED_EVENT" in expected
    assert lines_of(heard) == lines_of(expected)


def test_its_watches_are_restored_after_a_restart_of_the_server(tmp_path: Path) -> None:
    with server_process(tmp_path) as server, dialogue(*client_of(server.port)) as client:
        connect(client)
        client.say("create /a", "create +e /mine", "get /a", "wexists /later")
        fence(client, "before")
        server.restart()
        connect(client)
        client.say("set /a new", "create /later", "exists /mine")
        after = fence(client, "after")
        assert "CHANGED_EVENT state = CONNECTED_STATE for path /a" in after
        assert "CREATED_EVENT state = CONNECTED_STATE for path /later" in after
        assert "Error -101 for /mine" not in after


def test_its_ephemerals_go_when_it_is_killed(tmp_path: Path) -> None:
    lines = ("tickTime=200", "maxSessionTimeout=1000")
    with server_process(tmp_path, *lines) as server, dialogue(*client_of(server.port)) as watcher:
        connect(watcher)
        with dialogue(*client_of(server.port)) as killed:
            connect(killed)
            killed.say("create +e /theirs")
            fence(killed, "held")
            watcher.say("wexists /theirs")
            fence(watcher, "watching")
        watcher.wait_for("DELETED_EVENT state = CONNECTED_STATE for path /theirs")
