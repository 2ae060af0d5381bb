"""What the servers of an ensemble say to each other, as in `org.apache.zookeeper.server.quorum`."""

from __future__ import annotations

from consensus_lab.zookeeper.jute import Buffer, Int, Long, Vector, record
from consensus_lab.zookeeper.records.data import Id


@record
class LearnerInfo:
    serverid: Long
    protocol_version: Int
    config_version: Long


@record
class QuorumPacket:
    type: Int
    zxid: Long
    data: Buffer | None
    authinfo: Vector[Id] | None


@record
class QuorumAuthPacket:
    magic: Long
    status: Int
    token: Buffer | None
