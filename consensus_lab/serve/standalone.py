"""One server, from its configuration to its end: which parts there are, and in which order they start and stop.

The order is the course's: configuration, purge task, statistics, data, network, session tracker, processor chain,
metrics, and then it serves. Each step says so in one line. (Apache: ZooKeeperServerMain.java, ZooKeeperServer.startup.)
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import AsyncExitStack
from typing import Any

from consensus_lab.serve import four_letter
from consensus_lab.serve.admin import AdminServer
from consensus_lab.serve.client_port import Client, ClientPort
from consensus_lab.serve.config import Config
from consensus_lab.serve.core_settings import core_settings
from consensus_lab.serve.data_dir import DataDir
from consensus_lab.serve.errors import BrokenError, ServeError
from consensus_lab.serve.group_commit import GroupCommit
from consensus_lab.serve.housekeeping import PurgeTask, SnapshotRule, Snapshots
from consensus_lab.serve.http import HttpServer
from consensus_lab.serve.jaas import read_users
from consensus_lab.serve.log_file import LogFile
from consensus_lab.serve.metrics import Metrics
from consensus_lab.serve.recovery import Recovered, recover
from consensus_lab.serve.service import Service, now
from consensus_lab.serve.snapshot_file import restore
from consensus_lab.serve.statistics import Statistics
from consensus_lab.serve.tls import server_context
from consensus_lab.zookeeper.data_tree import DataTree
from consensus_lab.zookeeper.server import Server

LOG = logging.getLogger("consensus_lab.serve")
PROMETHEUS = "org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider"
LARGEST_RESTORE = 1 << 30  # bytes of a snapshot that the admin server takes in


class Standalone(Statistics):
    """A server on its own. `failure` says why it had to stop, if it had to."""

    mode = "standalone"

    def __init__(self, config: Config) -> None:
        self.config: Config = config
        self.settings = config.settings
        self.folder = DataDir(self.settings.snapshot_dir, self.settings.log_dir)
        self.metrics = Metrics()
        self.failure: ServeError | None = None
        self.ended = asyncio.Event()
        self._endings = AsyncExitStack()

    # -- starting --------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Every step of the start. Raises ServeError; what was started by then is for `stop` to end."""
        asyncio.get_running_loop().set_exception_handler(self._broken)
        self._read_configuration()
        self._start_purging()
        self._start_statistics()
        recovered = self._load_data()
        core = self._make_core(recovered)
        await self._open_network(core)
        self._start_sessions(core)
        self._start_processors(core, recovered)
        await self._start_metrics()
        self._serve()

    def _read_configuration(self) -> None:
        LOG.info("configuration: %s", self.config.path or "the embedded default")
        if self.config.strangers:
            LOG.warning("configuration: without any effect here: %s", ", ".join(self.config.strangers))
        jaas = self.settings.jaas_file
        self.users = read_users(jaas, self.settings.jaas_section) if jaas else None
        self.words = four_letter.allowed_words(
            self.settings.four_letter_words, read_only_mode=self.settings.read_only_mode
        )
        self.folder.open(autocreate=self.settings.autocreate_data_dir)
        self._endings.enter_context(self.folder.locked())
        self.folder.sweep()

    def _start_purging(self) -> None:
        purging = PurgeTask(self.folder, self.settings, LOG.info)
        purging.start()
        self._endings.callback(purging.stop)
        hours = self.settings.purge_interval / 3_600_000
        LOG.info("purge task: %s", f"every {hours:g} h" if hours else "none, as autopurge.purgeInterval is 0")

    def _start_statistics(self) -> None:
        self.begin_statistics()
        LOG.info("statistics: counted from now on")

    def _load_data(self) -> Recovered:
        began = time.monotonic()
        self._snapshots = Snapshots(self.folder, self.settings, self.metrics, LOG.info)
        self._endings.push_async_callback(self._snapshots.stop)
        recovered = recover(
            self.folder,
            self._new_tree(),
            LOG.warning,
            trust_empty=self.settings.trust_empty_snapshot,
            style=self._snapshots.style,
        )
        took = int((time.monotonic() - began) * 1000)
        self.metrics.summaries["dbinittime"].add(took)
        self.metrics.summaries["startup_txns_loaded"].add(recovered.replayed)
        self.metrics.counters["digest_mismatches_count"].add(recovered.database.mismatches)
        zxid, nodes = recovered.database.tree.last_processed_zxid, recovered.database.tree.node_count
        source = recovered.snapshot.name if recovered.snapshot else "no snapshot"
        LOG.info("data: %d nodes at zxid %#x, from %s and %d transactions", nodes, zxid, source, recovered.replayed)
        return recovered

    def _new_tree(self) -> DataTree:
        return DataTree(digests=self.settings.digest_enabled, extended=self.settings.extended_types)

    def _make_core(self, recovered: Recovered) -> Server:
        log = LogFile(
            self.folder,
            block=self.settings.prealloc_kb * 1024,
            limit=self.settings.log_size_limit_kb * 1024,
            sync=self.settings.force_sync,
        )
        self._log = log
        self._commit = GroupCommit(log, self._durable, self.fail, self.settings.max_batch_size)
        self._rule = SnapshotRule(self.settings.snap_count, self.settings.snap_size_limit_kb * 1024)
        self.database = recovered.database
        core = Server(recovered.database, core_settings(self.config), now())
        self.service = Service(core, self.settings, self.metrics, self._submit, self.users)
        self.service.word = self._word
        self._endings.push_async_callback(self._end_requests)
        return core

    async def _open_network(self, core: Server) -> None:
        settings = self.settings
        self.ports = []
        for port, address, secure in (
            (settings.client_port, settings.client_port_address, False),
            (settings.secure_client_port, settings.secure_client_port_address, True),
        ):
            if port is None:
                continue
            opened = ClientPort(self.service, secure=secure)
            tls = server_context(settings) if secure else None
            backlog = 50 if settings.listen_backlog == -1 else settings.listen_backlog
            await opened.listen(address, port, backlog, tls)
            self.ports.append(opened)
            name = "secure client port" if secure else "client port"
            LOG.info("network: %s %d on %s", name, opened.port, address or "every address")

    def _start_sessions(self, core: Server) -> None:
        LOG.info("session tracker: %d sessions, a tick of %d ms", len(self.database.sessions), self.settings.tick_time)

    def _start_processors(self, core: Server, recovered: Recovered) -> None:
        LOG.info("processors: PrepRequestProcessor, SyncRequestProcessor, FinalRequestProcessor")
        if recovered.replayed or recovered.snapshot is None:
            self._snapshots.begin(self.database)

    async def _start_metrics(self) -> None:
        self.register_gauges()
        if self.settings.admin:
            admin = HttpServer(AdminServer(self).handle, longest_body=LARGEST_RESTORE)
            self._endings.push_async_callback(admin.stop)
            port = await admin.start(self.settings.admin_address, self.settings.admin_port)
            self.admin_port = port
            LOG.info("admin server: http://%s:%d%s", self.settings.admin_address, port, self.settings.admin_url)
        if self.settings.metrics_class == PROMETHEUS:
            from consensus_lab.serve.prometheus import MetricsPage

            page = HttpServer(MetricsPage(self.metrics).handle)
            self._endings.push_async_callback(page.stop)
            self.metrics_port = await page.start(self.settings.metrics_address, self.settings.metrics_port)
            LOG.info("metrics: http://%s:%d/metrics", self.settings.metrics_address, self.metrics_port)
        else:
            LOG.info("metrics: told by the word mntr and by the admin server")

    def _serve(self) -> None:
        self.service.start()
        LOG.info("serving")

    # -- serving ---------------------------------------------------------------------------------------------------

    @property
    def serving(self) -> bool:
        """Whether clients are served now."""
        return self.service.serving and self.failure is None

    def _submit(self, records: list[bytes]) -> None:
        """Hand transactions to the disk; if the log has grown enough, the next ones go to a new file."""
        self._commit.submit(records)
        self.note_digests(records)
        if self._rule.is_due(len(records), sum(map(len, records))):
            self._rule.begin()
            self._commit.roll()
            self._snapshots.begin(self.database)

    def _durable(self, count: int, written: int) -> None:
        if self.failure is None:
            self.note_sync(count, self._log.last_sync_ms)
            self.service.durable(count)

    def _word(self, client: Client, word: bytes, rest: bytes) -> bytes | None:
        return four_letter.answer(self, client, word, rest)

    def _broken(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Something raised that nobody awaited. What the network does is nothing; a mistake of ours ends the server."""
        error = context.get("exception")
        if error is None or isinstance(error, OSError):
            LOG.debug("%s", context["message"])
        elif self.failure is None:
            LOG.error("%s", context["message"], exc_info=error)
            self.fail(BrokenError(f"the server broke: {type(error).__name__}: {error}"))

    def fail(self, error: ServeError) -> None:
        """Stop serving at once: nothing is acknowledged any more."""
        LOG.error("stopping: %s", error)
        self.metrics.counters["unrecoverable_error_count"].add()
        self.failure = error
        self.ended.set()

    async def restore(self, snapshot: bytes) -> int:
        """Serve what a snapshot holds instead. Returns the last zxid, which goes on from here; raises SnapshotError.

        Apache's server forgets this when it is restarted; here the snapshot is on the disk before anybody is served.
        """
        database = restore(snapshot, 0, self._new_tree())
        await self.service.settle()
        for port in self.ports:
            port.hang_up()
        database.tree.last_processed_zxid = max(self.zxid, database.digest_from_zxid)
        self._commit.roll()
        await self._snapshots.take(database)
        self._rule.begin()
        self.database = database
        self.service.core = Server(database, core_settings(self.config), now())
        self.service.start()
        LOG.info("restored: %d nodes at zxid %#x", self.tree.node_count, self.zxid)
        return self.zxid

    # -- stopping --------------------------------------------------------------------------------------------------

    async def stop(self) -> None:
        """End whatever was started, the last first."""
        await self._endings.aclose()
        LOG.info("ended%s", f": {self.failure}" if self.failure else "")

    async def _end_requests(self) -> None:
        """No new requests; the log written, answers given, connections closed."""
        self.service.stop()
        self._commit.stop()
        await asyncio.sleep(0)  # what became durable is told to the loop, and answered
        for port in self.ports:
            await port.stop()
        LOG.info("network and log: closed")
