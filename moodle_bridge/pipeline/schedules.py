"""What is done regularly, and what is forgotten in time."""

from __future__ import annotations

from moodle_bridge.jobs.sweep import Schedule
from moodle_bridge.pipeline import hints
from moodle_bridge.pipeline.context import Context
from moodle_bridge.settings import Settings
from moodle_bridge.store import inbox, queue
from moodle_bridge.store.queue import Job, NewJob

REPORT_SECONDS = 10
AGAIN_SECONDS = 10
TIDY_SECONDS = 3600
DAY = 86_400


def schedules(settings: Settings) -> list[Schedule]:
    """Reconcile with Moodle, report failures, try again what is set aside, compare both sides, tidy up."""
    return [
        Schedule("reconcile", settings.reconcile.every_seconds, hints.sync_job()),
        Schedule("report", REPORT_SECONDS, hints.report_job()),
        Schedule("again", AGAIN_SECONDS, NewJob(key="again", kind="again")),
        Schedule("compare", DAY, NewJob(key="compare", kind="compare")),
        Schedule("tidy", TIDY_SECONDS, NewJob(key="tidy", kind="tidy")),
    ]


def tidy(context: Context, job: Job) -> None:
    """Handle a ``tidy`` job: hints and finished jobs older than the settings keep them are forgotten."""
    now, keep = context.clock(), context.settings.retention
    inbox.forget_before(context.engine, now - keep.inbox_days * DAY)
    queue.forget_before(context.engine, now - keep.jobs_days * DAY)
