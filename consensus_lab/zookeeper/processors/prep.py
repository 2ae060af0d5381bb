"""The first processor: it judges a write and makes a transaction of it.

What it says yes to cannot fail any more. It judges by the tree as it will be when every request before this one is
applied, and takes note of what this one will change. (Apache: PrepRequestProcessor.java.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from consensus_lab.zookeeper.acl_cache import AccessList
from consensus_lab.zookeeper.authority import Authority
from consensus_lab.zookeeper.changes import ChangeRecord, OutstandingChanges
from consensus_lab.zookeeper.data_node import DataNode
from consensus_lab.zookeeper.ephemeral_type import CONTAINER_OWNER, EphemeralType, ttl_owner, type_of
from consensus_lab.zookeeper.errors import Code, KeeperError
from consensus_lab.zookeeper.numbers import MAX_INT, int32
from consensus_lab.zookeeper.opcodes import EPHEMERAL_MODES, MODES, SEQUENTIAL_MODES, TTL_MODES, OpCode, Perms
from consensus_lab.zookeeper.paths import SPECIAL, is_valid, parent_of
from consensus_lab.zookeeper.records import (
    CheckVersionRequest,
    CheckVersionTxn,
    CloseSessionTxn,
    CreateContainerTxn,
    CreateRequest,
    CreateSessionTxn,
    CreateTTLRequest,
    CreateTTLTxn,
    CreateTxn,
    DeleteRequest,
    DeleteTxn,
    ErrorTxn,
    MultiTxn,
    SetACLRequest,
    SetACLTxn,
    SetDataRequest,
    SetDataTxn,
)
from consensus_lab.zookeeper.requests import Request
from consensus_lab.zookeeper.sessions import SessionTracker
from consensus_lab.zookeeper.settings import Settings
from consensus_lab.zookeeper.txns import encode_part


class Processor(Protocol):
    """A link of the chain."""

    def process(self, request: Request) -> None:
        """Do this link's part, and hand the request on when its time has come."""


class PrepRequestProcessor:
    """Gives every write its zxid, the failing ones too: a refusal is logged like a change."""

    def __init__(
        self,
        settings: Settings,
        authority: Authority,
        changes: OutstandingChanges,
        sessions: SessionTracker,
        next_processor: Processor,
    ) -> None:
        self.zxid = changes.tree.last_processed_zxid
        self._settings = settings
        self._authority = authority
        self._changes = changes
        self._sessions = sessions
        self._next = next_processor

    def process(self, request: Request) -> None:
        self.zxid += 1
        request.zxid = self.zxid
        type = request.type
        try:
            request.txn = WAYS[type](self, request, type, request.record)
            request.digest = self._changes.tree_digest
        except KeeperError as error:
            request.fail(error.code)
        self._next.process(request)

    # -- creating ----------------------------------------------------------------------------------------------------

    def create(self, request: Request, type: int, asked: CreateRequest | CreateTTLRequest) -> Any:
        """The order of these checks is seen from outside: a missing parent hides a bad name, a bad list both."""
        changes, authority = self._changes, self._authority
        path, data = asked.path, asked.data
        self._demand_mode(type, asked)
        self._sessions.check(request.session_id, request.owner)
        if "/" not in path or "\0" in path:
            raise KeeperError(Code.BADARGUMENTS)
        acl = authority.fix_up(asked.acl, request.ids)
        parent_path = parent_of(path)
        parent = changes.get(parent_path)
        authority.demand(changes.access_of(parent), Perms.CREATE, request.ids)
        if asked.flags in SEQUENTIAL_MODES:
            path = f"{path}{parent.cversion:010d}"
        self._demand_place(path, parent)
        if self._settings.enforce_quota:
            authority.demand_room(changes.tree, path, len(data or b""), 1)
        cversion = int32(parent.cversion + 1)
        txn, owner = self._creation(request, type, asked, path, acl, cversion)
        self._change_parent(request.zxid, parent_path, parent, +1, cversion)
        node = DataNode(data, 0, request.zxid, request.time, owner)
        changes.put(ChangeRecord(request.zxid, path, node, acl, 0))
        return txn

    def _demand_mode(self, type: int, asked: CreateRequest | CreateTTLRequest) -> None:
        if asked.flags not in MODES:
            raise KeeperError(Code.BADARGUMENTS)
        has_ttl = asked.flags in TTL_MODES
        if has_ttl and not self._settings.extended_types:
            raise KeeperError(Code.UNIMPLEMENTED)
        if has_ttl != (type == OpCode.create_ttl) or (isinstance(asked, CreateTTLRequest) and not _is_ttl(asked.ttl)):
            raise KeeperError(Code.BADARGUMENTS)

    def _demand_place(self, path: str, parent: DataNode) -> None:
        if not is_valid(path):
            raise KeeperError(Code.BADARGUMENTS)
        if self._changes.find(path) is not None:
            raise KeeperError(Code.NODEEXISTS)
        if parent.ephemeral_owner and self._is_ephemeral(parent):
            raise KeeperError(Code.NOCHILDRENFOREPHEMERALS)

    @staticmethod
    def _creation(
        request: Request,
        type: int,
        asked: CreateRequest | CreateTTLRequest,
        path: str,
        acl: AccessList,
        cversion: int,
    ) -> tuple[Any, int]:
        """The transaction, and whom the node will belong to."""
        if isinstance(asked, CreateTTLRequest):
            return CreateTTLTxn(path, asked.data, acl, cversion, asked.ttl), ttl_owner(asked.ttl)
        if type == OpCode.create_container:
            return CreateContainerTxn(path, asked.data, acl, cversion), CONTAINER_OWNER
        ephemeral = asked.flags in EPHEMERAL_MODES
        return CreateTxn(path, asked.data, acl, ephemeral, cversion), request.session_id if ephemeral else 0

    # -- changing ----------------------------------------------------------------------------------------------------

    def set_data(self, request: Request, type: int, asked: SetDataRequest) -> SetDataTxn:
        """Write a node."""
        self._sessions.check(request.session_id, request.owner)
        path, data = asked.path, asked.data
        node = self._existing(path)
        changed = self._changes.change(request.zxid, path, node)
        self._authority.demand(changed.access, Perms.WRITE, request.ids)
        if self._settings.enforce_quota:
            more = len(data or b"") - len(node.data or b"")
            self._authority.demand_room(self._changes.tree, path, more, 0)
        changed.version = version = next_version(node.version, asked.version)
        changed.data = data
        changed.mtime = request.time
        changed.mzxid = request.zxid
        self._changes.put(changed)
        return SetDataTxn(path, data, version)

    def set_acl(self, request: Request, type: int, asked: SetACLRequest) -> SetACLTxn:
        """Change who may do what with a node."""
        self._sessions.check(request.session_id, request.owner)
        if not is_valid(asked.path):
            raise KeeperError(Code.BADARGUMENTS)
        acl = self._authority.fix_up(asked.acl, request.ids)
        node = self._changes.get(asked.path)
        self._authority.demand(self._changes.access_of(node), Perms.ADMIN, request.ids)
        changed = self._changes.change(request.zxid, asked.path, node)
        changed.aversion = next_version(node.aversion, asked.version)
        changed.access = acl
        self._changes.put(changed)
        return SetACLTxn(asked.path, acl, changed.aversion)

    def check(self, request: Request, type: int, asked: CheckVersionRequest) -> CheckVersionTxn:
        """Demand a version; only a part of a multi can."""
        self._sessions.check(request.session_id, request.owner)
        node = self._existing(asked.path)
        self._authority.demand(self._changes.access_of(node), Perms.READ, request.ids)
        return CheckVersionTxn(asked.path, next_version(node.version, asked.version))

    # -- deleting ----------------------------------------------------------------------------------------------------

    def delete(self, request: Request, type: int, asked: DeleteRequest) -> DeleteTxn:
        """Remove a node that has no children. The right to do so is its parent's to give."""
        self._sessions.check(request.session_id, request.owner)
        parent = self._parent(asked.path)
        self._authority.demand(self._changes.access_of(parent), Perms.DELETE, request.ids)
        node = self._changes.get(asked.path)
        next_version(node.version, asked.version)
        self._remove(request.zxid, parent, asked.path, node)
        return DeleteTxn(asked.path)

    def delete_container(self, request: Request, type: int, asked: DeleteRequest) -> DeleteTxn:
        """This server itself wants a container or a node with a TTL gone: unless it was filled meanwhile."""
        parent = self._parent(asked.path)
        node = self._changes.get(asked.path)
        if self._is_ephemeral(node):
            raise KeeperError(Code.BADVERSION)
        self._remove(request.zxid, parent, asked.path, node)
        return DeleteTxn(asked.path)

    def _parent(self, path: str) -> DataNode:
        if "/" not in path or "\0" in path or path in SPECIAL:
            raise KeeperError(Code.BADARGUMENTS)
        return self._changes.get(parent_of(path))

    def _remove(self, zxid: int, parent: DataNode, path: str, node: DataNode) -> None:
        gone = self._changes.change(zxid, path, node)
        if gone.child_count > 0:
            raise KeeperError(Code.NOTEMPTY)
        gone.gone = True
        self._change_parent(zxid, parent_of(path), parent, -1, parent.cversion)
        self._changes.put(gone)

    def _change_parent(self, zxid: int, path: str, parent: DataNode, more: int, cversion: int) -> None:
        changed = self._changes.change(zxid, path, parent)
        changed.child_count += more
        if cversion >= parent.cversion:  # it only ever grows, even where an int ends
            changed.cversion = cversion
            changed.pzxid = zxid
        self._changes.put(changed)

    # -- sessions ----------------------------------------------------------------------------------------------------

    def create_session(self, request: Request, type: int, txn: CreateSessionTxn) -> CreateSessionTxn:
        """A session begins, here or, until now local, everywhere."""
        return txn

    def close_session(self, request: Request, type: int, asked: None) -> CloseSessionTxn | None:
        """A session ends, and its ephemerals with it. It was asked for by the client, or by the clock."""
        paths = self._ephemerals(request.session_id)
        for path in paths:
            self._remove(request.zxid, self._changes.get(parent_of(path)), path, self._changes.get(path))
        self._sessions.close(request.session_id)
        return CloseSessionTxn(tuple(paths)) if self._settings.close_session_txn else None

    def _ephemerals(self, session_id: int) -> dict[str, None]:
        """Those of a session, once everything outstanding is applied."""
        paths = dict.fromkeys(self._changes.tree.ephemerals.get(session_id, ()))
        for record in self._changes:
            if record.gone:
                paths.pop(record.path, None)
            elif record.ephemeral_owner == session_id:
                paths[record.path] = None
        return paths

    # -- several at once ---------------------------------------------------------------------------------------------

    def multi(self, request: Request, type: int, ops: Any) -> MultiTxn:
        """All or nothing: after a failure nothing of it is outstanding, and each other part is logged as it stood."""
        parts = []
        failed = False
        for op in ops:
            part_type, txn = OpCode.error, ErrorTxn(Code.RUNTIMEINCONSISTENCY)
            if not failed:
                try:
                    part_type, txn = op.type, WAYS[op.type](self, request, op.type, op.record)
                except KeeperError as error:
                    failed = True
                    txn = ErrorTxn(error.code)
                    self._changes.roll_back(request.zxid)
            parts.append(encode_part(part_type, txn))
        return MultiTxn(tuple(parts))

    def reconfig(self, request: Request, type: int, asked: Any) -> Any:
        """Only an ensemble has members to change."""
        if not self._settings.reconfig_enabled:
            raise KeeperError(Code.RECONFIGDISABLED)
        self._sessions.check(request.session_id, request.owner)
        raise KeeperError(Code.UNIMPLEMENTED)

    def refuse(self, request: Request, type: int, asked: None) -> Any:
        """A write that could not be read."""
        raise KeeperError(Code.MARSHALLINGERROR)

    # -- what several of these ask -----------------------------------------------------------------------------------

    def _existing(self, path: str) -> DataNode:
        node = self._changes.find(path)
        if node is None or not path:  # a node's name is valid; only where none stands need it be looked at
            raise KeeperError(Code.NONODE if is_valid(path) else Code.BADARGUMENTS)
        return node

    def _is_ephemeral(self, node: DataNode) -> bool:
        return type_of(node.ephemeral_owner, extended=self._settings.extended_types) is EphemeralType.NORMAL


def next_version(current: int, expected: int) -> int:
    """The version after `current`. Raises KeeperError BADVERSION unless that was expected; -1 expects any."""
    if expected != current and expected != -1:
        raise KeeperError(Code.BADVERSION)
    return current + 1 if current < MAX_INT else -MAX_INT - 1


def _is_ttl(ttl: int) -> bool:
    try:
        return bool(ttl_owner(ttl))
    except ValueError:
        return False


WAYS: dict[int, Callable[[PrepRequestProcessor, Request, int, Any], Any]] = {
    OpCode.create: PrepRequestProcessor.create,
    OpCode.create2: PrepRequestProcessor.create,
    OpCode.create_container: PrepRequestProcessor.create,
    OpCode.create_ttl: PrepRequestProcessor.create,
    OpCode.delete: PrepRequestProcessor.delete,
    OpCode.delete_container: PrepRequestProcessor.delete_container,
    OpCode.set_data: PrepRequestProcessor.set_data,
    OpCode.set_acl: PrepRequestProcessor.set_acl,
    OpCode.check: PrepRequestProcessor.check,
    OpCode.multi: PrepRequestProcessor.multi,
    OpCode.reconfig: PrepRequestProcessor.reconfig,
    OpCode.create_session: PrepRequestProcessor.create_session,
    OpCode.close_session: PrepRequestProcessor.close_session,
    OpCode.error: PrepRequestProcessor.refuse,
}
"""How each kind of write becomes a transaction."""
