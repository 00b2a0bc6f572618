"""The figures for Prometheus: what was counted, and how things stand by the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Engine, func, select

from moodle_bridge import __version__, metrics
from moodle_bridge.store import aside, pairing, queue, tables, workers
from moodle_bridge.store.engine import read


def render(engine: Engine, now: float, silent_seconds: float) -> bytes:
    """All figures in the text format of Prometheus; workers count that were seen within ``silent_seconds``.

    Raises :class:`~moodle_bridge.errors.StoreError`.
    """
    registry = metrics.registry()
    registry.register(_Given(list(_families(engine, now, silent_seconds))))
    return generate_latest(registry)


class _Given(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _families(engine: Engine, now: float, silent_seconds: float) -> Iterator[Metric]:
    with read(engine) as connection:
        counts = queue.counts(connection)
        oldest = queue.oldest_due(connection, now)
        alive = [each for each in workers.workers(connection) if each.seen_at > now - silent_seconds]
        paired = pairing.current(connection)
        put_aside = aside.count(connection)
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
    yield _gauge("set_aside", "Things that cannot be read: see 'moodle-bridge set-aside'", put_aside)
    yield _gauge("archived", "Documents that are stored in Moodle", documents[0])
    yield _gauge("documents_waiting", "Documents that wait to be stored in Moodle", documents[1])
    yield _gauge("workers", "Worker processes that gave a sign of life", len(alive))
    yield _gauge("paired", "Whether a Moodle site is paired", int(paired is not None))
    about = GaugeMetricFamily("moodle_bridge_info", "The running release", labels=["release"])
    about.add_metric([__version__], 1)
    yield about


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"moodle_bridge_{name}", words, value=value)
