"""The metrics as Prometheus scrapes them, under the names that Apache's provider gives them.

They are told as untyped: today's Prometheus wants a counter's name to end in _total, and Apache's do not. Needs the
package prometheus-client, which the extra `metrics` brings. (Apache: PrometheusMetricsProvider.java.)
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from consensus_lab.serve.http import Request, Response
from consensus_lab.serve.metrics import Metrics, PercentileSummary, Summary

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
QUANTILES = (0.5, 0.9, 0.99)


class MetricsCollector(Collector):
    """Reads the metrics of one server when it is asked."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        for name, gauge in self._metrics.gauges.items():
            yield single(name, gauge(), "gauge")
        for counter in self._metrics.counters.values():
            yield single(counter.name, counter.value, "unknown")
        for summary in self._metrics.summaries.values():
            yield summarized(summary)


def single(name: str, value: float, kind: str) -> Metric:
    """One number."""
    metric = Metric(name, name, kind)
    metric.add_sample(name, {}, value)
    return metric


def summarized(summary: Summary) -> Metric:
    """Quantiles where they are kept, count and sum."""
    metric = Metric(summary.name, summary.name, "summary")
    if isinstance(summary, PercentileSummary):
        for part in QUANTILES:
            metric.add_sample(summary.name, {"quantile": str(part)}, summary.quantile(part))
    metric.add_sample(f"{summary.name}_count", {}, summary.count)
    metric.add_sample(f"{summary.name}_sum", {}, summary.total)
    return metric


class MetricsPage:
    """Answers /metrics."""

    def __init__(self, metrics: Metrics) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(MetricsCollector(metrics))

    async def handle(self, request: Request) -> Response:
        if request.path != "/metrics":
            return Response(b"there is only /metrics here\n", status=404)
        return Response(generate_latest(self._registry), CONTENT_TYPE)
