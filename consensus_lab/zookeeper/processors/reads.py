"""Requests that change nothing of the tree: answered from it as it stands, without a transaction.

Each has one method here that makes the body of its reply; `answer` does what all of them need. The few that a client
asks all day have a short way in `hot_reads`. (Apache: FinalRequestProcessor.java.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from consensus_lab.zookeeper.acl import user_of
from consensus_lab.zookeeper.authority import Authority
from consensus_lab.zookeeper.connection import Connection
from consensus_lab.zookeeper.data_node import DataNode
from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.errors import Code, KeeperError
from consensus_lab.zookeeper.jute import JuteError, encode
from consensus_lab.zookeeper.opcodes import PING_XID, AddWatchMode, EventType, OpCode, Perms, WatcherType
from consensus_lab.zookeeper.paths import ROOT
from consensus_lab.zookeeper.processors.final import MULTI_END
from consensus_lab.zookeeper.records import (
    ACL,
    AddWatchRequest,
    CheckWatchesRequest,
    ClientInfo,
    ErrorResponse,
    ExistsRequest,
    GetACLRequest,
    GetAllChildrenNumberRequest,
    GetAllChildrenNumberResponse,
    GetChildren2Request,
    GetChildrenRequest,
    GetDataRequest,
    GetEphemeralsRequest,
    GetEphemeralsResponse,
    Id,
    MultiHeader,
    RemoveWatchesRequest,
    SetWatches,
    SetWatches2,
    SyncRequest,
    SyncResponse,
    WhoAmIResponse,
)
from consensus_lab.zookeeper.requests import Op, decode_request
from consensus_lab.zookeeper.settings import Settings
from consensus_lab.zookeeper.watches import Mode, WatchManager


class Reads:
    """Who answers what needs no transaction."""

    def __init__(self, tree: DataTree, settings: Settings, authority: Authority) -> None:
        self._tree = tree
        self._settings = settings
        self._authority = authority

    def answer(self, type: int, connection: Connection, xid: int, data: bytes, at: int, end: int) -> None:
        """Answer one request; a record that cannot be read is refused, and its client lives on."""
        try:
            record = None if type in WITHOUT_RECORD else decode_request(type, data[at:end])
            body = WAYS[type](self, connection, record)
        except KeeperError as error:
            connection.reply(xid, self._tree.last_processed_zxid, error.code)
        except JuteError:
            connection.reply(xid, self._tree.last_processed_zxid, Code.MARSHALLINGERROR)
        else:
            connection.reply(PING_XID if type == OpCode.ping else xid, self._tree.last_processed_zxid, Code.OK, body)

    # -- nodes -------------------------------------------------------------------------------------------------------

    def exists(self, connection: Connection, asked: ExistsRequest) -> bytes:
        """A missing node needs no permission, and can be watched."""
        if "\0" in asked.path:
            raise KeeperError(Code.BADARGUMENTS)
        node = self._tree.nodes.get(asked.path)
        if node is not None:
            self._demand(connection, node, Perms.READ)
        if asked.watch:
            self._tree.data_watches.add(asked.path, connection)
        if node is None:
            raise KeeperError(Code.NONODE)
        return node.encoded_stat()

    def get_data(self, connection: Connection, asked: GetDataRequest) -> bytes:
        node = self._readable(connection, asked.path)
        if asked.watch:
            self._tree.data_watches.add(asked.path, connection)
        return node.encoded_reply()

    def get_children(self, connection: Connection, asked: GetChildrenRequest) -> bytes:
        return self._children(connection, asked.path, asked.watch).encoded_listing()

    def get_children2(self, connection: Connection, asked: GetChildren2Request) -> bytes:
        node = self._children(connection, asked.path, asked.watch)
        return node.encoded_listing() + node.encoded_stat()

    def get_all_children_number(self, connection: Connection, asked: GetAllChildrenNumberRequest) -> bytes:
        self._readable(connection, asked.path)
        return encode(GetAllChildrenNumberResponse(self._tree.descendants(asked.path)))

    def get_acl(self, connection: Connection, asked: GetACLRequest) -> bytes:
        """Who may not change the list sees of digests the user only."""
        node = self._tree.nodes.get(asked.path)
        if node is None:
            raise KeeperError(Code.NONODE)
        self._demand(connection, node, Perms.READ | Perms.ADMIN)
        acl = self._tree.acls[node.acl]
        if not self._authority.allows(acl, Perms.ADMIN, connection.ids):
            acl = tuple(ACL(entry.perms, _without_secret(entry.id)) for entry in acl)
        return len(acl).to_bytes(4, "big") + b"".join(map(encode, acl)) + node.encoded_stat()

    def get_ephemerals(self, connection: Connection, asked: GetEphemeralsRequest) -> bytes:
        """Those of the asking session; "" and "/" are no prefix at all, any other is one of plain text."""
        prefix = asked.prefix_path
        if prefix.strip() in ("", ROOT):
            prefix = ""
        paths = self._tree.ephemerals.get(connection.session_id, ())
        return encode(GetEphemeralsResponse(tuple(path for path in paths if path.startswith(prefix))))

    def multi_read(self, connection: Connection, ops: tuple[Op, ...]) -> bytes:
        """Each part is answered for itself: one that fails does not stop the others."""
        results = []
        for op in ops:
            type, error = op.type, Code.OK
            try:
                body = WAYS[op.type](self, connection, op.record)
            except KeeperError as refusal:
                type, error = OpCode.error, refusal.code
                body = encode(ErrorResponse(error))
            results.append(encode(MultiHeader(type, False, error)) + body)
        return b"".join(results) + MULTI_END

    # -- watches -----------------------------------------------------------------------------------------------------

    def set_watches(self, connection: Connection, asked: SetWatches | SetWatches2) -> bytes:
        """A client is back, and knows the tree up to a zxid: what it missed it is told, the rest it watches again."""
        for path in asked.data_watches:
            node = self._tree.nodes.get(path)
            changed = EventType.NodeDataChanged if node and node.mzxid > asked.relative_zxid else None
            self._watch_again(self._tree.data_watches, connection, path, changed if node else EventType.NodeDeleted)
        for path in asked.exist_watches:
            created = EventType.NodeCreated if path in self._tree.nodes else None
            self._watch_again(self._tree.data_watches, connection, path, created)
        for path in asked.child_watches:
            node = self._tree.nodes.get(path)
            changed = EventType.NodeChildrenChanged if node and node.pzxid > asked.relative_zxid else None
            self._watch_again(self._tree.child_watches, connection, path, changed if node else EventType.NodeDeleted)
        if isinstance(asked, SetWatches2):
            for path in asked.persistent_watches:
                self._watch(connection, path, Mode.PERSISTENT)
            for path in asked.persistent_recursive_watches:
                self._watch(connection, path, Mode.RECURSIVE)
        return b""

    @staticmethod
    def _watch_again(watches: WatchManager, connection: Connection, path: str, missed: EventType | None) -> None:
        if missed is None:
            watches.add(path, connection)
        else:
            connection.notify(missed, path, -1, None)

    def add_watch(self, connection: Connection, asked: AddWatchRequest) -> bytes:
        if asked.mode not in set(AddWatchMode):
            raise JuteError(f"there is no watch mode {asked.mode}")
        persistent = asked.mode == AddWatchMode.PERSISTENT
        self._watch(connection, asked.path, Mode.PERSISTENT if persistent else Mode.RECURSIVE)
        return encode(ErrorResponse(Code.OK))

    def _watch(self, connection: Connection, path: str, mode: Mode) -> None:
        """Watch for good; a recursive watch hears of children by their own creation, and so needs one table only."""
        self._tree.data_watches.add(path, connection, mode)
        if mode is Mode.PERSISTENT:
            self._tree.child_watches.add(path, connection, mode)

    def check_watches(self, connection: Connection, asked: CheckWatchesRequest) -> bytes:
        if not any(watches.watching(asked.path, connection, mode) for watches, mode in self._meant(asked.type)):
            raise KeeperError(Code.NOWATCHER)
        return b""

    def remove_watches(self, connection: Connection, asked: RemoveWatchesRequest) -> bytes:
        removed = [watches.remove(asked.path, connection, mode) for watches, mode in self._meant(asked.type)]
        if True not in removed:
            raise KeeperError(Code.NOWATCHER)
        return b""

    def _meant(self, type: int) -> list[tuple[WatchManager, Mode | None]]:
        data, children = self._tree.data_watches, self._tree.child_watches
        match type:
            case WatcherType.Children:
                return [(children, Mode.STANDARD)]
            case WatcherType.Data:
                return [(data, Mode.STANDARD)]
            case WatcherType.Persistent:
                return [(children, Mode.PERSISTENT), (data, Mode.PERSISTENT)]
            case WatcherType.PersistentRecursive:
                return [(data, Mode.RECURSIVE)]
            case WatcherType.Any:
                return [(children, None), (data, None)]
            case _:
                raise JuteError(f"there is no watcher type {type}")

    # -- the rest ----------------------------------------------------------------------------------------------------

    def ping(self, connection: Connection, asked: None) -> bytes:
        return b""

    def sync(self, connection: Connection, asked: SyncRequest) -> bytes:
        """A server of its own has nobody to catch up with; the path need not exist."""
        return encode(SyncResponse(asked.path))

    def who_am_i(self, connection: Connection, asked: None) -> bytes:
        providers = self._settings.providers
        infos = tuple(ClientInfo(id.scheme or "", user_of(id, providers)) for id in connection.ids)
        return encode(WhoAmIResponse(infos))

    def _children(self, connection: Connection, path: str, watch: bool) -> DataNode:
        node = self._readable(connection, path)
        if watch:
            self._tree.child_watches.add(path, connection)
        return node

    def _readable(self, connection: Connection, path: str) -> DataNode:
        node = self._tree.nodes.get(path)
        if node is None:
            raise KeeperError(Code.NONODE)
        self._demand(connection, node, Perms.READ)
        return node

    def _demand(self, connection: Connection, node: DataNode, perms: int) -> None:
        self._authority.demand(self._tree.acls[node.acl], perms, connection.ids)


def _without_secret(id: Id) -> Id:
    if id.scheme != "digest" or ":" not in (id.id or ""):
        return id
    return Id(id.scheme, f"{(id.id or '').partition(':')[0]}:x")


WITHOUT_RECORD = frozenset({OpCode.ping, OpCode.who_am_i})

WAYS: dict[int, Callable[[Reads, Connection, Any], bytes]] = {
    OpCode.exists: Reads.exists,
    OpCode.get_data: Reads.get_data,
    OpCode.get_children: Reads.get_children,
    OpCode.get_children2: Reads.get_children2,
    OpCode.get_all_children_number: Reads.get_all_children_number,
    OpCode.get_acl: Reads.get_acl,
    OpCode.get_ephemerals: Reads.get_ephemerals,
    OpCode.multi_read: Reads.multi_read,
    OpCode.set_watches: Reads.set_watches,
    OpCode.set_watches2: Reads.set_watches,
    OpCode.add_watch: Reads.add_watch,
    OpCode.check_watches: Reads.check_watches,
    OpCode.remove_watches: Reads.remove_watches,
    OpCode.ping: Reads.ping,
    OpCode.sync: Reads.sync,
    OpCode.who_am_i: Reads.who_am_i,
}
"""How each is answered."""
