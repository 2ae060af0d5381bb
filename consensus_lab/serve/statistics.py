"""What a running server can be asked about itself: the one source of the words, the admin server and the metrics.

(Apache: ServerStats.java, ZooKeeperServer.registerMetrics, DataTree.java.)
"""

from __future__ import annotations

import os
import resource
import time
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from consensus_lab.serve.data_dir import DataDir, size_of
from consensus_lab.serve.metrics import Metrics
from consensus_lab.serve.service import now
from consensus_lab.serve.settings import Settings
from consensus_lab.zookeeper.authority import Authority
from consensus_lab.zookeeper.connection import Latency
from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.database import Database
from consensus_lab.zookeeper.records import Id
from consensus_lab.zookeeper.sessions import Session
from consensus_lab.zookeeper.txn_log import zxid_of
from consensus_lab.zookeeper.txns import decode_txn

if TYPE_CHECKING:
    from consensus_lab.serve.client_port import Client, ClientPort
    from consensus_lab.serve.housekeeping import Snapshots
    from consensus_lab.serve.service import Service

DIGEST_EVERY = 128  # zxids
DIGESTS_KEPT = 1024
TRACE_MASK = 0b100110010  # Apache's default: what it would trace


class Statistics:
    """A part of a server: numbers that are counted, and numbers that are read off its parts."""

    settings: Settings
    folder: DataDir
    metrics: Metrics
    database: Database
    service: Service
    ports: list[ClientPort]
    _snapshots: Snapshots

    def begin_statistics(self) -> None:
        """Count from now on."""
        self._began = time.monotonic()
        self.trace_mask = TRACE_MASK
        self.slow_syncs = 0
        self.digests: deque[tuple[int, int]] = deque(maxlen=DIGESTS_KEPT)
        self.ports = []

    # -- the server ------------------------------------------------------------------------------------------------

    @property
    def tree(self) -> DataTree:
        return self.database.tree

    @property
    def zxid(self) -> int:
        """The last transaction that was applied."""
        return self.tree.last_processed_zxid

    @property
    def uptime(self) -> int:
        """In ms."""
        return int((time.monotonic() - self._began) * 1000)

    @property
    def client_port(self) -> int:
        """The port of plain clients; -1: none."""
        return next((port.port for port in self.ports if not port.secure), -1)

    @property
    def secure_port(self) -> int:
        """The port of clients on TLS; -1: none."""
        return next((port.port for port in self.ports if port.secure), -1)

    @property
    def data_dir_size(self) -> int:
        return size_of(self.folder.snapshot_dir)

    @property
    def log_dir_size(self) -> int:
        return size_of(self.folder.log_dir)

    @property
    def last_snapshot(self) -> tuple[int, int]:
        """Its zxid and its time, in seconds since the epoch."""
        return self._snapshots.last

    def buckets(self) -> Mapping[int, Mapping[Session, None]]:
        """Sessions by the time they expire, on the clock that never goes back."""
        return self.service.core.sessions.expiry.buckets()

    async def take_snapshot(self) -> tuple[Path, int]:
        """Take a snapshot now. Returns its path and zxid."""
        return await self._snapshots.take(self.database)

    def prove(self, scheme: str, token: bytes, known: Id) -> tuple[Id, ...]:
        """Who somebody is by this scheme and token, and by what is known of him already."""
        provider = self.service.core.settings.providers.get(scheme)
        return tuple(provider.authenticate((known,), token)) if provider else ()

    def may(self, path: str, perms: int, ids: tuple[Id, ...]) -> bool:
        """Whether somebody has each of these permissions on a node."""
        node = self.tree.nodes.get(path)
        if node is None:
            return False
        acl = self.tree.acls[node.acl]
        bits = [1 << bit for bit in range(perms.bit_length()) if perms >> bit & 1]
        authority = Authority(self.service.core.settings)
        return all(authority.allows(acl, bit, ids) for bit in bits)

    # -- connections -----------------------------------------------------------------------------------------------

    def clients(self, *, secure: bool) -> Iterable[Client]:
        """Who is connected to the plain or to the secure port."""
        return [client for port in self.ports if port.secure is secure for client in port.clients.values()]

    @property
    def connection_count(self) -> int:
        return len(self.service.clients)

    @property
    def packets_received(self) -> int:
        return self.service.received_by_gone + sum(connection.received for connection in self.service.clients)

    @property
    def packets_sent(self) -> int:
        return self.service.sent_to_gone + sum(connection.sent for connection in self.service.clients)

    @property
    def latency(self) -> Latency:
        """How long requests took, in ms."""
        return self.service.core.latency

    @property
    def outstanding(self) -> int:
        """Requests that are not answered yet."""
        return self.service.core.outstanding

    def wall_time(self, elapsed: int) -> int:
        """A time on the clock that never goes back, in ms since the epoch."""
        told = now()
        return elapsed + told.wall - told.elapsed

    def note_word(self, client: Client) -> None:
        """A four-letter word is a packet."""
        if client.connection is not None:
            client.connection.received += 1

    def note_word_answered(self) -> None:
        """So is its answer, once it is made."""
        self.service.sent_to_gone += 1

    def connection_sets(self, port: ClientPort) -> dict[int, list[str]]:
        """The connections of a port by when they would be dropped for silence: bucketed as Apache buckets them."""
        found: dict[int, list[str]] = {}
        for client in port.clients.values():
            connection = client.connection
            if connection is not None:
                wait = connection.timeout or self.settings.sessionless_timeout
                expiry = (int(time.monotonic() * 1000) + wait) // 10_000 * 10_000 + 10_000
                found.setdefault(expiry, []).append(f"ip: {client.address} sessionId: 0x{connection.session_id:x}")
        return found

    def reset_connections(self) -> None:
        """Count anew what each connection did."""
        for connection in self.service.clients:
            self.service.absorb(connection)
            connection.received = connection.sent = 0
            connection.latency = Latency()

    def reset_stats(self) -> None:
        """Count anew what the server did."""
        self.service.received_by_gone = -sum(connection.received for connection in self.service.clients)
        self.service.sent_to_gone = -sum(connection.sent for connection in self.service.clients)
        latency = self.latency
        latency.count = latency.total = latency.last = latency.min = latency.max = 0
        self.metrics.reset()

    # -- watches ---------------------------------------------------------------------------------------------------

    def watches_by_session(self) -> list[tuple[int, list[str]]]:
        """The paths that each session's connection watches for data."""
        return [(session_of(watcher), list(paths)) for watcher, paths in self.tree.data_watches.by_watcher()]

    def watches_by_path(self) -> list[tuple[str, list[int]]]:
        """The sessions that watch each path for data."""
        by_path = self.tree.data_watches.by_path
        return [(path, [session_of(watcher) for watcher in watchers]) for path, watchers in by_path.items()]

    # -- what is noted in passing ------------------------------------------------------------------------------------

    def note_digests(self, records: list[bytes]) -> None:
        """Keep the tree's digest after every 128th transaction, for the word ``hash``. Zxids come without a gap."""
        for record in records[-zxid_of(records[0]) % DIGEST_EVERY :: DIGEST_EVERY]:
            digest = decode_txn(record).digest
            if digest is not None:
                self.digests.append((zxid_of(record), digest.tree_digest))

    def note_sync(self, count: int, took: float) -> None:
        """An fsync made so many transactions durable, in so many ms."""
        summaries = self.metrics.summaries
        summaries["fsynctime"].add(int(took))
        summaries["sync_processor_batch_size"].add(count)
        self.metrics.counters["sync_processor_request_queued"].add(count)
        self.slow_syncs += took > self.settings.fsync_warning

    def register_gauges(self) -> None:
        """What is read off when the metrics are shown (ZooKeeperServer.registerMetrics)."""
        self.metrics.gauges |= {
            "avg_latency": lambda: round(self.latency.average, 4),
            "max_latency": lambda: self.latency.max,
            "min_latency": lambda: self.latency.min,
            "packets_received": lambda: self.packets_received,
            "packets_sent": lambda: self.packets_sent,
            "num_alive_connections": lambda: self.connection_count,
            "outstanding_requests": lambda: self.outstanding,
            "uptime": lambda: self.uptime,
            "znode_count": lambda: self.tree.node_count,
            "watch_count": lambda: len(self.tree.data_watches) + len(self.tree.child_watches),
            "ephemerals_count": lambda: sum(map(len, self.tree.ephemerals.values())),
            "approximate_data_size": lambda: self.tree.data_size,
            "global_sessions": lambda: len(self.database.sessions),
            "local_sessions": lambda: 0,
            "open_file_descriptor_count": lambda: len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc") else 0,
            "max_file_descriptor_count": lambda: resource.getrlimit(resource.RLIMIT_NOFILE)[0],
            "connection_drop_probability": lambda: 0.0,
            "last_client_response_size": lambda: self.service.response_sizes.last,
            "max_client_response_size": lambda: self.service.response_sizes.max,
            "min_client_response_size": lambda: self.service.response_sizes.min,
            "outstanding_tls_handshake": lambda: 0,
            "auth_failed_count": lambda: 0,
            "non_mtls_remote_conn_count": lambda: 0,
            "non_mtls_local_conn_count": lambda: 0,
        }


def session_of(watcher: object) -> int:
    """The session of a watcher, which is a connection here."""
    return int(getattr(watcher, "session_id", 0))
