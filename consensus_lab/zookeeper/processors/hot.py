"""The short way for what clients ask all day: straight from the buffer, by precompiled structs, into the output.

Nothing here says anything that the general codec and `reads` would not say; a property test holds one against the
other. Whatever is unusual (null, bytes that are no text, a node that is missing or not open to everyone) is left to
them.
"""

from __future__ import annotations

import struct
from typing import Any

from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE, AccessList
from consensus_lab.zookeeper.connection import REPLY, Connection
from consensus_lab.zookeeper.data_node import DataNode
from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.jute import MAX_BUFFER, InputArchive
from consensus_lab.zookeeper.opcodes import PING_XID, OpCode
from consensus_lab.zookeeper.processors.reads import Reads
from consensus_lab.zookeeper.records import ACL, CreateRequest, SetDataRequest
from consensus_lab.zookeeper.requests import decode_request

_int = struct.Struct(">i").unpack_from
_reply = REPLY.pack
STAT_SIZE = 68


class HotReads:
    """getData, exists, getChildren and ping, of nodes that everyone may read."""

    def __init__(self, tree: DataTree, reads: Reads) -> None:
        self._tree = tree
        self._reads = reads

    def get_data(self, connection: Connection, xid: int, data: bytes, at: int, end: int) -> None:
        node, path = self._find(data, at, end)
        if node is None:
            self._reads.answer(OpCode.get_data, connection, xid, data, at, end)
            return
        if data[end - 1]:
            self._tree.data_watches.add(path, connection)
        body = node.reply or node.encoded_reply()
        connection.out += (_reply(16 + len(body), xid, self._tree.last_processed_zxid, 0), body)
        connection.sent += 1

    def exists(self, connection: Connection, xid: int, data: bytes, at: int, end: int) -> None:
        node, path = self._find(data, at, end)
        if node is None:
            self._reads.answer(OpCode.exists, connection, xid, data, at, end)
            return
        if data[end - 1]:
            self._tree.data_watches.add(path, connection)
        stat = node.reply[-STAT_SIZE:] if node.reply else node.encoded_stat()
        connection.out += (_reply(16 + STAT_SIZE, xid, self._tree.last_processed_zxid, 0), stat)
        connection.sent += 1

    def get_children(self, connection: Connection, xid: int, data: bytes, at: int, end: int) -> None:
        node, path = self._find(data, at, end)
        if node is None:
            self._reads.answer(OpCode.get_children, connection, xid, data, at, end)
            return
        if data[end - 1]:
            self._tree.child_watches.add(path, connection)
        body = node.listing or node.encoded_listing()
        connection.out += (_reply(16 + len(body), xid, self._tree.last_processed_zxid, 0), body)
        connection.sent += 1

    def ping(self, connection: Connection, xid: int, data: bytes, at: int, end: int) -> None:
        connection.out.append(_reply(16, PING_XID, self._tree.last_processed_zxid, 0))
        connection.sent += 1

    def _find(self, data: bytes, at: int, end: int) -> tuple[DataNode | None, str]:
        """The node of a request that is a path and a boolean; None for whatever is not as simple as that."""
        if end - at > 5 and _int(data, at)[0] == end - at - 5:
            try:
                path = data[at + 4 : end - 1].decode()
            except UnicodeDecodeError:
                return None, ""
            node = self._tree.nodes.get(path)
            if node is not None and node.acl in self._tree.acls.world_readable:
                return node, path
        return None, ""


def decode_set_data(data: bytes, at: int, end: int) -> Any:
    """The same as the general codec: a SetDataRequest. Raises JuteError."""
    try:
        path_end = at + 4 + _int(data, at)[0]
        data_end = path_end + 4 + _int(data, path_end)[0]
        if at + 4 <= path_end and path_end + 4 <= data_end == end - 4 and end - at <= MAX_BUFFER:
            path = data[at + 4 : path_end].decode()
            return SetDataRequest(path, data[path_end + 4 : data_end], _int(data, data_end)[0])
    except (struct.error, UnicodeDecodeError):
        pass
    return decode_request(OpCode.set_data, data[at:end])


class CreateDecoder:
    """Reads CreateRequests, and remembers lists it has read: clients send the same few again and again."""

    _MOST = 1000

    def __init__(self) -> None:
        self._lists: dict[bytes, AccessList | None] = {}

    def decode(self, type: int, data: bytes, at: int, end: int) -> Any:
        """The same as the general codec: a CreateRequest. Raises JuteError."""
        try:
            path_end = at + 4 + _int(data, at)[0]
            data_end = path_end + 4 + _int(data, path_end)[0]
            if at + 4 <= path_end and path_end + 4 <= data_end <= end - 8 and end - at <= MAX_BUFFER:
                path = data[at + 4 : path_end].decode()
                acl = self._list(data[data_end : end - 4])
                return CreateRequest(path, data[path_end + 4 : data_end], acl, _int(data, end - 4)[0])
        except (struct.error, UnicodeDecodeError, Unusual):
            pass
        return decode_request(type, data[at:end])

    def _list(self, raw: bytes) -> AccessList | None:
        if raw in self._lists:
            return self._lists[raw]
        archive = InputArchive(raw)
        acl = archive.read_vector(lambda archive: archive.read_record(ACL))
        if archive.rest:
            raise Unusual
        if len(self._lists) >= self._MOST:
            self._lists.clear()
        self._lists[raw] = acl = OPEN_ACL_UNSAFE if acl == OPEN_ACL_UNSAFE else acl
        return acl


class Unusual(Exception):
    """Nothing wrong, but nothing for the short way."""
