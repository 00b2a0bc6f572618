"""The figures for Prometheus: what was counted, the processes, and how things stand by the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from moodle_bridge import __version__, metrics
from moodle_bridge.store.standing import Standing


def render(
    standing: Standing | None, now: float, *, writable: bool, moodle_up: bool, reconcile_seconds: float
) -> bytes:
    """All figures in the text format of Prometheus; without a ``standing`` only what needs no database.

    ``moodle_up`` is shown once a site is paired.
    """
    families = [_gauge("database_writable", "Whether the database takes what is written", int(writable))]
    if standing is not None:
        families += _families(standing, now)
        if standing.paired_at:
            families.append(_gauge("moodle_up", "Whether Moodle answers", int(moodle_up)))
    families.append(_gauge("sync_interval_seconds", "How often Moodle is read anyway", reconcile_seconds))
    registry = metrics.registry()
    registry.register(_Given(families))
    return generate_latest(registry)


class _Given(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _families(standing: Standing, now: float) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("moodle_bridge_jobs", "Jobs, by state", labels=["state"])
    for state, number in standing.jobs.items():
        jobs.add_metric([state], number)
    yield jobs
    for name, words, value in (
        ("queue_age_seconds", "How long the oldest due job has waited", _age(standing.due_since, now)),
        (
            "oldest_unfinished_seconds",
            "How long ago the oldest form without all its documents was submitted",
            _age(standing.unfinished_since, now),
        ),
        (
            "failed",
            "Jobs that were given up: see 'moodle-bridge jobs list --state dead'",
            standing.dead.number,
        ),
        (
            "failed_inside",
            "Jobs that failed by an error of this program: see 'moodle-bridge jobs list'",
            standing.internal.number,
        ),
        (
            "set_aside",
            "Things that cannot be read: see 'moodle-bridge set-aside'",
            standing.set_aside.number,
        ),
        (
            "set_aside_oldest_seconds",
            "How long the oldest of them has been set aside",
            _age(standing.set_aside.since, now),
        ),
        ("archived", "Documents that are stored in Moodle", standing.stored_documents),
        ("documents_waiting", "Documents that wait to be stored in Moodle", standing.waiting_documents),
        ("workers", "Worker processes that gave a sign of life", standing.workers),
        ("paired", "Whether a Moodle site is paired", int(bool(standing.paired_at))),
        (
            "last_sync_timestamp_seconds",
            "When Moodle's changes were last read to their end; 0: never",
            standing.synced_at,
        ),
        (
            "last_webhook_timestamp_seconds",
            "When the last webhook of the plugin was taken; 0: never",
            standing.hinted_at,
        ),
        (
            "last_heard_timestamp_seconds",
            "When the plugin last called at all; 0: it sends webhooks alone",
            standing.heard_at,
        ),
        (
            "moodle_clock_ahead_seconds",
            "How far Moodle's clock was ahead at the last sync",
            standing.ahead_seconds,
        ),
    ):
        yield _gauge(name, words, value)
    about = GaugeMetricFamily("moodle_bridge_info", "The running release", labels=["release"])
    about.add_metric([__version__], 1)
    yield about


def _age(since: float, now: float) -> float:
    return max(0.0, now - since) if since else 0.0


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"moodle_bridge_{name}", words, value=value)
