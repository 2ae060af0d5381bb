"""What a server measures of itself, under Apache's names: counters, summaries, and gauges that are asked.

Every name of a server of Apache is here, so that a dashboard finds it; those of ensembles stay at nought on one server
alone. How they are shown is `four_letter.py`'s (``mntr``), `admin.py`'s and `prometheus.py`'s to say.
(Apache: ServerMetrics.java, ServerStats.java, metric/AvgMinMaxCounter.java, metric/AvgMinMaxPercentileCounter.java.)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal

Number = int | float

COUNTERS = """
snapshot_error_count snapshot_rate_limited_count restore_error_count restore_rate_limited_count looking_count
diff_count snap_count commit_count connection_request_count connection_rejected bytes_received_count
unrecoverable_error_count add_dead_watcher_stall_time dead_watchers_queued dead_watchers_cleared
response_packet_cache_hits response_packet_cache_misses response_packet_get_children_cache_hits
response_packet_get_children_cache_misses ensemble_auth_success ensemble_auth_fail ensemble_auth_skip
prep_processor_request_queued outstanding_changes_queued outstanding_changes_removed revalidate_count
connection_drop_count connection_revalidate_count sessionless_connections_expired stale_sessions_expired
request_commit_queued throttled_ops learner_proposal_received_count learner_commit_received_count
sync_processor_request_queued proposal_count quit_leading_due_to_disloyal_voter stale_requests
stale_requests_dropped stale_replies request_throttle_wait_count large_requests_rejected digest_mismatches_count
unsuccessful_handshake insecure_admin_count tls_handshake_exceeded cnxn_closed_without_zk_server_running
skip_learner_request_to_next_processor_count requests_not_forwarded_to_commit_processor response_bytes
watch_bytes
"""
"""What only counts up, as ServerMetrics.java names it."""

SUMMARIES = """
fsynctime snapshottime restore_time dbinittime follower_sync_time observer_sync_time election_time
connection_token_deficit inflight_snap_count inflight_diff_count node_created_watch_count
node_deleted_watch_count node_changed_watch_count node_children_watch_count prep_processor_queue_size
prep_process_time proposal_process_time unavailable_time leader_unavailable_time requests_in_session_queue
pending_session_queue_size reads_after_write_in_session_queue reads_issued_from_session_queue
session_queues_drained time_waiting_empty_pool_in_commit_processor_read_ms write_batch_time_in_commit_processor
concurrent_request_processing_in_commit_processor read_commit_proc_req_queued write_commit_proc_req_queued
commit_commit_proc_req_queued read_commit_proc_issued write_commit_proc_issued commit_process_time
startup_txns_loaded startup_txns_load_time startup_snap_load_time sync_processor_queue_size sync_process_time
sync_processor_batch_size netty_queued_buffer_capacity learner_request_processor_queue_size socket_closing_time
"""
"""What has an average, a least and a greatest (times in ms)."""

PERCENTILES = """
readlatency updatelatency propagation_latency dead_watchers_cleaner_latency prep_processor_queue_time_ms
close_session_prep_time read_commitproc_time_ms write_commitproc_time_ms local_write_committed_time_ms
server_write_committed_time_ms om_proposal_process_time_ms om_commit_process_time_ms read_final_proc_time_ms
write_final_proc_time_ms proposal_latency proposal_ack_creation_latency commit_propagation_latency
sync_processor_queue_and_flush_time_ms sync_processor_queue_time_ms sync_processor_queue_flush_time_ms
quorum_ack_latency request_throttle_queue_time_ms jvm_pause_time_ms
"""
"""What has percentiles besides."""

RECENT = 1024  # values that percentiles are taken of
QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p999": 0.999}


class Counter:
    """Counts up."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.value = 0

    def add(self, more: int = 1) -> None:
        self.value += more

    def reset(self) -> None:
        self.value = 0

    def values(self) -> Iterator[tuple[str, Number]]:
        yield self.name, self.value


class Summary:
    """The average, the least and the greatest of what was added."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = self.total = self.least = self.greatest = 0

    def add(self, value: int, times: int = 1) -> None:
        """Add a whole number, or the same one several times."""
        self.count += times
        self.total += value * times
        if value < self.least or self.count == times:
            self.least = value
        if value > self.greatest or self.count == times:
            self.greatest = value

    def reset(self) -> None:
        self.count = self.total = self.least = self.greatest = 0

    @property
    def average(self) -> float:
        """To four decimals."""
        if not self.count:
            return 0.0
        return float(Decimal(self.total / self.count).quantize(Decimal("0.0001"), ROUND_HALF_UP))

    def values(self) -> Iterator[tuple[str, Number]]:
        name = self.name
        yield f"avg_{name}", self.average
        yield f"min_{name}", self.least
        yield f"max_{name}", self.greatest
        yield f"cnt_{name}", self.count
        yield f"sum_{name}", self.total


class PercentileSummary(Summary):
    """A summary that keeps recent values, too. (Apache keeps a random sample of all.)"""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.recent: deque[int] = deque(maxlen=RECENT)

    def add(self, value: int, times: int = 1) -> None:
        super().add(value, times)
        self.recent.append(value)

    def reset(self) -> None:
        super().reset()
        self.recent.clear()

    def quantile(self, part: float) -> int:
        """What that part of the recent values does not exceed."""
        if not self.recent:
            return 0
        return sorted(self.recent)[min(int(part * len(self.recent)), len(self.recent) - 1)]

    def values(self) -> Iterator[tuple[str, Number]]:
        yield from super().values()
        for label, part in QUANTILES.items():
            yield f"{label}_{self.name}", self.quantile(part)


class Metrics:
    """All of them. `counters["commit_count"]` and the like; gauges are functions, asked when they are shown."""

    def __init__(self) -> None:
        self.counters = {name: Counter(name) for name in COUNTERS.split()}
        self.summaries: dict[str, Summary] = {name: Summary(name) for name in SUMMARIES.split()}
        self.summaries |= {name: PercentileSummary(name) for name in PERCENTILES.split()}
        self.gauges: dict[str, Callable[[], Number]] = {}

    def values(self) -> Iterator[tuple[str, Number]]:
        """Every name and its value, as ``mntr`` lists them."""
        for name, gauge in self.gauges.items():
            yield name, gauge()
        for metric in self._metrics():
            yield from metric.values()

    def reset(self) -> None:
        """Everything but the gauges, at nought."""
        for metric in self._metrics():
            metric.reset()

    def _metrics(self) -> Iterator[Counter | Summary]:
        yield from self.counters.values()
        yield from self.summaries.values()
