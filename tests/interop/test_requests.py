"""Random requests, well formed and not, said to Apache's server and to ours: the answers are the same, byte for byte.

Ours is the pure server, in this process. What differs between any two runs is blanked: times, and the sessions that own
nodes. Apache keeps children in a hash table and we in the order they came, so names are put in order. Where 3.8, which
Debian has, answers otherwise than 3.9, whose answers ours are, nothing is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from consensus_lab.zookeeper.acl import DigestProvider, IpProvider
from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE, READ_ACL_UNSAFE
from consensus_lab.zookeeper.framing import framed
from consensus_lab.zookeeper.jute import InputArchive, encode
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import (
    ACL,
    AuthPacket,
    CheckVersionRequest,
    CheckWatchesRequest,
    Create2Response,
    CreateRequest,
    CreateTTLRequest,
    DeleteRequest,
    ExistsRequest,
    GetACLRequest,
    GetACLResponse,
    GetAllChildrenNumberRequest,
    GetChildren2Response,
    GetChildrenResponse,
    GetDataRequest,
    GetDataResponse,
    GetEphemeralsRequest,
    GetEphemeralsResponse,
    Id,
    ReconfigRequest,
    RemoveWatchesRequest,
    RequestHeader,
    SetACLRequest,
    SetDataRequest,
    SetWatches,
    Stat,
    SyncRequest,
    WhoAmIResponse,
)
from consensus_lab.zookeeper.settings import Settings
from tests.serve.apache import apache
from tests.serve.wire import Wire
from tests.zookeeper.service import Client, Service, multi

SUPER_DIGEST = "super:D/InIHSb7yEEbrWz8b9l71RjZJU="

# -- what is asked -----------------------------------------------------------------------------------------------------

PATHS = st.sampled_from(["/a", "/a", "/a/b", "/a/b", "/a/b/c", "/d", "/q-", "/a/q-", "/a/", "//a", "/a/.."])
ODD_PATHS = PATHS | st.sampled_from(["", "/", "a", "/\0", "/zookeeper/config", "/zookeeper", "/a\x01", "/\U0001f600"])
DATA = st.none() | st.binary(max_size=5)
VERSIONS = st.sampled_from([-1, -1, 0, 1, 2])
FLAGS = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 7, -1])
ENTRIES = st.builds(
    ACL,
    st.sampled_from([1, 3, 31, 0]),
    st.sampled_from(
        [
            Id("world", "anyone"),
            Id("world", "all"),
            Id("auth", ""),
            Id("digest", "joe:x"),
            Id("digest", "nonsense"),
            Id("ip", "127.0.0.0/8"),
            Id("ip", "10.0.0.1"),
            Id("ip", "300.0.0.1"),
            Id("super", ""),
            Id("nosuch", "x"),
        ]
    ),
)
LISTS = st.one_of(
    st.just(OPEN_ACL_UNSAFE),
    st.just(OPEN_ACL_UNSAFE),
    st.sampled_from([None, (), READ_ACL_UNSAFE]),
    st.lists(ENTRIES, max_size=3).map(tuple),
)
CREATES = st.builds(CreateRequest, ODD_PATHS, DATA, LISTS, FLAGS)
OPEN_CREATES = st.builds(CreateRequest, PATHS, DATA, st.just(OPEN_ACL_UNSAFE), st.sampled_from([0, 0, 1, 2]))
DELETES = st.builds(DeleteRequest, ODD_PATHS, VERSIONS)
SETS = st.builds(SetDataRequest, ODD_PATHS, DATA, VERSIONS)
CHECKS = st.builds(CheckVersionRequest, ODD_PATHS, VERSIONS)
READS = st.builds(GetDataRequest, ODD_PATHS, st.booleans())
SOME = st.lists(PATHS, max_size=3).map(tuple)


def asked(type: int, records: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[int, bytes]]:
    return records.map(lambda record: (int(type), record if isinstance(record, bytes) else encode(record)))


PARTS = st.one_of(
    st.tuples(st.just(OpCode.create), CREATES.filter(lambda record: 0 <= record.flags <= 4)),
    st.tuples(st.just(OpCode.create), OPEN_CREATES),
    st.tuples(st.just(OpCode.delete), DELETES),
    st.tuples(st.just(OpCode.set_data), SETS),
    st.tuples(st.just(OpCode.check), CHECKS),
    st.tuples(st.just(OpCode.create_container), CREATES.map(lambda record: replace(record, flags=4))),
)
READING_PARTS = st.tuples(st.sampled_from([OpCode.get_data, OpCode.get_children]), READS)
WELL_FORMED = st.one_of(
    asked(OpCode.create, OPEN_CREATES),
    asked(OpCode.create, CREATES),
    asked(OpCode.create2, CREATES),
    asked(OpCode.create_container, CREATES.map(lambda record: replace(record, flags=4))),
    asked(OpCode.create_ttl, st.builds(CreateTTLRequest, PATHS, DATA, LISTS, st.just(5), st.just(1000))),
    asked(OpCode.delete, DELETES),
    asked(OpCode.set_data, SETS),
    asked(OpCode.exists, st.builds(ExistsRequest, ODD_PATHS, st.booleans())),
    asked(OpCode.get_data, READS),
    asked(OpCode.get_children, READS),
    asked(OpCode.get_children2, READS),
    asked(OpCode.get_acl, st.builds(GetACLRequest, ODD_PATHS)),
    asked(OpCode.set_acl, st.builds(SetACLRequest, PATHS, LISTS, VERSIONS)),
    asked(OpCode.get_all_children_number, st.builds(GetAllChildrenNumberRequest, ODD_PATHS)),
    asked(OpCode.get_ephemerals, st.builds(GetEphemeralsRequest, ODD_PATHS)),
    asked(OpCode.sync, st.builds(SyncRequest, ODD_PATHS)),
    asked(OpCode.multi, st.lists(PARTS, max_size=4).map(lambda parts: multi(*parts))),
    asked(OpCode.multi_read, st.lists(READING_PARTS, max_size=3).map(lambda parts: multi(*parts))),
    asked(OpCode.multi, st.lists(PARTS | READING_PARTS, max_size=3).map(lambda parts: multi(*parts))),
    asked(OpCode.set_watches, st.builds(SetWatches, st.sampled_from([0, 2**40]), SOME, SOME, SOME)),
    asked(OpCode.check_watches, st.builds(CheckWatchesRequest, PATHS, st.sampled_from([1, 2, 3, 9]))),
    asked(OpCode.remove_watches, st.builds(RemoveWatchesRequest, PATHS, st.sampled_from([1, 2, 3, 9]))),
    asked(OpCode.ping, st.just(b"")),
    asked(OpCode.who_am_i, st.just(b"")),
    asked(OpCode.auth, st.builds(AuthPacket, st.just(0), st.just("digest"), st.just(b"joe:x"))),
    asked(OpCode.reconfig, st.builds(ReconfigRequest, st.none(), st.none(), st.just("server.1=a"), st.just(-1))),
)
MALFORMED = st.builds(
    lambda request, cut: (request[0], request[1][:cut]),
    WELL_FORMED.filter(lambda request: request[0] not in (OpCode.auth, OpCode.reconfig)),
    st.integers(0, 12),
)
REQUESTS = st.lists(st.one_of(WELL_FORMED, WELL_FORMED, WELL_FORMED, MALFORMED), min_size=1, max_size=25)

# -- what is compared --------------------------------------------------------------------------------------------------

BODIES: dict[int, type] = {
    OpCode.exists: Stat,
    OpCode.set_data: Stat,
    OpCode.set_acl: Stat,
    OpCode.get_data: GetDataResponse,
    OpCode.get_children: GetChildrenResponse,
    OpCode.get_children2: GetChildren2Response,
    OpCode.get_acl: GetACLResponse,
    OpCode.get_ephemerals: GetEphemeralsResponse,
    OpCode.create2: Create2Response,
    OpCode.create_container: Create2Response,
    OpCode.who_am_i: WhoAmIResponse,
}


def blanked(type: int, body: bytes) -> Any:
    """The body without what differs between any two runs; as it is where it holds nothing of that kind."""
    cls = BODIES.get(type)
    if body and type in (OpCode.multi, OpCode.multi_read):
        return blanked_parts(body)
    if cls is None or not body:
        return body
    archive = InputArchive(body)
    record = archive.read_record(cls)
    assert archive.rest == 0
    return blank(record)


def blank(record: Any) -> Any:
    if isinstance(record, Stat):
        return replace(record, ctime=0, mtime=0, ephemeral_owner=min(1, record.ephemeral_owner))
    if hasattr(record, "children"):
        record = replace(record, children=tuple(sorted(record.children)))
    if hasattr(record, "client_info"):
        record = replace(record, client_info=tuple(sorted(record.client_info, key=encode)))
    if hasattr(record, "ephemerals"):
        record = replace(record, ephemerals=tuple(sorted(record.ephemerals)))
    return replace(record, stat=blank(record.stat)) if hasattr(record, "stat") else record


def blanked_parts(body: bytes) -> list[tuple[int, Any]]:
    """The results of a multi, each blanked. 3.8 answers a create2 as a create, and with no Stat."""
    archive, parts = InputArchive(body), []
    while True:
        type, done, error = archive.read_int(), archive.read_boolean(), archive.read_int()
        if done:
            return [*parts, (type, error)]
        parts.append((type, error, part_body(archive, type)))


def part_body(archive: InputArchive, type: int) -> Any:
    match type:
        case -1:
            return archive.read_int()
        case 1:
            return archive.read_ustring()
        case 2 | 13:
            return None
        case _:
            return blank(archive.read_record(PART_BODIES[type]))


PART_BODIES: dict[int, type] = {4: GetDataResponse, 5: Stat, 8: GetChildrenResponse, 15: Create2Response}


class Both:
    """One server of each kind. What is done to one is done to the other, and each says the same of it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.service = Service(Settings(providers={"ip": IpProvider(), "digest": DigestProvider(SUPER_DIGEST)}))

    def play(self, requests: list[tuple[int, bytes]]) -> None:
        """A session in which this is asked, and at its end nothing is left of what was made."""
        with Wire(self.port) as theirs:
            theirs.connect()
            ours = self.service.client(timeout=30_000, address="127.0.0.1")
            for xid, request in enumerate(requests, 1):
                self.ask(theirs, ours, xid, request)
            self.ask(theirs, ours, -4, (OpCode.auth, encode(AuthPacket(0, "digest", b"super:test"))))
            for path in sorted(self.service.tree.nodes, key=len, reverse=True):
                if path not in ("", "/") and not path.startswith("/zookeeper"):
                    self.ask(theirs, ours, 1, (OpCode.delete, encode(DeleteRequest(path, -1))))
            self.ask(theirs, ours, 1, (OpCode.close_session, b""))

    def ask(self, theirs: Wire, ours: Client, xid: int, request: tuple[int, bytes]) -> None:
        """Ask both, and hold the answers and the events before them together."""
        type, record = request
        payload = encode(RequestHeader(xid, type)) + record
        theirs.events.clear()
        theirs.send_frame(payload)
        header, body = theirs.reply()
        self.service.receive(ours, framed(payload))
        *events, reply = ours.replies()
        what = f"{OpCode(type).name} {record!r}"
        assert (reply.xid, reply.zxid, reply.error) == (header.xid, header.zxid, header.err), what
        assert blanked(type, reply.body) == blanked(type, body), what
        assert [event.body for event in events] == [frame[16:] for frame in theirs.events], what


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("apache")
    with apache(folder, f"DigestAuthenticationProvider.superDigest={SUPER_DIGEST}", "tickTime=3000") as server:
        yield Both(server.port)


@settings(max_examples=200, phases=[Phase.generate])  # no shrinking: after one difference the servers differ
@given(requests=REQUESTS)
def test_every_request_is_answered_as_apaches_server_answers_it(both: Both, requests: list[tuple[int, bytes]]) -> None:
    both.play(requests)
