"""Changes that are on their way to the log and not yet applied: so that requests in a row see each other.

A request is judged by the tree as it will be once all requests before it are applied. (Apache: ZooKeeperServer's
ChangeRecord and outstandingChanges; PrepRequestProcessor.getRecordForPath, rollbackPendingChanges.)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from consensus_lab.zookeeper.acl_cache import AccessList
from consensus_lab.zookeeper.data_node import DataNode
from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.digest import node_digest, replaced
from consensus_lab.zookeeper.errors import Code, KeeperError

STANDS = -1
"""The zxid of a record that is no change: what stands in the tree."""


class ChangeRecord:
    """One node as it will stand after transaction `zxid`; its `node` is None if it will be gone."""

    __slots__ = ("acl", "child_count", "node", "path", "previous", "tree_digest", "zxid")

    def __init__(self, zxid: int, path: str, node: DataNode | None, child_count: int, acl: AccessList) -> None:
        self.zxid = zxid
        self.path = path
        self.node = node
        self.child_count = child_count
        self.acl = acl
        self.tree_digest = 0  # after this change
        self.previous: ChangeRecord | None = None  # the outstanding change of this path that it hides


class OutstandingChanges:
    """The changes in their order, and the newest of each path."""

    def __init__(self, tree: DataTree) -> None:
        self.tree = tree
        self._queue: deque[ChangeRecord] = deque()
        self._newest: dict[str, ChangeRecord] = {}

    def __len__(self) -> int:
        return len(self._queue)

    def __iter__(self) -> Iterator[ChangeRecord]:
        return iter(self._queue)

    @property
    def tree_digest(self) -> int:
        """The tree's digest once all of these are applied."""
        return self._queue[-1].tree_digest if self._queue else self.tree.digest

    def find(self, path: str) -> tuple[ChangeRecord, DataNode] | None:
        """What will stand at a path: the record and its node; None if nothing will."""
        record = self._newest.get(path)
        if record is not None:
            return None if record.node is None else (record, record.node)
        node = self.tree.nodes.get(path)
        if node is None:
            return None
        return ChangeRecord(STANDS, path, node, len(node.children or ()), self.tree.acls[node.acl]), node

    def get(self, path: str) -> tuple[ChangeRecord, DataNode]:
        """The same, raising KeeperError NONODE where nothing will stand."""
        found = self.find(path)
        if found is None:
            raise KeeperError(Code.NONODE)
        return found

    def put(self, record: ChangeRecord, old_digest: int) -> None:
        """One change more. `old_digest` is the node's before it, 0 if there was none."""
        path = record.path
        if self.tree.digests:
            node = record.node
            new_digest = 0
            if node is not None:
                new_digest = node.digest = node_digest(path, node)
            record.tree_digest = replaced(self.tree_digest, old_digest, new_digest)
        record.previous = self._newest.get(path)
        self._newest[path] = record
        self._queue.append(record)

    def applied(self, zxid: int) -> None:
        """Transaction `zxid` is in the tree: its changes are outstanding no more."""
        queue, newest = self._queue, self._newest
        while queue and queue[0].zxid <= zxid:
            record = queue.popleft()
            record.previous = None
            if newest[record.path] is record:
                del newest[record.path]

    def roll_back(self, zxid: int) -> None:
        """Transaction `zxid`, the newest, fails after all: what it hid is the newest again."""
        while self._queue and self._queue[-1].zxid == zxid:
            record = self._queue.pop()
            if record.previous is None:
                del self._newest[record.path]
            else:
                self._newest[record.path] = record.previous
