"""What is done regularly: which schedules there are, and that what was kept long enough is forgotten."""

from __future__ import annotations

import pytest
from claiming import claimed, fail, finish
from sqlalchemy import Engine

from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.pipeline.context import Context
from moodle_bridge.pipeline.handlers import handlers
from moodle_bridge.pipeline.schedules import schedules
from moodle_bridge.settings import load
from moodle_bridge.store import inbox, queue
from moodle_bridge.store.engine import write
from moodle_bridge.store.inbox import Hint
from moodle_bridge.store.queue import NewJob

DAY = 86_400
NOW = 1_764_000_000.0


def test_the_schedules_and_how_often() -> None:
    settings = load(environ={"MOODLE_BRIDGE_RECONCILE_EVERY_SECONDS": "120"})
    assert [(each.name, each.every_seconds, each.job.kind) for each in schedules(settings)] == [
        ("reconcile", 120, "sync"),
        ("report", 10, "report"),
        ("again", 10, "again"),
        ("compare", 86_400, "compare"),
        ("tidy", 3600, "tidy"),
    ]


def remember(engine: Engine, at: float) -> None:
    """A hint that was received, and a job that was done and one that died, at a time."""
    inbox.receive(engine, Hint(f"msg_{at}", "moodle", "x", {}, at), [NewJob(f"done:{at}", "archive")])
    finish(engine, claimed(engine, "a", at), at)
    with write(engine) as connection:
        queue.enqueue(connection, NewJob(f"dead:{at}", "archive"), at)
    fail(engine, claimed(engine, "a", at), at, "pdf", "broken", None)


@pytest.mark.parametrize(
    ("inbox_days", "jobs_days", "hints", "jobs"),
    [(30, 30, 1, ["young"]), (30, 90, 1, ["old", "young"]), (90, 30, 2, ["young"])],
)
def test_hints_and_done_jobs_are_forgotten_when_they_were_kept_long_enough_and_dead_ones_stay(
    engine: Engine, inbox_days: int, jobs_days: int, hints: int, jobs: list[str]
) -> None:
    times = {"old": NOW - 30 * DAY - 1, "young": NOW - 30 * DAY + 1}
    for at in times.values():
        remember(engine, at)
    settings = load(
        environ={
            "MOODLE_BRIDGE_RETENTION_INBOX_DAYS": str(inbox_days),
            "MOODLE_BRIDGE_RETENTION_JOBS_DAYS": str(jobs_days),
        }
    )
    context = Context(
        engine=engine,
        settings=settings,
        catalogue=catalogue.load(),
        connect=lambda: pytest.fail("Moodle is not asked"),
        clock=lambda: NOW,
    )
    (tidy,) = [each.job for each in schedules(settings) if each.name == "tidy"]
    with write(engine) as connection:
        queue.enqueue(connection, tidy, NOW)
    handlers(context)[tidy.kind](claimed(engine, "a", NOW))
    assert inbox.count(engine) == hints
    assert {job.key for job in queue.list_jobs(engine, "done")} == {f"done:{times[name]}" for name in jobs}
    assert len(queue.list_jobs(engine, "dead")) == 2
