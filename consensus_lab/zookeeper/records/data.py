"""What clients and servers both speak of: access control lists and Stat, as in `org.apache.zookeeper.data`."""

from __future__ import annotations

from consensus_lab.zookeeper.jute import Int, Long, Ustring, record


@record
class Id:
    scheme: Ustring | None
    id: Ustring | None


@record
class ACL:
    perms: Int
    id: Id


@record
class Stat:
    czxid: Long
    mzxid: Long
    ctime: Long
    mtime: Long
    version: Int
    cversion: Int
    aversion: Int
    ephemeral_owner: Long
    data_length: Int
    num_children: Int
    pzxid: Long


@record
class StatPersisted:
    czxid: Long
    mzxid: Long
    ctime: Long
    mtime: Long
    version: Int
    cversion: Int
    aversion: Int
    ephemeral_owner: Long
    pzxid: Long


@record
class ClientInfo:
    auth_scheme: Ustring
    user: Ustring
