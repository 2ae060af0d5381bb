"""The tree of nodes, and what a transaction does to it. (Apache: DataTree.java.)

Nothing is judged here: that a request may do what it asks was found out before its transaction was logged. A change
may come twice, for a snapshot is taken while the tree goes on changing and the log is replayed over it; so each
method here says what it does where its work is done already. Watches are triggered here, where changes happen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from consensus_lab.zookeeper.acl_cache import READ_ACL_UNSAFE, AccessList, ReferenceCountedACLCache
from consensus_lab.zookeeper.data_node import DataNode
from consensus_lab.zookeeper.digest import node_digest, replaced
from consensus_lab.zookeeper.ephemeral_type import EphemeralType, type_of
from consensus_lab.zookeeper.errors import Code, KeeperError
from consensus_lab.zookeeper.opcodes import EventType
from consensus_lab.zookeeper.paths import CONFIG, PROC, QUOTA, ROOT, split
from consensus_lab.zookeeper.quota import LIMIT_NODE, STAT_NODE, QuotaPaths, StatsTrack, stat_path
from consensus_lab.zookeeper.records import StatPersisted
from consensus_lab.zookeeper.watches import WatchManager

NEVER = StatPersisted(0, 0, 0, 0, 0, 0, 0, 0, 0)
"""The Stat of the nodes that no transaction made."""


class DataTree:
    """All nodes by path; the root under "/" and under "". Who is ephemeral, a container or has a TTL is kept beside.

    `digests`: whether a change works out the tree's digest here. `extended`: whether there are nodes with a TTL.
    """

    def __init__(self, *, digests: bool = True, extended: bool = False) -> None:
        self.digests = digests
        self.extended = extended
        self.data_watches = WatchManager()
        self.child_watches = WatchManager()
        self.last_processed_zxid = 0
        self.clear()
        for path in ("", PROC, QUOTA, CONFIG):
            self.restore(path, DataNode.restored(b"", self.acls.use(None), NEVER))
        self.set_acl(CONFIG, READ_ACL_UNSAFE, -1)

    def clear(self) -> None:
        """Forget every node, to be told them by `restore`."""
        self.nodes: dict[str, DataNode] = {}
        self.acls = ReferenceCountedACLCache()
        self.ephemerals: dict[int, dict[str, None]] = {}  # paths by session
        self.containers: dict[str, None] = {}
        self.ttls: dict[str, None] = {}
        self.quotas = QuotaPaths()
        self.digest = 0
        self.data_size = 0  # bytes of paths and data

    # -- transactions ----------------------------------------------------------------------------------------------

    def create(
        self,
        path: str,
        data: bytes | None,
        acl: AccessList | None,
        owner: int,
        parent_cversion: int,
        zxid: int,
        time: int,
    ) -> DataNode:
        """Add a node. Raises KeeperError: NONODE without its parent, NODEEXISTS where it stands already.

        On NODEEXISTS, which only a replay meets, the node's ACL and its parent's cversion are set all the same. A
        `parent_cversion` of -1, from a log older than 3.4, stands for the next one.
        """
        parent_path, name = split(path)
        parent = self._node(parent_path)
        number = self.acls.use(acl)
        existing = self.nodes.get(path)
        if existing is not None:
            self.acls.release(existing.acl)
            existing.acl = number
            self._raise_cversion(parent_path, parent, parent_cversion, zxid)
            raise KeeperError(Code.NODEEXISTS)
        node = DataNode(data, number, zxid, time, owner)
        self._adopt(parent, name)
        self._raise_cversion(parent_path, parent, parent_cversion, zxid)
        self._insert(path, node)
        if parent_path.startswith(QUOTA):
            self._start_quota(parent_path[len(QUOTA) :], name)
        if self.quotas:
            self._count(path, len(data or b""), 1)
        if self.data_watches.heed(path):
            self.data_watches.trigger(EventType.NodeCreated, path, zxid, self.acls[number])
        if self.child_watches.heed(parent_path or ROOT):
            self.child_watches.trigger(EventType.NodeChildrenChanged, parent_path or ROOT, zxid, self.acls[parent.acl])
        return node

    def delete(self, path: str, zxid: int) -> None:
        """Remove a node. Raises KeeperError NONODE without it, its parent's pzxid being set all the same."""
        parent_path, name = split(path)
        parent = self._node(parent_path)
        if parent.children:
            parent.children.pop(name, None)
        parent.pzxid = max(parent.pzxid, zxid)
        self._changed(parent_path, parent)
        node = self._node(path)
        acl = self.acls[node.acl]
        self._remove(path, node)
        if name == LIMIT_NODE and parent_path.startswith(QUOTA):
            self.quotas.remove(parent_path[len(QUOTA) :])
        self._count(path, -len(node.data or b""), -1)
        told = self.data_watches.trigger(EventType.NodeDeleted, path, zxid, acl)
        self.child_watches.trigger(EventType.NodeDeleted, path, zxid, acl, told)
        self.child_watches.trigger(EventType.NodeChildrenChanged, parent_path or ROOT, zxid, self.acls[parent.acl])

    def set_data(self, path: str, data: bytes | None, version: int, zxid: int, time: int) -> DataNode:
        """Write a node. Raises KeeperError NONODE. The version is the transaction's word, not counted up here."""
        node = self.nodes.get(path)
        if node is None:
            raise KeeperError(Code.NONODE)
        more = (len(data) if data else 0) - (len(node.data) if node.data else 0)
        node.data = data
        node.mzxid = zxid
        node.mtime = time
        node.version = version
        node.reply = None
        self.data_size += more
        if self.digests:
            self._changed(path, node)
        if self.quotas:
            self._count(path, more, 0)
        if self.data_watches.heed(path):
            self.data_watches.trigger(EventType.NodeDataChanged, path, zxid, self.acls[node.acl])
        return node

    def set_acl(self, path: str, acl: AccessList | None, aversion: int) -> DataNode:
        """Change a node's access control list. Raises KeeperError NONODE. Nobody is notified."""
        node = self._node(path)
        number = self.acls.use(acl)  # before the old one is given up, so that an equal one keeps its number
        self.acls.release(node.acl)
        node.acl = number
        node.aversion = aversion
        self._changed(path, node)
        return node

    def close_session(self, session_id: int, paths: Iterable[str], zxid: int) -> None:
        """Delete a session's ephemerals: those the transaction names, then what else is found."""
        for path in dict.fromkeys([*paths, *self.ephemerals.get(session_id, ())]):
            with suppress(KeeperError):  # it is gone already: a replay
                self.delete(path, zxid)
        self.ephemerals.pop(session_id, None)

    # -- snapshots -------------------------------------------------------------------------------------------------

    def restore(self, path: str, node: DataNode) -> None:
        """Hang up a node of a snapshot; its parent must hang already (KeyError). Call `restored` after the last."""
        if path:
            parent_path, name = split(path)
            self._adopt(self.nodes[parent_path], name)
        else:
            self.nodes[ROOT] = node
            self.data_size += len(ROOT)
        node.acl = self.acls.reuse(node.acl)
        self._insert(path, node)

    def restored(self) -> None:
        """The snapshot is read: drop lists nobody has, and find the quotas and count them anew."""
        self.acls.purge_unused()
        for path in self.nodes:
            if path.startswith(QUOTA) and path.endswith(f"/{LIMIT_NODE}"):
                limited = split(path)[0][len(QUOTA) :]
                self.quotas.add(limited)
                self._recount(limited)

    def walk(self, path: str = "") -> Iterator[tuple[str, DataNode]]:
        """Every node at and below `path`, parents first, in the order of creation; the tree may change meanwhile."""
        pending = [path]
        while pending:
            path = pending.pop()
            node = self.nodes.get(path)
            if node is not None:
                children = [f"{path}/{name}" for name in reversed(list(node.child_names()))]
                yield path, node
                pending += children

    # -- parts of these ----------------------------------------------------------------------------------------------

    def _node(self, path: str) -> DataNode:
        node = self.nodes.get(path)
        if node is None:
            raise KeeperError(Code.NONODE)
        return node

    def _insert(self, path: str, node: DataNode) -> None:
        self.nodes[path] = node
        self.data_size += len(path) + len(node.data or b"")
        self._changed(path, node)
        if node.ephemeral_owner:
            self._owned(node.ephemeral_owner)[path] = None

    def _remove(self, path: str, node: DataNode) -> None:
        del self.nodes[path]
        self.data_size -= len(path) + len(node.data or b"")
        self.digest = replaced(self.digest, node.digest, 0)
        self.acls.release(node.acl)
        if node.ephemeral_owner:
            self._owned(node.ephemeral_owner).pop(path, None)

    def _owned(self, owner: int) -> dict[str, None]:
        """Where nodes with this owner are kept, beside the tree."""
        match type_of(owner, extended=self.extended):
            case EphemeralType.CONTAINER:
                return self.containers
            case EphemeralType.TTL:
                return self.ttls
            case _:
                return self.ephemerals.setdefault(owner, {})

    @staticmethod
    def _adopt(parent: DataNode, name: str) -> None:
        if parent.children is None:
            parent.children = {}
        parent.children[name] = None

    def _raise_cversion(self, path: str, node: DataNode, cversion: int, zxid: int) -> None:
        """A child was created: count it, unless a later state of the parent is here already."""
        if cversion == -1:
            cversion = node.cversion + 1
        if cversion > node.cversion:
            node.cversion = cversion
            node.pzxid = zxid
        self._changed(path, node)

    def _changed(self, path: str, node: DataNode) -> None:
        node.reply = node.listing = None
        if self.digests:
            digest = node_digest(path, node)
            self.digest = replaced(self.digest, node.digest, digest)
            node.digest = digest

    # -- quotas ----------------------------------------------------------------------------------------------------

    def _start_quota(self, path: str, name: str) -> None:
        if name == LIMIT_NODE:
            self.quotas.add(path)
        elif name == STAT_NODE:
            self._recount(path)

    def _count(self, path: str, more_bytes: int, more_nodes: int) -> None:
        limited = self.quotas.deepest(path) if self.quotas else None
        stat_node = self.nodes.get(stat_path(limited)) if limited else None
        if stat_node is not None:
            usage = StatsTrack(stat_node.data)
            usage.add("count", more_nodes)
            usage.add("bytes", more_bytes)
            self._write_usage(stat_node, usage)

    def _recount(self, path: str) -> None:
        """Count a subtree from nothing."""
        stat_node = self.nodes.get(stat_path(path))
        if stat_node is not None:
            below = [node for _, node in self.walk(path)]
            usage = StatsTrack(f"count={len(below)},bytes={sum(len(node.data or b'') for node in below)}".encode())
            self._write_usage(stat_node, usage)

    @staticmethod
    def _write_usage(node: DataNode, usage: StatsTrack) -> None:
        node.data = usage.encode()  # no version, no zxid: this is no transaction
        node.reply = None

    # -- what is counted ---------------------------------------------------------------------------------------------

    @property
    def node_count(self) -> int:
        """As ``srvr`` tells it: the root counts twice, under both its names."""
        return len(self.nodes)

    def descendants(self, path: str) -> int:
        """How many nodes stand below a path."""
        if path in ("", ROOT):
            return len(self.nodes) - (2 if path else 1)
        return sum(1 for _ in self.walk(path)) - 1
