"""Settings for workers on a database of the test's own, and workers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from runners import Start
from sqlalchemy import Engine

from moodle_bridge.jobs import engine as jobs
from moodle_bridge.jobs.engine import Handler, Runner, Schedule
from moodle_bridge.places import Places
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
    started: list[Runner] = []

    def start(
        handlers: dict[str, Handler],
        *schedules: Schedule,
        settings: Settings = settings,
        places: Places | None = None,
        clock: Callable[[], float] = time.time,
    ) -> Runner:
        runner = jobs.start(engine, settings, handlers, schedules, places=places, clock=clock)
        started.append(runner)
        return runner

    yield start
    for runner in started:
        runner.stop(5)


@pytest.fixture
def ask(engine: Engine) -> Callable[..., int | None]:
    """Asks for jobs by key, of the kind before the colon."""

    def ask(key: str, **values: float) -> int | None:
        with write(engine) as connection:
            return queue.enqueue(connection, NewJob(key, key.partition(":")[0], **values), time.time())  # type: ignore[arg-type]

    return ask
