"""The figures for Prometheus: what matters is read from the database, so any process may be asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select

from moodle_bridge import __version__, metrics
from moodle_bridge.store import pairing, queue, tables, workers
from moodle_bridge.store.engine import read

_COUNTERS = {
    "received": ("Hints received, by type", "type"),
    "duplicates": ("Hints received again, by source", "source"),
    "refused": ("Requests refused, by problem", "problem"),
    "job": ("Runs of jobs, by outcome", "outcome"),
}


def render(engine: Engine, now: float, silent_seconds: float) -> bytes:
    """All figures in the text format of Prometheus; workers count that were seen within ``silent_seconds``.

    Raises :class:`~moodle_bridge.errors.StoreError`.
    """
    families = list(_families(engine, now, silent_seconds))
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Given(families))
    return generate_latest(registry)


class _Given(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _families(engine: Engine, now: float, silent_seconds: float) -> Iterator[Metric]:
    totals = metrics.publish(engine)
    yield from _counters(totals["counters"])
    steps = HistogramMetricFamily(
        "moodle_bridge_step_seconds", "How long the steps of an archived submission take", labels=["step"]
    )
    for name, row in sorted(totals["steps"].items()):
        steps.add_metric([name], _cumulated(row[1:]), row[0])
    yield steps
    with read(engine) as connection:
        counts = queue.counts(connection)
        oldest = queue.oldest_due(connection, now)
        alive = [each for each in workers.workers(connection) if each.seen_at > now - silent_seconds]
        paired = pairing.current(connection)
        stored = tables.document.c.stored_at.is_not(None)
        documents = connection.execute(
            select(func.count().filter(stored), func.count().filter(~stored)).select_from(tables.document)
        ).one()
    jobs = GaugeMetricFamily("moodle_bridge_jobs", "Jobs, by state", labels=["state"])
    for state, number in counts.items():
        jobs.add_metric([state], number)
    yield jobs
    yield _gauge(
        "queue_age_seconds", "How long the oldest due job has waited", max(0.0, now - (oldest or now))
    )
    yield _gauge(
        "failed", "Jobs that were given up: see 'moodle-bridge jobs list --state dead'", counts["dead"]
    )
    yield _gauge("archived", "Documents that are stored in Moodle", documents[0])
    yield _gauge("documents_waiting", "Documents that wait to be stored in Moodle", documents[1])
    yield _gauge("workers", "Worker processes that gave a sign of life", len(alive))
    yield _gauge("paired", "Whether a Moodle site is paired", int(paired is not None))
    about = GaugeMetricFamily("moodle_bridge_info", "The running release", labels=["release"])
    about.add_metric([__version__], 1)
    yield about


def _counters(counted: dict[str, int]) -> Iterator[Metric]:
    for name, (words, label) in _COUNTERS.items():
        family = CounterMetricFamily(f"moodle_bridge_{name}", words, labels=[label])
        for key, number in sorted(counted.items()):
            kind, _, value = key.partition("|")
            if kind == name:
                family.add_metric([value], number)
        yield family


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"moodle_bridge_{name}", words, value=value)


def _cumulated(numbers: list[float]) -> list[tuple[str, float]]:
    bounds = [*(repr(bound) for bound in metrics.BUCKETS), "+Inf"]
    so_far = 0.0
    found = []
    for bound, number in zip(bounds, numbers, strict=True):
        so_far += number
        found.append((bound, so_far))
    return found
