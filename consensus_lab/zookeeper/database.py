"""What a server knows: the tree, and how long each session may be silent. The log's transactions make it.

(Apache: ZKDatabase.java, DataTree.processTxn.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.digest import VERSION
from consensus_lab.zookeeper.ephemeral_type import CONTAINER_OWNER, ttl_owner
from consensus_lab.zookeeper.errors import Code, KeeperError
from consensus_lab.zookeeper.jute import utf8
from consensus_lab.zookeeper.numbers import LONG_MASK
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import (
    CreateContainerTxn,
    CreateTTLTxn,
    CreateTxn,
    DeleteTxn,
    ErrorTxn,
    MultiTxn,
    SetACLTxn,
    SetDataTxn,
    TxnDigest,
    TxnHeader,
)
from consensus_lab.zookeeper.txns import decode_part


@dataclass(slots=True)
class Applied:
    """What came of a transaction, as far as its client is told."""

    type: int
    error: int = Code.OK
    body: bytes = b""  # what its reply says behind the header: the path created, the node's Stat
    parts: Sequence[Applied] = ()  # of a multi


class Database:
    """A tree and its sessions. `mismatches` counts the transactions after which the tree was not their digest's."""

    def __init__(self, tree: DataTree | None = None, sessions: dict[int, int] | None = None) -> None:
        self.tree = tree or DataTree()
        self.sessions = {} if sessions is None else sessions  # timeouts in ms, by id
        self.digest_from_zxid = 0  # a fuzzy snapshot's tree is nobody's until its log is replayed to here
        self.mismatches = 0

    def replay(self, header: TxnHeader, txn: Any, digest: TxnDigest | None = None) -> Applied:
        """Do what a logged transaction says; it may have been done before."""
        known = digest is not None and digest.version == VERSION and header.zxid >= self.digest_from_zxid
        expected = digest.tree_digest & LONG_MASK if digest is not None and known else None
        return self.apply(header.client_id, header.zxid, header.time, header.type, txn, expected)

    def apply(self, session_id: int, zxid: int, time: int, type: int, txn: Any, digest: int | None = None) -> Applied:
        """Do what a transaction says. Returns what came of it, errors included.

        `digest` is what the tree's should be afterwards; another one is counted, as a mistake of ours or our leader's.
        """
        tree = self.tree
        applied = Applied(type)
        try:
            WAYS[type](self, applied, txn, session_id, zxid, time)
        except KeeperError as error:
            applied.error = error.code
        if zxid > tree.last_processed_zxid:
            tree.last_processed_zxid = zxid
        if digest is not None and digest != tree.digest and tree.digests:
            self.mismatches += 1
        return applied

    def bury_dead_sessions(self) -> None:
        """After loading: delete the ephemerals of sessions that are no more."""
        for session_id in [id for id in self.tree.ephemerals if id not in self.sessions]:
            self.tree.close_session(session_id, (), self.tree.last_processed_zxid)

    def _multi(self, applied: Applied, txn: MultiTxn, session_id: int, zxid: int, time: int) -> None:
        parts = [(part.type, decode_part(part)) for part in txn.txns]
        errors = [part.err for type, part in parts if type == OpCode.error]
        if errors:  # one failed: the parts before it are logged as they would have been, but nothing is done
            done = [Applied(OpCode.error) for _ in parts[len(errors) :]]
            applied.parts = done + [Applied(OpCode.error, error) for error in errors]
        else:
            applied.parts = [self.apply(session_id, zxid, time, type, part) for type, part in parts]
        applied.error = next((part.error for part in applied.parts if part.error), Code.OK)

    # -- one way each ------------------------------------------------------------------------------------------------

    def _create(self, applied: Applied, txn: CreateTxn, session_id: int, zxid: int, time: int) -> None:
        self._create_owned(applied, txn, session_id if txn.ephemeral else 0, zxid, time)

    def _create_container(
        self, applied: Applied, txn: CreateContainerTxn, session_id: int, zxid: int, time: int
    ) -> None:
        self._create_owned(applied, txn, CONTAINER_OWNER, zxid, time)

    def _create_ttl(self, applied: Applied, txn: CreateTTLTxn, session_id: int, zxid: int, time: int) -> None:
        self._create_owned(applied, txn, ttl_owner(txn.ttl), zxid, time)

    def _create_owned(self, applied: Applied, txn: Any, owner: int, zxid: int, time: int) -> None:
        path = txn.path
        node = self.tree.create(path, txn.data, txn.acl, owner, txn.parent_cversion, zxid, time)
        name = utf8(path)
        applied.body = len(name).to_bytes(4, "big") + name
        if applied.type != OpCode.create:
            applied.body += node.encoded_stat()

    def _delete(self, applied: Applied, txn: DeleteTxn, session_id: int, zxid: int, time: int) -> None:
        self.tree.delete(txn.path, zxid)

    def _set_data(self, applied: Applied, txn: SetDataTxn, session_id: int, zxid: int, time: int) -> None:
        applied.body = self.tree.set_data(txn.path, txn.data, txn.version, zxid, time).encoded_stat()

    def _set_acl(self, applied: Applied, txn: SetACLTxn, session_id: int, zxid: int, time: int) -> None:
        applied.body = self.tree.set_acl(txn.path, txn.acl, txn.version).encoded_stat()

    def _check(self, applied: Applied, txn: Any, session_id: int, zxid: int, time: int) -> None:
        """It was checked before it was logged."""

    def _fail(self, applied: Applied, txn: ErrorTxn, session_id: int, zxid: int, time: int) -> None:
        applied.error = txn.err

    def _create_session(self, applied: Applied, txn: Any, session_id: int, zxid: int, time: int) -> None:
        self.sessions[session_id] = txn.timeout

    def _close_session(self, applied: Applied, txn: Any, session_id: int, zxid: int, time: int) -> None:
        self.sessions.pop(session_id, None)
        self.tree.close_session(session_id, txn.paths_to_delete if txn else (), zxid)


WAYS: dict[int, Callable[[Database, Applied, Any, int, int, int], None]] = {
    OpCode.create: Database._create,
    OpCode.create2: Database._create,
    OpCode.create_ttl: Database._create_ttl,
    OpCode.create_container: Database._create_container,
    OpCode.delete: Database._delete,
    OpCode.delete_container: Database._delete,
    OpCode.set_data: Database._set_data,
    OpCode.reconfig: Database._set_data,
    OpCode.set_acl: Database._set_acl,
    OpCode.check: Database._check,
    OpCode.error: Database._fail,
    OpCode.create_session: Database._create_session,
    OpCode.close_session: Database._close_session,
    OpCode.multi: Database._multi,
}
"""What each type of transaction does."""
