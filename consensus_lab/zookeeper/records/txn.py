"""Transactions, as logged and as proposed, in `org.apache.zookeeper.txn`'s order."""

from __future__ import annotations

from consensus_lab.zookeeper.jute import Boolean, Buffer, Int, Long, Ustring, Vector, record
from consensus_lab.zookeeper.records.data import ACL


@record
class TxnDigest:
    version: Int
    tree_digest: Long


@record
class TxnHeader:
    client_id: Long
    cxid: Int
    zxid: Long
    time: Long
    type: Int


@record
class CreateTxnV0:
    path: Ustring
    data: Buffer | None
    acl: Vector[ACL] | None
    ephemeral: Boolean


@record
class CreateTxn:
    path: Ustring
    data: Buffer | None
    acl: Vector[ACL] | None
    ephemeral: Boolean
    parent_cversion: Int


@record
class CreateTTLTxn:
    path: Ustring
    data: Buffer | None
    acl: Vector[ACL] | None
    parent_cversion: Int
    ttl: Long


@record
class CreateContainerTxn:
    path: Ustring
    data: Buffer | None
    acl: Vector[ACL] | None
    parent_cversion: Int


@record
class DeleteTxn:
    path: Ustring


@record
class SetDataTxn:
    path: Ustring
    data: Buffer | None
    version: Int


@record
class CheckVersionTxn:
    path: Ustring
    version: Int


@record
class SetACLTxn:
    path: Ustring
    acl: Vector[ACL] | None
    version: Int


@record
class CreateSessionTxn:
    timeout: Int


@record
class CloseSessionTxn:
    paths_to_delete: Vector[Ustring]


@record
class ErrorTxn:
    err: Int


@record
class Txn:
    type: Int
    data: Buffer | None


@record
class MultiTxn:
    txns: Vector[Txn]
