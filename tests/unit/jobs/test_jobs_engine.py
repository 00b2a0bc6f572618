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

from moodle_bridge import courtesy
from moodle_bridge.errors import FillError, MoodleSlow
from moodle_bridge.jobs.engine import Schedule
from moodle_bridge.jobs.sweep import SWEEP_SECONDS
from moodle_bridge.log import current_trace
from moodle_bridge.places import Places
from moodle_bridge.settings import Settings
from moodle_bridge.store import queue, tables, workers
from moodle_bridge.store.engine import write
from moodle_bridge.store.queue import Job, NewJob

Ask = Callable[..., int | None]

on_sqlite = pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
"""For what cannot differ between the databases: the job table's own tests run on both."""


def state(engine: Engine, key: str) -> str:
    return next(job.state for job in queue.list_jobs(engine, limit=1000) if job.key == key)


def find(engine: Engine, key: str) -> Job:
    return next(job for job in queue.list_jobs(engine, limit=1000) if job.key == key)


def test_a_hinted_job_is_done_at_once(engine: Engine, start: Start, ask: Ask) -> None:
    done: list[tuple[Job, float]] = []
    runner = start({"archive": lambda job: done.append((job, time.monotonic()))})
    waits = []
    for number in range(5):
        began = time.monotonic()
        job_id = ask(f"archive:{number}", trace=f"msg_{number}")
        assert job_id is not None
        runner.hint(job_id)
        wait(lambda number=number: len(done) > number)
        waits.append(done[number][1] - began)
    assert sorted(waits)[2] < 0.25, waits
    assert [job.trace for job, _ in done] == [f"msg_{number}" for number in range(5)]
    wait(lambda: queue.counts(engine)["done"] == 5)


def test_a_job_whose_hint_was_lost_is_found(engine: Engine, start: Start, ask: Ask) -> None:
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

    runner = start({"archive": handle})
    for key in ["archive:poison", *(f"archive:{number}" for number in range(20))]:
        runner.hint(ask(key) or 0)
    wait(lambda: queue.counts(engine)["done"] == 20)


@on_sqlite
def test_a_job_asked_for_while_it_runs_runs_once_more(engine: Engine, start: Start, ask: Ask) -> None:
    runs, go = [], threading.Event()

    def handle(job: Job) -> None:
        runs.append(job.id)
        go.wait(5)

    runner = start({"archive": handle})
    runner.hint(ask("archive:s1") or 0)
    wait(lambda: runs)
    assert ask("archive:s1") is None
    go.set()
    wait(lambda: state(engine, "archive:s1") == "done" and len(runs) == 2)


@pytest.mark.parametrize("workers", [1, 2])
def test_no_more_calls_are_made_than_moodle_is_to_bear(
    engine: Engine, settings: Settings, start: Start, ask: Ask, workers: int
) -> None:
    running, calling, most, mutex = [0], [0], [0, 0], threading.Lock()

    def handle(places: Places) -> Callable[[Job], None]:
        def work(_: Job) -> None:
            count(running, 0, 1)
            with courtesy.waiting():
                began = places.take(5)
            assert began is not None
            count(calling, 1, 1)
            with courtesy.waiting():
                time.sleep(0.05)
            count(calling, 1, -1)
            places.give(began)
            with courtesy.waiting():
                time.sleep(0.02)
            count(running, 0, -1)

        return work

    def count(what: list[int], which: int, number: int) -> None:
        with mutex:
            what[0] += number
            most[which] = max(most[which], what[0])

    gentle = replace(settings, moodle=replace(settings.moodle, concurrency=2))
    own = [Places() for _ in range(workers)]
    runners = [start({"archive": handle(places)}, settings=gentle, places=places) for places in own]
    for number in range(12):
        runners[number % workers].hint(ask(f"archive:{number}") or 0)
    wait(lambda: queue.counts(engine)["done"] == 12)
    assert most[1] == 2
    if workers == 1:
        assert most[0] == 3, "three jobs of one process share two places"


@on_sqlite
def test_workers_give_way_to_a_rush_of_hints_and_go_on_after_it(
    engine: Engine, start: Start, ask: Ask
) -> None:
    under_way: list[tuple[float, int]] = []
    at_once, mutex = [0], threading.Lock()

    def handle(_: Job) -> None:
        with mutex:
            at_once[0] += 1
            under_way.append((time.monotonic(), at_once[0]))
        with courtesy.waiting():
            time.sleep(0.05)
        with mutex:
            at_once[0] -= 1

    runner = start({"archive": handle})
    for _ in range(10):
        runner.hint(10**9)  # as if ten webhooks had just come
    rush_began = time.monotonic()
    for number in range(30):
        runner.hint(ask(f"archive:{number}") or 0)
    rush_ended = time.monotonic()
    wait(lambda: queue.counts(engine)["done"] == 30)
    during = [number for moment, number in under_way if moment < rush_began + 0.4]
    after = [number for moment, number in under_way if moment > rush_ended + 0.7]
    assert max(during) == 1
    assert max(after) == 3


@on_sqlite
def test_jobs_that_wait_for_a_slow_moodle_keep_nobody_waiting_in_a_rush(
    engine: Engine, start: Start, ask: Ask
) -> None:
    places, calling, rushing = Places(3), threading.Semaphore(0), threading.Event()

    def handle(_: Job) -> None:
        with courtesy.waiting():
            began = places.take(5)
            assert began is not None
            calling.release()
            rushing.wait(10)
            places.give(began)

    runner = start({"archive": handle}, places=places)
    for number in range(3):
        ask(f"archive:{number}")
    deadline, begun = time.monotonic() + 10, 0
    while begun < 3 and time.monotonic() < deadline:
        for _ in range(10):
            runner.hint(10**9)  # the rush goes on
        begun += calling.acquire(timeout=0.1)
    rushing.set()
    assert begun == 3
    wait(lambda: queue.counts(engine)["done"] == 3)


def test_a_schedule_fires_once_however_many_workers_run(engine: Engine, start: Start) -> None:
    clock, runs = FakeClock(), []
    for _ in range(2):
        schedule = Schedule("reconcile", 60, NewJob("sync", "sync"))
        start({"sync": lambda _: runs.append(clock())}, schedule, clock=clock)
    for tick in range(1, 4):
        wait(lambda tick=tick: len(runs) == tick)
        time.sleep(3 * SWEEP_SECONDS)  # both have looked again
        assert len(runs) == tick
        clock.advance(60)


@on_sqlite
def test_a_worker_shows_that_it_lives_and_what_it_runs(engine: Engine, start: Start, ask: Ask) -> None:
    go = threading.Event()
    runner = start({"archive": lambda _: bool(go.wait(8)) and None})
    (worker,) = workers.workers(engine)
    assert (worker.owner, worker.running) == (runner.owner, 0)
    runner.hint(ask("archive:s1") or 0)
    wait(lambda: workers.workers(engine)[0].running == 1)
    go.set()
    assert runner.stop(5)
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
    runner = start({"archive": lambda _: time.sleep(0.4)})
    for number in range(9):
        runner.hint(ask(f"archive:{number}") or 0)
    wait(lambda: queue.counts(engine)["running"] == 3)
    began = time.monotonic()
    assert runner.stop(5)
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
    runner = start({"archive": lambda _: bool(go.wait(10)) and None})
    runner.hint(ask("archive:s1") or 0)
    wait(lambda: state(engine, "archive:s1") == "running")
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        assert not runner.stop(0.5)
    assert time.monotonic() - began < 1.5
    assert "archive:s1) did not end in time; it will be run again" in caplog.text
    assert state(engine, "archive:s1") == "running"
    go.set()
    wait(lambda: state(engine, "archive:s1") == "done")


@on_sqlite
def test_a_job_still_has_its_lease_while_stopping_waits_for_it(
    engine: Engine, start: Start, ask: Ask
) -> None:
    go = threading.Event()
    runner = start({"archive": lambda _: bool(go.wait(15)) and None})
    runner.hint(ask("archive:s1") or 0)
    wait(lambda: state(engine, "archive:s1") == "running")
    before = find(engine, "archive:s1").lease_until
    stopping = threading.Thread(target=lambda: runner.stop(6))
    stopping.start()
    wait(lambda: find(engine, "archive:s1").lease_until > before)
    go.set()
    stopping.join(5)
    assert state(engine, "archive:s1") == "done"


WORKER = """
import os, sys, time
from moodle_bridge.jobs import engine as jobs
from moodle_bridge.settings import load
from moodle_bridge.store.engine import connect
settings = load(environ=os.environ)
def handle(job):
    print("started", job.key, flush=True)
    time.sleep(60)
jobs.start(connect(settings.database_url), settings, {"archive": handle})
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
