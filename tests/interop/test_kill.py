"""kill -9 at random moments under load: nothing acknowledged is lost, nothing half done, and ephemerals are right.

Every round has a parent node of its own. Three clients write below it in bursts, among them pairs that must both be
there or neither; the server is killed when so many answers have come, and started again over the same folder. Snapshots
are taken often, so that many a kill hits one.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE
from consensus_lab.zookeeper.jute import decode
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import (
    ConnectRequest,
    CreateRequest,
    ExistsRequest,
    ExistsResponse,
    GetChildrenRequest,
    GetChildrenResponse,
)
from tests.interop.server import ServerProcess, server_process
from tests.interop.twins import request_frame
from tests.serve.wire import Closed, Wire
from tests.zookeeper.service import multi

ROUNDS = 200
CLIENTS = 3
BURST = 10
MOST_ANSWERS = 120
SESSION = 30_000  # ms: longer than any restart takes
PATIENCE = 60.0  # seconds


def create(path: str, flags: int = 0) -> CreateRequest:
    return CreateRequest(path, b"", OPEN_ACL_UNSAFE, flags)


class Writer(threading.Thread):
    """A client that writes until the server is gone. `acknowledged` are the names that it was told are there."""

    def __init__(self, port: int, parent: str, name: str, told: Told) -> None:
        super().__init__()
        self.parent, self.letter, self.told = parent, name, told
        self.acknowledged: set[str] = set()
        self.wire = Wire(port)
        self.session = self.wire.connect(ConnectRequest(0, 0, SESSION, 0, bytes(16), False))

    def requests(self) -> Iterator[tuple[set[str], int, object]]:
        """What it asks for, and which names are there once it is done: an ephemeral first, then singles and pairs."""
        yield {f"{self.letter}-mine"}, OpCode.create, create(f"{self.parent}/{self.letter}-mine", flags=1)
        for number in range(10**9):
            single, left, right = (f"{self.letter}{number}{kind}" for kind in ("", "-left", "-right"))
            yield {single}, OpCode.create, create(f"{self.parent}/{single}")
            pair = [(OpCode.create, create(f"{self.parent}/{name}")) for name in (left, right)]
            yield {left, right}, OpCode.multi, multi(*pair)

    def run(self) -> None:
        asked = self.requests()
        try:
            while True:
                burst = [next(asked) for _ in range(BURST)]
                for xid, (_, op, record) in enumerate(burst):
                    self.wire.send_frame(request_frame(xid, op, record))
                for names, _, _ in burst:
                    header, _ = self.wire.reply()
                    assert header.err == 0
                    self.acknowledged |= names
                    self.told.one_more()
        except (Closed, ConnectionError):
            self.wire.socket.close()


class Told:
    """Counts answers, and lets somebody wait until there are so many."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._lock = threading.Lock()
        self._enough = threading.Event()

    def one_more(self) -> None:
        with self._lock:
            self._wanted -= 1
        if self._wanted <= 0:
            self._enough.set()

    def wait(self) -> None:
        assert self._enough.wait(PATIENCE), "the server did not answer so often"


def test_two_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    chance = random.Random(7)
    kept: dict[str, set[str]] = {}
    with server_process(tmp_path, "snapCount=500", "autopurge.purgeInterval=0") as server:
        for number in range(ROUNDS):
            parent = f"/round{number}"
            writers = write_until_killed(server, parent, chance.randint(1, MOST_ANSWERS))
            server.start()
            with Wire(server.port) as reader:
                reader.connect()
                kept[parent] = check_round(reader, parent, writers)
                check_earlier(reader, kept, chance.choice(list(kept)))
                check_ephemerals(server, reader, parent, writers)
        with Wire(server.port) as reader:
            reader.connect()
            for parent in kept:
                check_earlier(reader, kept, parent)


def write_until_killed(server: ServerProcess, parent: str, answers: int) -> list[Writer]:
    told = Told(answers)
    with Wire(server.port) as setter:
        setter.connect()
        setter.call(OpCode.create, create(parent))
    writers = [Writer(server.port, parent, letter, told) for letter in "abc"[:CLIENTS]]
    for writer in writers:
        writer.start()
    told.wait()
    server.kill()
    for writer in writers:
        writer.join(PATIENCE)
        assert not writer.is_alive()
    return writers


def check_round(reader: Wire, parent: str, writers: list[Writer]) -> set[str]:
    """What was acknowledged is there, and no pair is half there. Returns the names that will stay."""
    there = children(reader, parent)
    for writer in writers:
        assert writer.acknowledged <= there, f"lost below {parent}: {sorted(writer.acknowledged - there)[:5]}"
    halves = {name.rpartition("-")[0] for name in there if name.endswith(("-left", "-right"))}
    assert all({f"{half}-left", f"{half}-right"} <= there for half in halves)
    return {name for name in there if not name.endswith("-mine")}


def check_earlier(reader: Wire, kept: dict[str, set[str]], parent: str) -> None:
    assert {name for name in children(reader, parent) if not name.endswith("-mine")} == kept[parent]


def check_ephemerals(server: ServerProcess, reader: Wire, parent: str, writers: list[Writer]) -> None:
    """They are their session's, and go with it: each client comes back to its session, and ends it."""
    for writer in writers:
        mine = f"{parent}/{writer.letter}-mine"
        header, body = reader.call(OpCode.exists, ExistsRequest(mine, False))
        if header.err == 0:
            assert decode(ExistsResponse, body).stat.ephemeral_owner == writer.session.session_id
        with Wire(server.port) as back:
            back.connect(ConnectRequest(0, 0, SESSION, writer.session.session_id, writer.session.passwd, False))
            back.call(OpCode.close_session)
        assert reader.call(OpCode.exists, ExistsRequest(mine, False))[0].err == -101


def children(reader: Wire, path: str) -> set[str]:
    header, body = reader.call(OpCode.get_children, GetChildrenRequest(path, False))
    assert header.err == 0, f"{path} is gone"
    return set(decode(GetChildrenResponse, body).children)
