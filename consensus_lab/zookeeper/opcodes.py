"""The numbers of the wire: operations, permissions, the kinds of nodes, and the xids with a meaning of their own.

(Apache: ZooDefs.java, CreateMode.java, ClientCnxn.java, Watcher.java.)
"""

from __future__ import annotations

from enum import IntEnum, IntFlag


class OpCode(IntEnum):
    """What a request asks for, and what a transaction does."""

    notification = 0
    create = 1
    delete = 2
    exists = 3
    get_data = 4
    set_data = 5
    get_acl = 6
    set_acl = 7
    get_children = 8
    sync = 9
    ping = 11
    get_children2 = 12
    check = 13
    multi = 14
    create2 = 15
    reconfig = 16
    check_watches = 17
    remove_watches = 18
    create_container = 19
    delete_container = 20
    create_ttl = 21
    multi_read = 22
    auth = 100
    set_watches = 101
    sasl = 102
    get_ephemerals = 103
    get_all_children_number = 104
    set_watches2 = 105
    add_watch = 106
    who_am_i = 107
    create_session = -10
    close_session = -11
    error = -1


class Perms(IntFlag):
    """What an entry of an access control list allows."""

    READ = 1
    WRITE = 2
    CREATE = 4
    DELETE = 8
    ADMIN = 16
    ALL = 31


class CreateMode(IntEnum):
    """The kinds of nodes a client may ask for: the `flags` of a create."""

    PERSISTENT = 0
    EPHEMERAL = 1
    PERSISTENT_SEQUENTIAL = 2
    EPHEMERAL_SEQUENTIAL = 3
    CONTAINER = 4
    PERSISTENT_WITH_TTL = 5
    PERSISTENT_SEQUENTIAL_WITH_TTL = 6


MODES = frozenset(map(int, CreateMode))
SEQUENTIAL_MODES = frozenset({2, 3, 6})
EPHEMERAL_MODES = frozenset({1, 3})
TTL_MODES = frozenset({5, 6})


class EventType(IntEnum):
    """What a watch event tells."""

    NodeCreated = 1
    NodeDeleted = 2
    NodeDataChanged = 3
    NodeChildrenChanged = 4


class AddWatchMode(IntEnum):
    """The watches that stay: for a node, or for a node and all below it."""

    PERSISTENT = 0
    PERSISTENT_RECURSIVE = 1


class WatcherType(IntEnum):
    """Which watches removeWatches and checkWatches mean."""

    Children = 1
    Data = 2
    Any = 3
    Persistent = 4
    PersistentRecursive = 5


SYNC_CONNECTED = 3
"""The state that a watch event carries."""

NOTIFICATION_XID = -1
PING_XID = -2
AUTH_XID = -4
SET_WATCHES_XID = -8

CONFIG_NODE = "/zookeeper/config"
"""Where an ensemble keeps its membership."""
