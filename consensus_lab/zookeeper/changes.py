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
from consensus_lab.zookeeper.digest import node_digest
from consensus_lab.zookeeper.errors import Code, KeeperError
from consensus_lab.zookeeper.numbers import LONG_MASK


class ChangeRecord(DataNode):
    """One node as it will stand after transaction `zxid`, or, if it is `gone`, that it will not.

    Its own children are not in it, only their number; and its list is there in full, for it may not have one yet.
    """

    __slots__ = ("access", "child_count", "gone", "path", "previous", "tree_digest", "zxid")

    tree_digest: int
    """The tree's, after this change."""
    previous: ChangeRecord | None
    """The outstanding change of this path that it hides."""

    def __init__(
        self, zxid: int, path: str, node: DataNode, access: AccessList, child_count: int, *, gone: bool = False
    ) -> None:
        """A copy of `node`, to be changed without it noticing."""
        self.zxid = zxid
        self.path = path
        self.access = access
        self.child_count = child_count
        self.gone = gone
        self.data = node.data
        self.czxid = node.czxid
        self.mzxid = node.mzxid
        self.pzxid = node.pzxid
        self.ctime = node.ctime
        self.mtime = node.mtime
        self.version = node.version
        self.cversion = node.cversion
        self.aversion = node.aversion
        self.ephemeral_owner = node.ephemeral_owner
        self.digest = node.digest


class OutstandingChanges:
    """The changes in their order, and the newest of each path.

    What the tree's digest will be after each is foreseen here, since it is logged with the change. So nobody works it
    out a second time: while these changes are what is applied to the tree, it takes its digests from here.
    """

    def __init__(self, tree: DataTree) -> None:
        self.tree = tree
        self._digests = tree.digests
        tree.digests = False
        self._tree_digest = tree.digest
        self._queue: deque[ChangeRecord] = deque()
        self._newest: dict[str, ChangeRecord] = {}

    def __len__(self) -> int:
        return len(self._queue)

    def __iter__(self) -> Iterator[ChangeRecord]:
        return iter(self._queue)

    @property
    def tree_digest(self) -> int | None:
        """The tree's digest once all of these are applied; None if none is kept."""
        return self._tree_digest if self._digests else None

    def find(self, path: str) -> DataNode | None:
        """What will stand at a path: the newest change of it, or the tree's node. It is not to be changed."""
        record = self._newest.get(path)
        if record is None:
            return self.tree.nodes.get(path)
        return None if record.gone else record

    def get(self, path: str) -> DataNode:
        """The same, raising KeeperError NONODE where nothing will stand."""
        node = self.find(path)
        if node is None:
            raise KeeperError(Code.NONODE)
        return node

    def access_of(self, node: DataNode) -> AccessList:
        """The access control list of what was found."""
        return node.access if isinstance(node, ChangeRecord) else self.tree.acls[node.acl]

    def change(self, zxid: int, path: str, node: DataNode) -> ChangeRecord:
        """A copy of what was found, to be changed and then put."""
        if isinstance(node, ChangeRecord):
            return ChangeRecord(zxid, path, node, node.access, node.child_count)
        return ChangeRecord(zxid, path, node, self.tree.acls[node.acl], len(node.children or ()))

    def put(self, record: ChangeRecord) -> None:
        """One change more. Its digest is still that of the node before it, 0 if there was none."""
        path = record.path
        if self._digests:
            old = record.digest
            record.digest = new = 0 if record.gone else node_digest(path, record)
            record.tree_digest = self._tree_digest = self._tree_digest - old + new & LONG_MASK
        record.previous = self._newest.get(path)
        self._newest[path] = record
        self._queue.append(record)

    def applied(self, zxid: int) -> None:
        """Transaction `zxid` is in the tree: its changes are outstanding no more."""
        queue, newest = self._queue, self._newest
        while queue and queue[0].zxid <= zxid:
            record = queue.popleft()
            path = record.path
            record.previous = None
            if newest[path] is record:
                del newest[path]
            if self._digests:
                self.tree.digest = record.tree_digest
                node = self.tree.nodes.get(path)
                if node is not None:  # it may have gone again within the same transaction
                    node.digest = record.digest

    def roll_back(self, zxid: int) -> None:
        """Transaction `zxid`, the newest, fails after all: what it hid is the newest again."""
        while self._queue and self._queue[-1].zxid == zxid:
            record = self._queue.pop()
            if record.previous is None:
                del self._newest[record.path]
            else:
                self._newest[record.path] = record.previous
        self._tree_digest = self._queue[-1].tree_digest if self._queue else self.tree.digest
