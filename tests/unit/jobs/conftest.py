"""Settings for workers on a database of the test's own, and workers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from runners import Start
from sqlalchemy import Engine

from moodle_bridge.jobs.run import Handler
from moodle_bridge.jobs.sweep import Schedule
from moodle_bridge.jobs.worker import Worker
from moodle_bridge.settings import Settings, load
from moodle_bridge.store import queue
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import NewJob


@pytest.fixture
def settings(migrated_url: str, tmp_path: Path) -> Settings:
    """Settings for the test's database, with short pauses."""
    return load(
        environ={
            "MOODLE_BRIDGE_SERVICE_DATA": str(tmp_path),
            "MOODLE_BRIDGE_DATABASE_URL": migrated_url,
            "MOODLE_BRIDGE_JOBS_WORKERS": "3",
            "MOODLE_BRIDGE_JOBS_LEASE_SECONDS": "5",
            "MOODLE_BRIDGE_JOBS_BACKOFF_SECONDS": "1",
        }
    )


@pytest.fixture
def start(engine: Engine, settings: Settings) -> Iterator[Start]:
    """Starts workers that are stopped when the test ends."""
    started: list[Worker] = []

    def start(
        handlers: dict[str, Handler],
        *schedules: Schedule,
        settings: Settings = settings,
        clock: Callable[[], float] = time.time,
    ) -> Worker:
        worker = Worker(engine, settings, handlers, schedules, clock=clock)
        worker.start()
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.stop(5)


@pytest.fixture
def ask(engine: Engine) -> Callable[..., bool]:
    """Asks for jobs by key, of the kind before the colon; whether there is something to do at once."""

    def ask(key: str, **values: float) -> bool:
        with write(engine) as connection:
            return queue.enqueue(connection, NewJob(key, key.partition(":")[0], **values), time.time())  # type: ignore[arg-type]

    return ask
