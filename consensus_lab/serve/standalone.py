"""One server, from its configuration to its end: which parts there are, and in which order they start and stop.

The order is the course's: configuration, purge task, statistics, data, network, session tracker, processor chain,
metrics, and then it serves. Each step says so in one line. (Apache: ZooKeeperServerMain.java, ZooKeeperServer.startup.)
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
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
        self._lock = ExitStack()
        self._http: list[HttpServer] = []

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
        self._lock.enter_context(self.folder.locked())

    def _start_purging(self) -> None:
        self._purging = PurgeTask(self.folder, self.settings, LOG.info)
        self._purging.start()
        hours = self.settings.purge_interval / 3_600_000
        LOG.info("purge task: %s", f"every {hours:g} h" if hours else "none, as autopurge.purgeInterval is 0")

    def _start_statistics(self) -> None:
        self.begin_statistics()
        LOG.info("statistics: counted from now on")

    def _load_data(self) -> Recovered:
        began = time.monotonic()
        self._snapshots = Snapshots(self.folder, self.settings, self.metrics, LOG.info)
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
            self._http.append(admin)
            port = await admin.start(self.settings.admin_address, self.settings.admin_port)
            self.admin_port = port
            LOG.info("admin server: http://%s:%d%s", self.settings.admin_address, port, self.settings.admin_url)
        if self.settings.metrics_class == PROMETHEUS:
            from consensus_lab.serve.prometheus import MetricsPage

            page = HttpServer(MetricsPage(self.metrics).handle)
            self._http.append(page)
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
        """End what runs, in order: no new requests, the log written, answers given, connections closed."""
        for ending in (self._end_requests, self._end_faces, self._end_files):
            await ending()
        LOG.info("ended%s", f": {self.failure}" if self.failure else "")

    async def _end_requests(self) -> None:
        if not hasattr(self, "service"):
            return
        self.service.stop()
        self._commit.stop()
        await asyncio.sleep(0)  # what became durable is told to the loop, and answered
        for port in getattr(self, "ports", []):
            await port.stop()
        LOG.info("network: closed")

    async def _end_faces(self) -> None:
        for server in self._http:
            await server.stop()

    async def _end_files(self) -> None:
        if hasattr(self, "_purging"):
            self._purging.stop()
        if hasattr(self, "_snapshots"):
            await self._snapshots.stop()
        self._lock.close()
        LOG.info("data: closed")


async def serve(config: Config, *, until: Callable[[asyncio.Event], None] = lambda ended: None) -> None:
    """Serve until `until`'s event is set, or until the server has to stop. Raises ServeError."""
    server = Standalone(config)
    until(server.ended)
    try:
        await server.start()
        gc.freeze()  # what was loaded will hardly go, and need not be looked at again
        await server.ended.wait()
    finally:
        await server.stop()
    if server.failure is not None:
        raise server.failure


def on_signals(ended: asyncio.Event) -> None:
    """SIGTERM and Ctrl-C end the server in order."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)


def run(config: Config) -> None:
    """The whole life of a server, in the foreground: on uvloop where the extra `fast` is installed."""
    tune_interpreter()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve(config, until=on_signals))


def tune_interpreter() -> None:
    """For a process that is nothing but a server.

    The thread that syncs the log comes back from every fsync to find the loop busy: let it not wait the usual 5 ms. A
    tree of a million nodes holds no cycles: full garbage collections, which walk all of it, would only be pauses.
    """
    sys.setswitchinterval(0.0002)
    gc.set_threshold(20_000, 20, 1_000_000)


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """The faster loop if there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
