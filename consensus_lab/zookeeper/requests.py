"""Requests: what a client asks, as it travels through the processors, and how its bytes become a record.

(Apache: Request.java, MultiOperationRecord.java, Op.java.)
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from consensus_lab.zookeeper.acl import Ids
from consensus_lab.zookeeper.errors import Code
from consensus_lab.zookeeper.jute import InputArchive, JuteError
from consensus_lab.zookeeper.opcodes import EPHEMERAL_MODES, MODES, TTL_MODES, CreateMode, OpCode
from consensus_lab.zookeeper.records import (
    AddWatchRequest,
    AuthPacket,
    CheckVersionRequest,
    CheckWatchesRequest,
    CreateRequest,
    CreateTTLRequest,
    DeleteRequest,
    ErrorTxn,
    ExistsRequest,
    GetACLRequest,
    GetAllChildrenNumberRequest,
    GetChildren2Request,
    GetChildrenRequest,
    GetDataRequest,
    GetEphemeralsRequest,
    GetSASLRequest,
    MultiHeader,
    ReconfigRequest,
    RemoveWatchesRequest,
    SetACLRequest,
    SetDataRequest,
    SetWatches,
    SetWatches2,
    SyncRequest,
)
from consensus_lab.zookeeper.settings import Now

if TYPE_CHECKING:
    from consensus_lab.zookeeper.connection import Connection

REQUEST_RECORDS: dict[int, type] = {
    OpCode.create: CreateRequest,
    OpCode.create2: CreateRequest,
    OpCode.create_container: CreateRequest,
    OpCode.create_ttl: CreateTTLRequest,
    OpCode.delete: DeleteRequest,
    OpCode.exists: ExistsRequest,
    OpCode.get_data: GetDataRequest,
    OpCode.set_data: SetDataRequest,
    OpCode.get_acl: GetACLRequest,
    OpCode.set_acl: SetACLRequest,
    OpCode.get_children: GetChildrenRequest,
    OpCode.get_children2: GetChildren2Request,
    OpCode.get_all_children_number: GetAllChildrenNumberRequest,
    OpCode.get_ephemerals: GetEphemeralsRequest,
    OpCode.sync: SyncRequest,
    OpCode.check: CheckVersionRequest,
    OpCode.reconfig: ReconfigRequest,
    OpCode.check_watches: CheckWatchesRequest,
    OpCode.remove_watches: RemoveWatchesRequest,
    OpCode.set_watches: SetWatches,
    OpCode.set_watches2: SetWatches2,
    OpCode.add_watch: AddWatchRequest,
    OpCode.auth: AuthPacket,
    OpCode.sasl: GetSASLRequest,
}
"""What stands behind a request's header; a multi holds several of these, and what is not here holds nothing."""

OPS_WITHIN: dict[int, frozenset[OpCode]] = {
    OpCode.multi_read: frozenset({OpCode.get_data, OpCode.get_children}),
    OpCode.multi: frozenset(
        {
            OpCode.create,
            OpCode.create2,
            OpCode.create_container,
            OpCode.create_ttl,
            OpCode.delete,
            OpCode.set_data,
            OpCode.check,
        }
    ),
}
"""What a request that holds several operations may hold."""


HERE = "here"
"""Who speaks for a session whose connection this server holds."""


class Op(NamedTuple):
    """One operation of a multi."""

    type: int
    record: Any


class Request:
    """A write on its way: asked by a client (or by this server itself), given a zxid, logged, applied, answered."""

    __slots__ = (
        "connection",
        "digest",
        "ids",
        "owner",
        "received",
        "record",
        "session_id",
        "time",
        "txn",
        "txn_type",
        "type",
        "xid",
        "zxid",
    )

    def __init__(
        self, connection: Connection | None, session_id: int, xid: int, type: int, record: Any, ids: Ids, now: Now
    ) -> None:
        self.connection = connection
        self.session_id = session_id
        self.xid = xid
        self.type = type
        self.record = record
        self.ids = ids
        self.received = now.elapsed  # ms on the clock that never goes back
        self.owner: object = HERE
        self.zxid = -1
        self.time = now.wall  # ms since the epoch
        self.txn_type = type
        self.txn: Any = None
        self.digest: int | None = None  # the tree's, once this is applied

    def fail(self, code: Code) -> None:
        """Refused: what is logged is the error."""
        self.txn_type = OpCode.error
        self.txn = ErrorTxn(code)
        self.digest = None


def decode_request(type: int, data: bytes, at: int = 0) -> Any:
    """The record behind a request's header. Raises JuteError."""
    archive = InputArchive(data, at)
    if type in OPS_WITHIN:
        return decode_multi(archive, OPS_WITHIN[type])
    return archive.read_record(REQUEST_RECORDS[type])


def decode_multi(archive: InputArchive, allowed: frozenset[OpCode]) -> tuple[Op, ...]:
    """The operations of a multi, up to its end mark. Raises JuteError, also for a read among writes."""
    ops = []
    while not (header := archive.read_record(MultiHeader)).done:
        if header.type not in allowed:
            raise JuteError(f"Invalid type of op: {header.type}")
        ops.append(_settled(header.type, archive.read_record(REQUEST_RECORDS[header.type])))
    return tuple(ops)


def _settled(type: int, record: Any) -> Op:
    """The operation that a part of a multi really is: with creates, the mode has its say; reads set no watches."""
    if isinstance(record, GetDataRequest | GetChildrenRequest):
        return Op(type, replace(record, watch=False))
    if isinstance(record, CreateTTLRequest):
        if record.flags in TTL_MODES:
            return Op(type, record)
        return _settled(OpCode.create, CreateRequest(record.path, record.data, record.acl, record.flags))
    if isinstance(record, CreateRequest):
        if record.flags not in MODES - TTL_MODES:
            raise JuteError(f"invalid flag {record.flags} for create mode")
        if record.flags == CreateMode.CONTAINER:
            return Op(OpCode.create_container, record)
    return Op(type, record)


def creates_ephemeral(record: Any) -> bool:
    """Whether a request, or any part of it, wants a node that its session will own."""
    records = [op.record for op in record] if isinstance(record, tuple) else [record]
    return any(isinstance(asked, CreateRequest) and asked.flags in EPHEMERAL_MODES for asked in records)
