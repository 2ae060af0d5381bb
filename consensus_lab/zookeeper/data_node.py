"""One node of the tree: its data, its Stat, and the names of its children. (Apache: DataNode.java.)"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from consensus_lab.zookeeper.ephemeral_type import CONTAINER_OWNER
from consensus_lab.zookeeper.jute import NULL, utf8
from consensus_lab.zookeeper.records import StatPersisted

STAT = struct.Struct(">qqqqIIIqIIq")
_LENGTH = struct.Struct(">i")
_INT = 0xFFFFFFFF
_TTL_OWNERS = 0xFF00000000000000


class DataNode:
    """A node of the tree.

    The Stat is kept field by field, as it is logged: `cversion` counts the children ever created, and
    `ephemeral_owner` names sessions, containers and TTLs alike. What clients see is `stat`.
    """

    __slots__ = (
        "acl",
        "aversion",
        "children",
        "ctime",
        "cversion",
        "czxid",
        "data",
        "digest",
        "ephemeral_owner",
        "listing",
        "mtime",
        "mzxid",
        "pzxid",
        "reply",
        "version",
    )

    def __init__(self, data: bytes | None, acl: int, zxid: int, time: int, owner: int) -> None:
        self.data = data
        self.acl = acl  # its number in the ACL cache
        self.czxid = self.mzxid = self.pzxid = zxid
        self.ctime = self.mtime = time  # ms since the epoch
        self.version = self.cversion = self.aversion = 0
        self.ephemeral_owner = owner
        self.children: dict[str, None] | None = None  # their names, in the order they came; None until the first one
        self.digest = 0
        self.reply: bytes | None = None  # data and Stat as getData answers them; None since the last change
        self.listing: bytes | None = None  # the children's names as getChildren answers them; the same

    @classmethod
    def restored(cls, data: bytes | None, acl: int, stat: StatPersisted) -> DataNode:
        """A node of a snapshot."""
        node = cls(data, acl, stat.czxid, stat.ctime, stat.ephemeral_owner)
        node.mzxid, node.pzxid, node.mtime = stat.mzxid, stat.pzxid, stat.mtime
        node.version, node.cversion, node.aversion = stat.version, stat.cversion, stat.aversion
        return node

    def child_names(self) -> Iterable[str]:
        """In the order they were created."""
        return self.children or ()

    def persisted(self) -> StatPersisted:
        """The Stat as snapshots keep it."""
        return StatPersisted(
            self.czxid,
            self.mzxid,
            self.ctime,
            self.mtime,
            self.version,
            self.cversion,
            self.aversion,
            self.ephemeral_owner,
            self.pzxid,
        )

    def encoded_stat(self) -> bytes:
        """The Stat as clients see it: 68 bytes. Creations and deletions of children are told as one number."""
        children = len(self.children) if self.children else 0
        owner = self.ephemeral_owner
        if owner and (owner == CONTAINER_OWNER or owner & _TTL_OWNERS == _TTL_OWNERS):
            owner = 0  # no session, so none of the client's business
        return STAT.pack(
            self.czxid,
            self.mzxid,
            self.ctime,
            self.mtime,
            self.version & _INT,
            (self.cversion * 2 - children) & _INT,
            self.aversion & _INT,
            owner,
            len(self.data) if self.data else 0,
            children,
            self.pzxid,
        )

    def encoded_reply(self) -> bytes:
        """Data and Stat as getData answers them; kept until something changes."""
        reply = self.reply
        if reply is None:
            data = self.data
            body = NULL if data is None else _LENGTH.pack(len(data)) + data
            reply = self.reply = body + self.encoded_stat()
        return reply

    def encoded_listing(self) -> bytes:
        """The children's names as getChildren answers them; kept until something changes."""
        listing = self.listing
        if listing is None:
            names = [utf8(name) for name in self.child_names()]
            parts = [_LENGTH.pack(len(name)) + name for name in names]
            listing = self.listing = _LENGTH.pack(len(names)) + b"".join(parts)
        return listing
