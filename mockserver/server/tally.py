"""
How many requests there were, and how long they took: for `/__admin/metrics`.

A request pays for one look into a dictionary; prometheus-client is imported when
somebody asks, and makes of it what Prometheus reads. Each process counts for
itself: where several share a state, the label `process` tells them apart.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any

Sessions = Any
"""`sessions.Sessions`, whose journals count here."""

BUCKETS = (0.000_1, 0.000_5, 0.001, 0.005, 0.025, 0.1, 0.5, 2.5)
"""Seconds."""

Key = tuple[str, str, str, int, str]
"""API, operation, method, status, source."""


class Tally:
    """Counts by `Key`: how many in each bucket, and the seconds of all of them."""

    def __init__(self) -> None:
        self.counts: dict[Key, list[float]] = {}

    def add(self, key: Key, seconds: float) -> None:
        """Count one request."""
        found = self.counts.get(key)
        if found is None:
            found = self.counts[key] = [0.0] * (len(BUCKETS) + 2)
        found[bisect_left(BUCKETS, seconds)] += 1
        found[-1] += seconds


def exposed(tally: Tally, sessions: Sessions, process: int) -> tuple[bytes, str]:
    """Return what Prometheus reads, and its media type."""
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
    from prometheus_client.exposition import CONTENT_TYPE_LATEST

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Collector(tally, sessions, str(process)))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Collector:
    def __init__(self, tally: Tally, sessions: Sessions, process: str) -> None:
        self._tally = tally
        self._sessions = sessions
        self._process = process

    def collect(self) -> Iterator[Any]:
        """Yield the families of metrics."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        labels = ["process", "api", "operation", "method", "status", "source"]
        requests = CounterMetricFamily("mockserver_requests", "Requests that were answered.", labels=labels)
        took = HistogramMetricFamily(
            "mockserver_request_seconds", "From arrival to the answer, without delays.", labels=labels[:3]
        )
        by_operation: dict[tuple[str, str], list[float]] = {}
        for (api, operation, method, status, source), counts in list(self._tally.counts.items()):
            requests.add_metric(
                [self._process, api, operation, method, str(status), source], sum(counts[:-1])
            )
            summed = by_operation.setdefault((api, operation), [0.0] * len(counts))
            by_operation[api, operation] = [a + b for a, b in zip(summed, counts, strict=True)]
        for (api, operation), counts in by_operation.items():
            took.add_metric([self._process, api, operation], list(_risen(counts[:-1])), counts[-1])
        sessions = GaugeMetricFamily("mockserver_sessions", "Private worlds, and the default one.")
        sessions.add_metric([], len(self._sessions))
        yield from (requests, took, sessions)


def _risen(counts: Iterable[float]) -> Iterator[tuple[str, float]]:
    """Yield upper bounds with how many were at most that."""
    total = 0.0
    for bound, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=True):
        total += count
        yield bound, total
