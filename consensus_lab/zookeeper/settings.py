"""What an operator may decide about the service: limits, schemes, features. Whence it was read is not known here.

Each field says the key of zoo.cfg, or the property, that it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from consensus_lab.zookeeper.acl import DigestProvider, IpProvider, Provider
from consensus_lab.zookeeper.jute import MAX_BUFFER


class Now(NamedTuple):
    """The time, as a request brings it along: both in ms."""

    wall: int
    """Since the epoch, as nodes and transactions tell it."""
    elapsed: int
    """On a clock that never goes back, as sessions expire by it."""


def default_providers() -> Mapping[str, Provider]:
    """The schemes that are there without being asked for."""
    return {"ip": IpProvider(), "digest": DigestProvider()}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Defaults are Apache's. Times are ms; -1 as a session timeout's bound stands for 2 and 20 ticks."""

    server_id: int = 1  # myid; standalone servers are 1
    tick_time: int = 3000  # tickTime
    min_session_timeout: int = -1  # minSessionTimeout
    max_session_timeout: int = -1  # maxSessionTimeout
    longest_frame: int = MAX_BUFFER  # jute.maxbuffer, bytes
    providers: Mapping[str, Provider] = field(default_factory=default_providers)  # authProvider.N; by scheme
    skip_acl: bool = False  # skipACL
    enforced_schemes: frozenset[str] = frozenset()  # enforce.auth.schemes, if enforce.auth.enabled
    enforce_quota: bool = False  # enforceQuota
    extended_types: bool = False  # extendedTypesEnabled: nodes with a time to live
    digest_enabled: bool = True  # digest.enabled
    reconfig_enabled: bool = False  # reconfigEnabled
    close_session_txn: bool = True  # closeSessionTxn.enabled: name the deleted paths in the log
    local_sessions: bool = False  # localSessionsEnabled; a standalone server has none
    local_sessions_upgrading: bool = False  # localSessionsUpgradingEnabled
    container_check_interval: int = 60_000  # znode.container.checkIntervalMs
    containers_per_minute: int = 10_000  # znode.container.maxPerMinute
    container_never_used: int = 0  # znode.container.maxNeverUsedIntervalMs; 0: a container may stay empty

    def session_timeout(self, asked: int) -> int:
        """What a client gets of the timeout it asks for."""
        least = 2 * self.tick_time if self.min_session_timeout == -1 else self.min_session_timeout
        most = 20 * self.tick_time if self.max_session_timeout == -1 else self.max_session_timeout
        return min(max(asked, least), most)
