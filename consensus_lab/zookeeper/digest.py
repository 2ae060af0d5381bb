"""The digest of a tree: a sum over its nodes, so that one change costs one node. Version 2.

Nodes below /zookeeper are left out, for servers may differ there. (Apache: DigestCalculator.java.)
"""

from __future__ import annotations

import struct
from typing import Protocol
from zlib import crc32

from consensus_lab.zookeeper.numbers import LONG_MASK

VERSION = 2
_STAT = struct.Struct(">qqqqqiiiq")


class Digestible(Protocol):
    """What of a node goes into its digest; its children do not, nor its access control list."""

    data: bytes | None
    czxid: int
    mzxid: int
    pzxid: int
    ctime: int
    mtime: int
    version: int
    cversion: int
    aversion: int
    ephemeral_owner: int


def node_digest(path: str, node: Digestible) -> int:
    """The CRC32 of a node's path, data and persisted Stat; the root's path is ""."""
    if path.startswith("/zookeeper/"):
        return 0
    stat = _STAT.pack(
        node.czxid,
        node.mzxid,
        node.pzxid,
        node.ctime,
        node.mtime,
        node.version,
        node.cversion,
        node.aversion,
        node.ephemeral_owner,
    )
    name = path.encode() if path != "/" else b""
    return crc32(name + (node.data or b"") + stat)


def replaced(total: int, old: int, new: int) -> int:
    """The tree's digest once a node's digest changed from `old` to `new`; a node that is not there has digest 0."""
    return (total - old + new) & LONG_MASK
