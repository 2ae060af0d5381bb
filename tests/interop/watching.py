"""Whether something becomes of a node, as seen by somebody else: a client of raw frames with one watch."""

from __future__ import annotations

from collections.abc import Callable

from consensus_lab.zookeeper.jute import decode
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import ExistsRequest, WatcherEvent
from tests.serve.wire import Closed, Wire

NODE_DELETED = 2


def watch_node(port: int, path: str) -> Callable[[], tuple[int, str]]:
    """Watch a node that is there. The result, called, waits for the event: (type, path)."""
    client = Wire(port)
    client.connect()
    header, _ = client.call(OpCode.exists, ExistsRequest(path, True))
    assert header.err == 0, f"{path} is not there"

    def event() -> tuple[int, str]:
        with client:
            while not client.events:
                keep_alive(client)
            told = decode(WatcherEvent, client.events[0][16:])
            return told.type, told.path

    return event


def keep_alive(client: Wire) -> None:
    """Ping, and hear what comes before the answer."""
    try:
        client.call(OpCode.ping, xid=-2)
    except Closed:
        raise AssertionError("the watcher's own session ended") from None
