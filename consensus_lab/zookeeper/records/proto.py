"""Requests and responses of the client port, as in `org.apache.zookeeper.proto`."""

from __future__ import annotations

from consensus_lab.zookeeper.jute import Boolean, Buffer, Int, Long, Ustring, Vector, record
from consensus_lab.zookeeper.records.data import ACL, ClientInfo, Stat


@record
class ConnectRequest:
    protocol_version: Int
    last_zxid_seen: Long
    timeout: Int
    session_id: Long
    passwd: Buffer | None
    read_only: Boolean


@record
class ConnectResponse:
    protocol_version: Int
    timeout: Int
    session_id: Long
    passwd: Buffer | None
    read_only: Boolean


@record
class SetWatches:
    relative_zxid: Long
    data_watches: Vector[Ustring]
    exist_watches: Vector[Ustring]
    child_watches: Vector[Ustring]


@record
class SetWatches2:
    relative_zxid: Long
    data_watches: Vector[Ustring]
    exist_watches: Vector[Ustring]
    child_watches: Vector[Ustring]
    persistent_watches: Vector[Ustring]
    persistent_recursive_watches: Vector[Ustring]


@record
class RequestHeader:
    xid: Int
    type: Int


@record
class MultiHeader:
    type: Int
    done: Boolean
    err: Int


@record
class AuthPacket:
    type: Int
    scheme: Ustring
    auth: Buffer | None


@record
class ReplyHeader:
    xid: Int
    zxid: Long
    err: Int


@record
class GetDataRequest:
    path: Ustring
    watch: Boolean


@record
class SetDataRequest:
    path: Ustring
    data: Buffer | None
    version: Int


@record
class ReconfigRequest:
    joining_servers: Ustring | None
    leaving_servers: Ustring | None
    new_members: Ustring | None
    cur_config_id: Long


@record
class SetDataResponse:
    stat: Stat


@record
class GetSASLRequest:
    token: Buffer | None


@record
class SetSASLRequest:
    token: Buffer | None


@record
class SetSASLResponse:
    token: Buffer | None


@record
class CreateRequest:
    path: Ustring
    data: Buffer | None
    acl: Vector[ACL] | None
    flags: Int


@record
class CreateTTLRequest:
    path: Ustring
    data: Buffer | None
    acl: Vector[ACL] | None
    flags: Int
    ttl: Long


@record
class DeleteRequest:
    path: Ustring
    version: Int


@record
class GetChildrenRequest:
    path: Ustring
    watch: Boolean


@record
class GetAllChildrenNumberRequest:
    path: Ustring


@record
class GetChildren2Request:
    path: Ustring
    watch: Boolean


@record
class CheckVersionRequest:
    path: Ustring
    version: Int


@record
class SyncRequest:
    path: Ustring


@record
class SyncResponse:
    path: Ustring


@record
class GetACLRequest:
    path: Ustring


@record
class SetACLRequest:
    path: Ustring
    acl: Vector[ACL] | None
    version: Int


@record
class SetACLResponse:
    stat: Stat


@record
class AddWatchRequest:
    path: Ustring
    mode: Int


@record
class WatcherEvent:
    type: Int
    state: Int
    path: Ustring


@record
class ErrorResponse:
    err: Int


@record
class CreateResponse:
    path: Ustring


@record
class Create2Response:
    path: Ustring
    stat: Stat


@record
class ExistsRequest:
    path: Ustring
    watch: Boolean


@record
class ExistsResponse:
    stat: Stat


@record
class GetDataResponse:
    data: Buffer | None
    stat: Stat


@record
class GetChildrenResponse:
    children: Vector[Ustring]


@record
class GetAllChildrenNumberResponse:
    total_number: Int


@record
class GetChildren2Response:
    children: Vector[Ustring]
    stat: Stat


@record
class GetACLResponse:
    acl: Vector[ACL] | None
    stat: Stat


@record
class CheckWatchesRequest:
    path: Ustring
    type: Int


@record
class RemoveWatchesRequest:
    path: Ustring
    type: Int


@record
class GetEphemeralsRequest:
    prefix_path: Ustring


@record
class GetEphemeralsResponse:
    ephemerals: Vector[Ustring]


@record
class WhoAmIResponse:
    client_info: Vector[ClientInfo]
