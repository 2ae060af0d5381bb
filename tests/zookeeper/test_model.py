"""Random operations against a naive model: a tree that is a dictionary, and a server that must agree with it.

The disk takes its time, so that some requests are judged while others still wait for it. In the end the log, replayed,
must give the server's tree; and no digest may differ from the one that was logged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE
from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.digest import node_digest, replaced
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import CheckVersionRequest, CreateRequest, DeleteRequest, SetDataRequest
from tests.zookeeper.service import Client, Reply, Service, multi, results

SESSIONS = 2


@dataclass
class Model:
    """A path's (data, version, owner), and how many children each ever had."""

    nodes: dict[str, tuple[bytes, int, int]] = field(default_factory=lambda: {"": (b"", 0, 0)})
    births: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Model:
        return Model(dict(self.nodes), dict(self.births))

    def create(self, path: str, data: bytes, flags: int, session: int) -> int:
        parent = path[: path.rindex("/")]
        if parent not in self.nodes:
            return -101
        if flags in (2, 3):
            path += f"{self.births.get(parent, 0):010d}"
        if path in self.nodes:
            return -110
        if self.nodes[parent][2]:
            return -108
        self.births[parent] = self.births.get(parent, 0) + 1
        self.births[path] = 0
        self.nodes[path] = (data, 0, session if flags in (1, 3) else 0)
        return 0

    def set_data(self, path: str, data: bytes, version: int) -> int:
        if path not in self.nodes:
            return -101
        _, current, owner = self.nodes[path]
        if version not in (-1, current):
            return -103
        self.nodes[path] = (data, current + 1, owner)
        return 0

    def check(self, path: str, version: int) -> int:
        if path not in self.nodes:
            return -101
        return 0 if version in (-1, self.nodes[path][1]) else -103

    def delete(self, path: str, version: int) -> int:
        error = -101 if path[: path.rindex("/")] not in self.nodes else self.check(path, version)
        if not error and any(other.startswith(path + "/") for other in self.nodes):
            error = -111
        if not error:
            del self.nodes[path]
        return error

    def close(self, session: int) -> None:
        self.nodes = {path: node for path, node in self.nodes.items() if node[2] != session}


PATHS = st.sampled_from(["/a", "/a", "/a/a", "/a/a", "/a/b", "/b"])
VERSIONS = st.sampled_from([-1, -1, 0, 1])
DATA = st.binary(max_size=3)
OPERATIONS = st.one_of(
    st.tuples(st.just("create"), PATHS, DATA, st.sampled_from([0, 0, 1, 2, 3])),
    st.tuples(st.just("set_data"), PATHS, DATA, VERSIONS),
    st.tuples(st.just("delete"), PATHS, VERSIONS),
)
MULTI_OPERATIONS = OPERATIONS | st.tuples(st.just("check"), PATHS, VERSIONS)


def request(operation: tuple[Any, ...]) -> tuple[int, Any]:
    """An operation as it is sent."""
    match operation:
        case ("create", path, data, flags):
            return OpCode.create, CreateRequest(path, data, OPEN_ACL_UNSAFE, flags)
        case ("set_data", path, data, version):
            return OpCode.set_data, SetDataRequest(path, data, version)
        case ("delete", path, version):
            return OpCode.delete, DeleteRequest(path, version)
        case (_, path, version):
            return OpCode.check, CheckVersionRequest(path, version)
    raise AssertionError(operation)


class ServerMachine(RuleBasedStateMachine):
    """Two clients ask in turn; the disk takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.service = Service()
        self.clients: list[Client] = [self.service.client() for _ in range(SESSIONS)]
        self.service.slow = True
        self.model = Model()
        self.expected: dict[int, list[list[int]]] = {number: [] for number in range(SESSIONS)}

    def perform(self, model: Model, operation: tuple[Any, ...], number: int) -> int:
        name, *args = operation
        if name == "create":
            args.append(self.clients[number].session_id)
        error: int = getattr(model, name)(*args)
        return error

    @rule(operations=st.lists(OPERATIONS, min_size=1, max_size=8), number=st.integers(0, SESSIONS - 1))
    def ask(self, operations: list[tuple[Any, ...]], number: int) -> None:
        self.expected[number] += [[self.perform(self.model, operation, number)] for operation in operations]
        self.clients[number].send_all(*map(request, operations))

    @rule(operations=st.lists(MULTI_OPERATIONS, max_size=4), number=st.integers(0, SESSIONS - 1))
    def ask_all_or_nothing(self, operations: list[tuple[Any, ...]], number: int) -> None:
        trial, errors = self.model.copy(), []
        for operation in operations:
            errors.append(-2 if any(errors) else self.perform(trial, operation, number))
        if not any(errors):
            self.model = trial
        self.expected[number].append([0, *errors])
        self.clients[number].send(OpCode.multi, multi(*map(request, operations)))

    @rule(count=st.integers(1, 3))
    def sync_some(self, count: int) -> None:
        self.service.sync(min(count, self.service._written))

    @rule(number=st.integers(0, SESSIONS - 1))
    def close(self, number: int) -> None:
        self.sync_all()
        self.model.close(self.clients[number].session_id)
        self.clients[number].send(OpCode.close_session)
        self.service.sync()
        self.service.slow = False
        self.clients[number] = self.service.client()
        self.service.slow = True

    @rule()
    def sync_all(self) -> None:
        """Everything is durable: all answers are there, and the tree is the model's."""
        self.service.sync()
        for number, client in enumerate(self.clients):
            assert [errors_of(reply) for reply in client.replies()] == self.expected[number]
            self.expected[number] = []
        assert {
            path: (node.data, node.version, node.ephemeral_owner)
            for path, node in self.service.tree.walk()
            if not path.startswith("/zookeeper")
        } == self.model.nodes

    @invariant()
    def the_digest_is_the_sum_of_the_nodes(self) -> None:
        assert self.service.tree.digest == digest_of(self.service.tree)

    @invariant()
    def ephemerals_are_known_by_their_sessions(self) -> None:
        owned = {path: node.ephemeral_owner for path, node in self.service.tree.walk() if node.ephemeral_owner}
        known = {path: owner for owner, paths in self.service.tree.ephemerals.items() for path in paths}
        assert known == owned

    def teardown(self) -> None:
        self.sync_all()
        replayed = self.service.replayed()
        assert replayed.mismatches == 0
        assert whole(replayed.tree) == whole(self.service.tree)
        assert replayed.tree.digest == self.service.tree.digest
        assert replayed.sessions == self.service.server.database.sessions


def digest_of(tree: DataTree) -> int:
    total = 0
    for path, node in tree.walk():
        total = replaced(total, 0, node_digest(path, node))
    return total


def whole(tree: DataTree) -> list[tuple[str, bytes]]:
    return [(path, node.encoded_reply()) for path, node in tree.walk()]


MULTI_END = b"\xff\xff\xff\xff\1\xff\xff\xff\xff"


def errors_of(reply: Reply) -> list[int]:
    """The error of a reply, and of each part if it answers a multi: no other body here ends as that does."""
    parts = results(reply.body) if reply.body.endswith(MULTI_END) else []
    return [reply.error, *(error for _, error, _ in parts)]


ServerMachine.TestCase.settings = settings(max_examples=250, stateful_step_count=12)
TestServerAgainstModel = ServerMachine.TestCase
