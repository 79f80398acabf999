"""Metrics for Prometheus: counts and times, by a route's template and never by an address that somebody asked for."""

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus-client reads it when it is imported: workers of one server then count together, in files there."""
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """What one process counts."""

    def __init__(self) -> None:
        """Start at zero."""
        self._registry = CollectorRegistry()
        labels = ["route", "method"]
        self._requests = Counter("passapp_requests", "Requests answered.", [*labels, "status"], registry=self._registry)
        self._seconds = Histogram(
            "passapp_request_seconds", "Time to answer.", labels, buckets=SECONDS, registry=self._registry
        )
        # The library looks a child up under a lock, by making strings: this is on the way of every scan.
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request, answered after ``seconds``."""
        key = (route, method, status)
        children = self._children.get(key)
        if children is None:
            children = (self._requests.labels(route, method, status), self._seconds.labels(route, method))
            self._children[key] = children
        children[0].inc()
        children[1].observe(seconds)

    def page(self, gauges: Iterable[Metric]) -> bytes:
        """The text that Prometheus reads: what was counted (by all workers of this server), and ``gauges``."""
        shared = SHARED_FOLDER in os.environ
        counted: Collector = MultiProcessCollector(None) if shared else self._registry  # type: ignore[no-untyped-call]
        return generate_latest(_Gathered(chain(counted.collect(), gauges)))


def gauge(name: str, meaning: str, values: Mapping[str, float] | float, label: str | None = None) -> Metric:
    """A value as it is now, or one for each value of a label."""
    family = GaugeMetricFamily(name, meaning, labels=[label] if label else None)
    for key, value in values.items() if isinstance(values, Mapping) else [("", values)]:
        family.add_metric([key] if label else [], value)
    return family


class _Gathered(CollectorRegistry):
    def __init__(self, families: Iterable[Metric]) -> None:
        super().__init__()
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families
