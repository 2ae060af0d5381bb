"""Random sequences of well-formed requests: our server's answers are Apache's, byte for byte.

Two sessions send in turn, each a burst without waiting; whatever either of them hears is compared, watch events among
the replies. Zxids are compared as they are: both servers began empty and were asked the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import (
    ACL,
    AuthPacket,
    CheckVersionRequest,
    CheckWatchesRequest,
    CreateRequest,
    CreateTTLRequest,
    DeleteRequest,
    ExistsRequest,
    GetACLRequest,
    GetAllChildrenNumberRequest,
    GetChildren2Request,
    GetChildrenRequest,
    GetDataRequest,
    GetEphemeralsRequest,
    Id,
    RemoveWatchesRequest,
    SetACLRequest,
    SetDataRequest,
    SetWatches,
    SyncRequest,
)
from tests.interop.twins import Request, Twins, twin_servers
from tests.zookeeper.service import multi

READ_ONLY = (ACL(1, Id("world", "anyone")),)
ALICE = (ACL(31, Id("digest", "alice:aYXlLOpEooaV1cRAvUL1fp9Qt7E=")),)
AUTH = (ACL(31, Id("auth", "")),)
WRONG = (ACL(31, Id("nonsense", "x")),)
ROOTS = itertools.count()


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    with twin_servers(tmp_path_factory.mktemp("twins"), "extendedTypesEnabled=true") as both:
        yield both


NAMES = st.sampled_from(["/a", "/a", "/a/b", "/a/b/c", "/d", "/d/", "/a//b", "/.", "", "/e"])
VERSIONS = st.sampled_from([-1, -1, -1, 0, 1, 2])
DATA = st.none() | st.binary(max_size=5)
ACLS = st.sampled_from([OPEN_ACL_UNSAFE, OPEN_ACL_UNSAFE, OPEN_ACL_UNSAFE, READ_ONLY, ALICE, AUTH, WRONG, (), None])
FLAGS = st.sampled_from([0, 0, 0, 1, 2, 3, 4, 7])
TTLS = st.sampled_from([1 << 30, 1 << 30, 0, -1, 1 << 41])
WATCH = st.booleans()
SOME = st.lists(NAMES, max_size=3).map(tuple)

WRITES = st.one_of(
    st.tuples(st.just(OpCode.create), st.builds(CreateRequest, NAMES, DATA, ACLS, FLAGS)),
    st.tuples(st.just(OpCode.set_data), st.builds(SetDataRequest, NAMES, DATA, VERSIONS)),
    st.tuples(st.just(OpCode.delete), st.builds(DeleteRequest, NAMES, VERSIONS)),
)
OTHER_CREATES = st.one_of(
    st.tuples(st.just(OpCode.create2), st.builds(CreateRequest, NAMES, DATA, ACLS, FLAGS)),
    st.tuples(st.just(OpCode.create_container), st.builds(CreateRequest, NAMES, DATA, ACLS, st.just(4))),
    st.tuples(
        st.just(OpCode.create_ttl), st.builds(CreateTTLRequest, NAMES, DATA, ACLS, st.sampled_from([5, 6]), TTLS)
    ),
)
READS = st.one_of(
    st.tuples(st.just(OpCode.get_data), st.builds(GetDataRequest, NAMES, WATCH)),
    st.tuples(st.just(OpCode.exists), st.builds(ExistsRequest, NAMES, WATCH)),
    st.tuples(st.just(OpCode.get_children), st.builds(GetChildrenRequest, NAMES, WATCH)),
    st.tuples(st.just(OpCode.get_children2), st.builds(GetChildren2Request, NAMES, WATCH)),
    st.tuples(st.just(OpCode.get_acl), st.builds(GetACLRequest, NAMES)),
    st.tuples(st.just(OpCode.get_all_children_number), st.builds(GetAllChildrenNumberRequest, NAMES)),
    st.tuples(st.just(OpCode.get_ephemerals), st.builds(GetEphemeralsRequest, NAMES)),
)
SELDOM = st.one_of(
    st.tuples(st.just(OpCode.set_acl), st.builds(SetACLRequest, NAMES, ACLS, VERSIONS)),
    st.tuples(st.just(OpCode.sync), st.builds(SyncRequest, NAMES)),
    st.tuples(st.just(OpCode.ping), st.none()),
    st.tuples(st.just(OpCode.set_watches), st.builds(SetWatches, st.sampled_from([0, 1 << 40]), SOME, SOME, SOME)),
    st.tuples(st.just(OpCode.check_watches), st.builds(CheckWatchesRequest, NAMES, st.sampled_from([1, 2, 3, 9]))),
    st.tuples(st.just(OpCode.remove_watches), st.builds(RemoveWatchesRequest, NAMES, st.sampled_from([1, 2, 3, 9]))),
)
CHECKS = st.tuples(st.just(OpCode.check), st.builds(CheckVersionRequest, NAMES, VERSIONS))
PARTS = CHECKS | WRITES.filter(lambda part: getattr(part[1], "flags", 0) != 7)  # 3.8 says otherwise what is wrong there
READ_PARTS = st.one_of(
    st.tuples(st.just(OpCode.get_data), st.builds(GetDataRequest, NAMES, WATCH)),
    st.tuples(st.just(OpCode.get_children), st.builds(GetChildrenRequest, st.just("/missing"), WATCH)),
)
MULTIS = st.one_of(
    st.tuples(st.just(OpCode.multi), st.lists(PARTS, max_size=4)),
    st.tuples(st.just(OpCode.multi_read), st.lists(READ_PARTS, max_size=4)),
)
BURST = st.lists(st.one_of(WRITES, WRITES, READS, READS, OTHER_CREATES, SELDOM, MULTIS), min_size=1, max_size=6)
AUTH_ALONE = st.just([(OpCode.auth, AuthPacket(0, "digest", b"alice:secret"))])  # Apache's answer may overtake others
STORY = st.lists(st.tuples(st.integers(0, 1), st.one_of(BURST, BURST, BURST, AUTH_ALONE)), min_size=1, max_size=8)


def under(root: str, request: Request) -> Request:
    """The same request with its paths below `root`, which no other story uses."""
    op, record = request
    if isinstance(record, list):
        return op, multi(*(under(root, part) for part in record))
    if hasattr(record, "path"):
        return op, type(record)(**{**fields_of(record), "path": root + record.path})
    if isinstance(record, SetWatches):
        watches = (record.data_watches, record.exist_watches, record.child_watches)
        return op, SetWatches(record.relative_zxid, *(tuple(root + path for path in paths) for paths in watches))
    if isinstance(record, GetEphemeralsRequest):
        return op, GetEphemeralsRequest(root)
    return op, record


def fields_of(record: object) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


@settings(max_examples=300)
@given(STORY)
def test_random_stories_read_the_same_byte_for_byte(twins: Twins, story: list[tuple[int, list[Request]]]) -> None:
    root = f"/story{next(ROOTS)}"
    opening = [(OpCode.create, CreateRequest(root, b"", OPEN_ACL_UNSAFE, 0))]
    with twins.connected(2) as (theirs, ours):
        assert ours.say(0, opening) == theirs.say(0, opening)
        for number, burst in story:
            requests = [under(root, request) for request in burst]
            expected = theirs.say(number, requests)
            assert ours.say(number, requests) == expected, requests
