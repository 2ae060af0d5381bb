"""Transactions as bytes: a header, what it does, and the digest of the tree after it.

These bytes are what the log holds and what a leader proposes. (Apache: SerializeUtils.java, Request.getSerializeData.)
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE
from consensus_lab.zookeeper.digest import VERSION
from consensus_lab.zookeeper.jute import InputArchive, JuteError, encode, utf8
from consensus_lab.zookeeper.opcodes import OpCode
from consensus_lab.zookeeper.records import (
    CheckVersionTxn,
    CloseSessionTxn,
    CreateContainerTxn,
    CreateSessionTxn,
    CreateTTLTxn,
    CreateTxn,
    CreateTxnV0,
    DeleteTxn,
    ErrorTxn,
    MultiTxn,
    SetACLTxn,
    SetDataTxn,
    Txn,
    TxnDigest,
    TxnHeader,
)

TXN_RECORDS: dict[int, type] = {
    OpCode.create: CreateTxn,
    OpCode.create2: CreateTxn,
    OpCode.create_ttl: CreateTTLTxn,
    OpCode.create_container: CreateContainerTxn,
    OpCode.delete: DeleteTxn,
    OpCode.delete_container: DeleteTxn,
    OpCode.set_data: SetDataTxn,
    OpCode.reconfig: SetDataTxn,
    OpCode.set_acl: SetACLTxn,
    OpCode.create_session: CreateSessionTxn,
    OpCode.close_session: CloseSessionTxn,
    OpCode.error: ErrorTxn,
    OpCode.multi: MultiTxn,
}
"""What stands behind a header, by its type."""

SUB_TXN_RECORDS: dict[int, type] = TXN_RECORDS | {OpCode.check: CheckVersionTxn}
"""What stands in a multi, by the type of its part."""

_HEADER = struct.Struct(">qiqqi")
_DIGEST = struct.Struct(">iQ")
_int = struct.Struct(">i").pack
_EPHEMERAL_AND_CVERSION = struct.Struct(">?i")
_OPEN_LIST = _int(len(OPEN_ACL_UNSAFE)) + b"".join(map(encode, OPEN_ACL_UNSAFE))


class LoggedTxn(NamedTuple):
    """One transaction. No `txn`: a closeSession of a server older than 3.6. No `digest`: it was not kept."""

    header: TxnHeader
    txn: Any
    digest: TxnDigest | None


def encode_txn(session_id: int, cxid: int, zxid: int, time: int, type: int, txn: Any, digest: int | None) -> bytes:
    """The bytes of one transaction; `digest` is the tree's after it, None where none is kept."""
    header = _HEADER.pack(session_id, cxid, zxid, time, type)
    tail = b"" if digest is None else _DIGEST.pack(VERSION, digest)
    return b"%b%b%b" % (header, SHORT_WAYS.get(txn.__class__, encode_body)(txn), tail)


def encode_body(txn: Any) -> bytes:
    """What stands between header and digest, as the general codec writes it."""
    return b"" if txn is None else encode(txn)


def encode_set_data(txn: SetDataTxn) -> bytes:
    """The same by a shorter way: every second write is one of these."""
    path, data = utf8(txn.path), txn.data
    if data is None:
        return encode(txn)
    return b"%b%b%b%b%b" % (_int(len(path)), path, _int(len(data)), data, _int(txn.version))


def encode_create(txn: CreateTxn) -> bytes:
    """The same, of nodes that are open to everyone."""
    path, data = utf8(txn.path), txn.data
    if data is None or txn.acl is not OPEN_ACL_UNSAFE:
        return encode(txn)
    tail = _EPHEMERAL_AND_CVERSION.pack(txn.ephemeral, txn.parent_cversion)
    return b"%b%b%b%b%b%b" % (_int(len(path)), path, _int(len(data)), data, _OPEN_LIST, tail)


SHORT_WAYS: dict[type, Callable[[Any], bytes]] = {SetDataTxn: encode_set_data, CreateTxn: encode_create}


def decode_txn(data: bytes) -> LoggedTxn:
    """Raises JuteError for a type that is none, or bytes that are not what their header says."""
    archive = InputArchive(data)
    header = archive.read_record(TxnHeader)
    if header.type not in TXN_RECORDS:
        raise JuteError(f"Unsupported Txn with type={header.type}")
    txn = _decode_body(archive, header.type)
    try:
        return LoggedTxn(header, txn, archive.read_record(TxnDigest))
    except JuteError:
        return LoggedTxn(header, txn, None)


def _decode_body(archive: InputArchive, type: int) -> Any:
    start = archive.at
    try:
        return archive.read_record(TXN_RECORDS[type])
    except JuteError:
        archive.at = start
        if type == OpCode.close_session:
            return None
        if type != OpCode.create:
            raise
    old = archive.read_record(CreateTxnV0)
    return CreateTxn(old.path, old.data, old.acl, old.ephemeral, -1)


def encode_part(type: int, txn: Any) -> Txn:
    """One part of a multi."""
    return Txn(type, encode(txn))


def decode_part(part: Txn) -> Any:
    """What one part of a multi does. Raises JuteError for a type that is none."""
    cls = SUB_TXN_RECORDS.get(part.type)
    if cls is None:
        raise JuteError(f"Invalid type of op: {part.type}")
    return InputArchive(part.data or b"").read_record(cls)
