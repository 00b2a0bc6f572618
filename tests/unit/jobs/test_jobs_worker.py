"""Workers: they do what is asked, once, again after failures, in turn, and stop in time."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from pairs import FakeClock
from runners import Start, wait
from sqlalchemy import Engine, update

from moodle_bridge.errors import FillError, MoodleSlow
from moodle_bridge.jobs.sweep import LOOK_SECONDS, Schedule
from moodle_bridge.log import current_trace
from moodle_bridge.settings import Settings
from moodle_bridge.store import queue, tables, workers
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import Job, NewJob

Ask = Callable[..., bool]

on_sqlite = pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
"""For what cannot differ between the databases: the job table's own tests run on both."""


def state(engine: Engine, key: str) -> str:
    return next(job.state for job in queue.list_jobs(engine, limit=1000) if job.key == key)


def find(engine: Engine, key: str) -> Job:
    return next(job for job in queue.list_jobs(engine, limit=1000) if job.key == key)


def test_a_job_is_done_at_once_when_the_worker_is_woken(engine: Engine, start: Start, ask: Ask) -> None:
    done: list[tuple[Job, float]] = []
    worker = start({"archive": lambda job: done.append((job, time.monotonic()))})
    waits = []
    for number in range(5):
        began = time.monotonic()
        assert ask(f"archive:{number}", trace=f"msg_{number}")
        worker.wake()
        wait(lambda number=number: len(done) > number)
        waits.append(done[number][1] - began)
    assert sorted(waits)[2] < 0.25, waits
    assert [job.trace for job, _ in done] == [f"msg_{number}" for number in range(5)]
    wait(lambda: queue.counts(engine)["done"] == 5)


def test_a_job_of_which_nothing_told_is_found(engine: Engine, start: Start, ask: Ask) -> None:
    ask("archive:before")
    start({"archive": lambda _: None})
    wait(lambda: state(engine, "archive:before") == "done", 3)
    ask("archive:later")
    wait(lambda: state(engine, "archive:later") == "done", 3)


@on_sqlite
def test_a_log_line_of_a_job_carries_the_trace_of_its_hint(engine: Engine, start: Start, ask: Ask) -> None:
    seen: list[str] = []
    start({"archive": lambda _: seen.append(current_trace())})
    ask("archive:s1", trace="msg_77")
    wait(lambda: seen == ["msg_77"])


@on_sqlite
@pytest.mark.parametrize(
    ("error", "becomes", "code", "message"),
    [
        (MoodleSlow("no answer in 20 s"), "queued", "moodle-slow", "no answer in 20 s"),
        (FillError("page 2 is empty"), "dead", "fill", "page 2 is empty"),
        (ValueError("Тайна"), "queued", "internal", "ValueError"),
    ],
    ids=["passing", "permanent", "unexpected"],
)
def test_what_becomes_of_a_job_that_fails(
    engine: Engine,
    start: Start,
    ask: Ask,
    error: Exception,
    becomes: str,
    code: str,
    message: str,
) -> None:
    def fail(_: Job) -> None:
        raise error

    began = time.time()
    start({"archive": fail})
    ask("archive:s1")
    wait(lambda: find(engine, "archive:s1").code)
    job = find(engine, "archive:s1")
    assert (job.state, job.code, job.message, job.attempts) == (becomes, code, message, 1)
    if becomes == "queued":
        assert began + 0.75 <= job.due_at <= time.time() + 1


@on_sqlite
def test_a_job_is_tried_again_until_it_succeeds(engine: Engine, start: Start, ask: Ask) -> None:
    tries: list[float] = []

    def succeed_at_last(_: Job) -> None:
        tries.append(time.monotonic())
        if len(tries) < 2:
            raise MoodleSlow("no answer")

    start({"archive": succeed_at_last})
    ask("archive:s1")
    wait(lambda: state(engine, "archive:s1") == "done")
    assert tries[1] - tries[0] >= 0.75


@on_sqlite
def test_a_job_that_always_fails_is_dead_after_its_last_try(
    engine: Engine, settings: Settings, start: Start, ask: Ask
) -> None:
    def fail(_: Job) -> None:
        raise MoodleSlow("no answer")

    start({"archive": fail}, settings=replace(settings, jobs=replace(settings.jobs, attempts=2)))
    ask("archive:s1")
    wait(lambda: state(engine, "archive:s1") == "dead")
    assert find(engine, "archive:s1").attempts == 2


@on_sqlite
def test_a_job_of_an_unknown_kind_waits_for_a_program_that_knows_it(
    engine: Engine, start: Start, ask: Ask
) -> None:
    start({"archive": lambda _: None})
    ask("novel:s1")
    wait(lambda: find(engine, "novel:s1").code)
    assert state(engine, "novel:s1") == "queued"
    assert "'novel'" in find(engine, "novel:s1").message


@on_sqlite
def test_a_failing_job_does_not_hold_up_its_neighbours(engine: Engine, start: Start, ask: Ask) -> None:
    def handle(job: Job) -> None:
        if job.key.endswith("poison"):
            raise SystemExit  # worse than any exception: it ends the worker's thread

    worker = start({"archive": handle})
    for key in ["archive:poison", *(f"archive:{number}" for number in range(20))]:
        ask(key)
        worker.wake()
    wait(lambda: queue.counts(engine)["done"] == 20)


@on_sqlite
def test_a_job_asked_for_while_it_runs_runs_once_more(engine: Engine, start: Start, ask: Ask) -> None:
    runs, go = [], threading.Event()

    def handle(job: Job) -> None:
        runs.append(job.id)
        go.wait(5)

    worker = start({"archive": handle})
    ask("archive:s1")
    worker.wake()
    wait(lambda: runs)
    assert not ask("archive:s1")
    go.set()
    wait(lambda: state(engine, "archive:s1") == "done" and len(runs) == 2)


@pytest.mark.parametrize("workers", [1, 2])
def test_no_more_jobs_run_at_once_than_moodle_is_to_bear(
    engine: Engine, settings: Settings, start: Start, ask: Ask, workers: int
) -> None:
    running, most, mutex = [0], [0], threading.Lock()

    def handle(_: Job) -> None:
        with mutex:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.05)
        with mutex:
            running[0] -= 1

    gentle = replace(settings, moodle=replace(settings.moodle, concurrency=2))
    for number in range(12):
        ask(f"archive:{number}")
    for _ in range(workers):
        start({"archive": handle}, settings=gentle)
    wait(lambda: queue.counts(engine)["done"] == 12)
    assert most[0] == 2


def test_a_schedule_fires_once_however_many_workers_run(engine: Engine, start: Start) -> None:
    clock, runs = FakeClock(), []
    for _ in range(2):
        schedule = Schedule("reconcile", 60, NewJob("sync", "sync"))
        start({"sync": lambda _: runs.append(clock())}, schedule, clock=clock)
    for tick in range(1, 4):
        wait(lambda tick=tick: len(runs) == tick)
        time.sleep(2 * LOOK_SECONDS)  # both have looked again
        assert len(runs) == tick
        clock.advance(60)


@on_sqlite
def test_a_worker_shows_that_it_lives_and_what_it_runs(engine: Engine, start: Start, ask: Ask) -> None:
    go = threading.Event()
    worker = start({"archive": lambda _: bool(go.wait(8)) and None})
    (seen,) = workers.workers(engine)
    assert (seen.owner, seen.running) == (worker.owner, 0)
    ask("archive:s1")
    worker.wake()
    wait(lambda: workers.workers(engine)[0].running == 1)
    go.set()
    assert worker.stop(5)
    assert workers.workers(engine) == []


@on_sqlite
def test_a_long_job_keeps_its_lease(engine: Engine, start: Start, ask: Ask) -> None:
    go = threading.Event()
    start({"archive": lambda _: bool(go.wait(15)) and None})
    ask("archive:s1")
    wait(lambda: state(engine, "archive:s1") == "running")
    first = find(engine, "archive:s1")
    wait(lambda: find(engine, "archive:s1").lease_until > first.lease_until + 1)
    assert find(engine, "archive:s1").fence == first.fence
    go.set()


def test_stopping_waits_for_jobs_under_way_and_takes_no_more(engine: Engine, start: Start, ask: Ask) -> None:
    worker = start({"archive": lambda _: time.sleep(0.4)})
    for number in range(9):
        ask(f"archive:{number}")
        worker.wake()
    wait(lambda: queue.counts(engine)["running"] == 3)
    began = time.monotonic()
    assert worker.stop(5)
    assert time.monotonic() - began < 2.5
    counts = queue.counts(engine)
    assert counts["running"] == counts["dead"] == 0
    assert counts["done"] + counts["queued"] == 9
    assert counts["done"] <= 6


@on_sqlite
def test_stopping_ends_in_time_even_if_a_job_does_not(
    engine: Engine, start: Start, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    go = threading.Event()
    worker = start({"archive": lambda _: bool(go.wait(10)) and None})
    ask("archive:s1")
    worker.wake()
    wait(lambda: state(engine, "archive:s1") == "running")
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        assert not worker.stop(0.5)
    assert time.monotonic() - began < 1.5
    assert "archive:s1) did not end in time; it will be run again" in caplog.text
    assert state(engine, "archive:s1") == "running"
    go.set()
    start({"archive": lambda _: None})
    wait(lambda: state(engine, "archive:s1") == "done")


@on_sqlite
def test_a_job_still_has_its_lease_while_stopping_waits_for_it(
    engine: Engine, start: Start, ask: Ask
) -> None:
    go = threading.Event()
    worker = start({"archive": lambda _: bool(go.wait(15)) and None})
    ask("archive:s1")
    worker.wake()
    wait(lambda: state(engine, "archive:s1") == "running")
    before = find(engine, "archive:s1").lease_until
    stopping = threading.Thread(target=lambda: worker.stop(6))
    stopping.start()
    wait(lambda: find(engine, "archive:s1").lease_until > before)
    go.set()
    stopping.join(5)
    assert state(engine, "archive:s1") == "done"


WORKER = """
import os, sys, time
from moodle_bridge.jobs.worker import Worker
from moodle_bridge.settings import load
from moodle_bridge.store.engine import connect
settings = load(environ=os.environ)
def handle(job):
    print("started", job.key, flush=True)
    time.sleep(60)
Worker(connect(settings.database_url), settings, {"archive": handle}).start()
time.sleep(60)
"""


@pytest.mark.parametrize("elsewhere", [False, True], ids=["on this machine", "on another machine"])
def test_the_jobs_of_a_killed_worker_are_taken_over(
    engine: Engine, settings: Settings, start: Start, ask: Ask, elsewhere: bool
) -> None:
    ask("archive:s1")
    environ = os.environ | {
        "MOODLE_BRIDGE_SERVICE_DATA": settings.service.data,
        "MOODLE_BRIDGE_DATABASE_URL": settings.database.url,
        "MOODLE_BRIDGE_JOBS_LEASE_SECONDS": "5",
    }
    process = subprocess.Popen([sys.executable, "-c", WORKER], env=environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "started archive:s1\n"
    held = find(engine, "archive:s1")
    process.send_signal(signal.SIGKILL)
    process.wait(5)
    process.stdout.close()
    if elsewhere:
        held = _moved_elsewhere(engine, held)
    done: list[float] = []
    start({"archive": lambda _: done.append(time.time())})
    wait(lambda: done, 9)
    wait(lambda: state(engine, "archive:s1") == "done")
    assert find(engine, "archive:s1").fence == held.fence + 1
    if elsewhere:
        assert done[0] >= held.lease_until, "nobody could know it sooner"
        assert done[0] <= held.lease_until + 2
    else:
        assert done[0] < held.lease_until


def _moved_elsewhere(engine: Engine, held: Job) -> Job:
    """The job as if a machine that nobody can look into held it, for another two seconds."""
    host, pid, started, _machine, token = held.owner.rsplit(":", 4)
    elsewhere = {
        "owner": f"{host}:{pid}:{started}:0123456789abcdef:{token}",
        "lease_until": time.time() + 2,
    }
    with write(engine) as connection:
        connection.execute(update(tables.job).where(tables.job.c.id == held.id).values(elsewhere))
    return find(engine, held.key)
