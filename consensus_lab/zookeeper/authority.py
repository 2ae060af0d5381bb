"""Who says yes or no: access control lists and quotas, by the settings of this server."""

from __future__ import annotations

from consensus_lab.zookeeper.acl import Ids, allows, fix_up
from consensus_lab.zookeeper.acl_cache import OPEN_ACL_UNSAFE, AccessList
from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.errors import Code, KeeperError
from consensus_lab.zookeeper.quota import StatsTrack, exceeds, limit_path, stat_path
from consensus_lab.zookeeper.settings import Settings


class Authority:
    """Judges; it changes nothing."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def allows(self, acl: AccessList | None, perms: int, ids: Ids) -> bool:
        """Whether a client may; None stands for a node that never had a list."""
        if acl is None or acl is OPEN_ACL_UNSAFE or self._settings.skip_acl:
            return True
        return allows(acl, perms, ids, self._settings.providers)

    def demand(self, acl: AccessList, perms: int, ids: Ids) -> None:
        """Raises KeeperError NOAUTH unless the client may."""
        if not self.allows(acl, perms, ids):
            raise KeeperError(Code.NOAUTH)

    def fix_up(self, acl: AccessList | None, ids: Ids) -> AccessList:
        """The list as it is stored. Raises KeeperError INVALIDACL."""
        return fix_up(acl, ids, self._settings.providers)

    def demand_room(self, tree: DataTree, path: str, more_bytes: int, more_nodes: int) -> None:
        """Raises KeeperError QUOTAEXCEEDED if a hard limit above `path` would be broken, where quotas are enforced."""
        limited = tree.quotas.deepest(path) if self._settings.enforce_quota else None
        if limited is None:
            return
        limits, usage = tree.nodes.get(limit_path(limited)), tree.nodes.get(stat_path(limited))
        if limits and usage and exceeds(StatsTrack(limits.data), StatsTrack(usage.data), more_bytes, more_nodes):
            raise KeeperError(Code.QUOTAEXCEEDED)
