"""Taking a job and ending it, as a worker does, each in a transaction of its own."""

from __future__ import annotations

from sqlalchemy import Engine

from moodle_bridge.store import queue
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import Job


def claim(engine: Engine, owner: str, now: float, lease: float = 60, most: int = 9) -> Job | None:
    """The job due longest, if there is one and fewer than ``most`` run."""
    with write(engine) as connection:
        return next(iter(queue.claim(connection, owner, now, lease, 1, most)), None)


def claimed(engine: Engine, owner: str, now: float) -> Job:
    """The job due longest; the test fails if there is none."""
    job = claim(engine, owner, now)
    assert job is not None
    return job


def finish(engine: Engine, job: Job, now: float) -> bool:
    """The job is done."""
    with write(engine) as connection:
        return queue.finish(connection, job, now)


def fail(engine: Engine, job: Job, now: float, code: str, message: str, due_at: float | None) -> bool:
    """The job failed."""
    with write(engine) as connection:
        return queue.fail(connection, job, now, code, message, due_at)


def renew(engine: Engine, job: Job, now: float) -> bool:
    """The job is held for longer."""
    with write(engine) as connection:
        return queue.renew(connection, job, now, 60)
