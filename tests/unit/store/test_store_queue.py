"""The job table: what asking, claiming, finishing and failing make of a job."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from dataclasses import replace

import claiming
import pytest
from claiming import fail, finish, renew
from sqlalchemy import Engine, update

from moodle_bridge.store import queue, tables
from moodle_bridge.store.engine import connect, write
from moodle_bridge.store.queue import Job, NewJob

NOW = 1_000_000.0
ARCHIVE = NewJob("archive:s1", "archive", {"submission": "s1"}, trace="msg_1")


def ask(engine: Engine, new: NewJob = ARCHIVE, now: float = NOW) -> bool:
    with write(engine) as connection:
        return queue.enqueue(connection, new, now)


def claim(engine: Engine, owner: str = "a", now: float = NOW, most: int = 9) -> Job | None:
    return claiming.claim(engine, owner, now, most=most)


def claimed(engine: Engine, owner: str = "a", now: float = NOW) -> Job:
    return claiming.claimed(engine, owner, now)


def the_job(engine: Engine) -> Job:
    (job,) = queue.list_jobs(engine)
    return job


def make_done(engine: Engine) -> None:
    ask(engine)
    finish(engine, claimed(engine), NOW)


def make_dead(engine: Engine) -> None:
    ask(engine)
    fail(engine, claimed(engine), NOW, "pdf", "broken", None)


def make_waiting(engine: Engine) -> None:
    ask(engine)
    fail(engine, claimed(engine), NOW, "moodle-slow", "no answer", NOW + 50)


def make_running(engine: Engine) -> None:
    ask(engine)
    claimed(engine)


def make_later(engine: Engine) -> None:
    ask(engine, replace(ARCHIVE, due_at=NOW + 30))


@pytest.mark.parametrize(
    ("before", "due_at", "state", "due", "again", "attempts", "due_now"),
    [
        (lambda _: None, 0.0, "queued", NOW, False, 0, True),
        (lambda _: None, NOW + 9, "queued", NOW + 9, False, 0, False),
        (make_done, 0.0, "queued", NOW, False, 0, True),
        (make_dead, 0.0, "queued", NOW, False, 0, True),
        (make_running, 0.0, "running", NOW, True, 1, False),
        (make_running, NOW + 9, "running", NOW + 9, True, 1, False),
        (make_waiting, 0.0, "queued", NOW, False, 1, True),
        (make_waiting, NOW + 9, "queued", NOW + 9, False, 1, False),
        (make_later, 0.0, "queued", NOW, False, 0, True),
        (make_later, NOW + 99, "queued", NOW + 30, False, 0, False),
    ],
    ids=[
        "a new job is queued and due",
        "a new job for later is queued and not due",
        "a done job is armed afresh",
        "a dead job is revived",
        "a running job will run again",
        "a running job will run again later",
        "a job that waits for its next try is moved earlier",
        "a job that waits for its next try may wait less",
        "a job for later is moved earlier",
        "a job is never moved later",
    ],
)
def test_what_asking_for_a_job_makes_of_it(
    engine: Engine,
    before: Callable[[Engine], None],
    due_at: float,
    state: str,
    due: float,
    again: bool,
    attempts: int,
    due_now: bool,
) -> None:
    before(engine)
    said = ask(engine, replace(ARCHIVE, due_at=due_at))
    job = the_job(engine)
    assert (job.state, job.due_at, job.again, job.attempts) == (state, due, again, attempts)
    assert said == due_now == queue.is_due(engine, NOW)


def test_the_last_to_ask_names_payload_and_trace(engine: Engine) -> None:
    ask(engine)
    ask(engine, NewJob("archive:s1", "archive", {"submission": "s1", "force": 1}, trace="msg_2"))
    assert (the_job(engine).payload, the_job(engine).trace) == ({"submission": "s1", "force": 1}, "msg_2")


def test_a_claimed_job_is_running_under_a_lease(engine: Engine) -> None:
    ask(engine)
    job = claimed(engine, "worker-1")
    assert job == the_job(engine)
    assert (job.state, job.owner, job.attempts, job.lease_until) == ("running", "worker-1", 1, NOW + 60)
    assert (job.payload, job.trace) == ({"submission": "s1"}, "msg_1")


@pytest.mark.parametrize(
    "before",
    [lambda _: None, make_done, make_dead, make_running, make_waiting, make_later],
    ids=["nothing there", "done", "dead", "running", "waiting for its next try", "for later"],
)
def test_what_is_not_due_cannot_be_claimed(engine: Engine, before: Callable[[Engine], None]) -> None:
    before(engine)
    assert claim(engine) is None
    assert not queue.is_due(engine, NOW)


def test_the_job_due_longest_comes_first(engine: Engine) -> None:
    for number, due_at in enumerate([NOW - 1, NOW - 3, NOW - 2]):
        ask(engine, NewJob(f"k{number}", "archive", due_at=due_at))
    assert queue.oldest_due(engine, NOW) == NOW - 3
    assert [claimed(engine).key for _ in range(3)] == ["k1", "k2", "k0"]
    assert queue.oldest_due(engine, NOW) is None


def test_several_jobs_are_claimed_together_up_to_what_is_asked_for_and_to_the_limit(engine: Engine) -> None:
    for number in range(9):
        ask(engine, NewJob(f"k{number}", "archive", due_at=NOW - number))
    with write(engine) as connection:
        first = queue.claim(connection, "a", NOW, 60, 3, 5)
        second = queue.claim(connection, "b", NOW, 60, 3, 5)
        third = queue.claim(connection, "b", NOW, 60, 3, 5)
    assert [[job.key for job in jobs] for jobs in (first, second, third)] == [
        ["k8", "k7", "k6"],
        ["k5", "k4"],
        [],
    ]
    assert {job.owner for job in first} == {"a"}


def test_no_more_jobs_run_than_the_limit_allows_over_all_workers(engine: Engine) -> None:
    for number in range(4):
        ask(engine, NewJob(f"k{number}", "archive"))
    held = [claim(engine, owner, most=2) for owner in "abc"]
    assert [job is not None for job in held] == [True, True, False]
    assert held[0] is not None
    finish(engine, held[0], NOW)
    assert claim(engine, "c", most=2) is not None
    assert claim(engine, "c", NOW + 61, most=2) is not None, "lapsed leases do not count"


def test_a_job_that_ended_is_done_and_its_failures_forgotten(engine: Engine) -> None:
    make_waiting(engine)
    assert finish(engine, claimed(engine, now=NOW + 50), NOW + 51)
    job = the_job(engine)
    assert (job.state, job.attempts, job.code, job.message, job.owner) == ("done", 0, "", "", "")


@pytest.mark.parametrize(
    ("due_at", "again", "state", "due"),
    [
        (NOW + 5, False, "queued", NOW + 5),
        (None, False, "dead", NOW),
        (NOW + 5, True, "queued", NOW + 1),
        (None, True, "queued", NOW + 1),
    ],
    ids=["tried again", "dead", "asked for again: at once", "asked for again: not dead"],
)
def test_what_becomes_of_a_job_that_failed(
    engine: Engine, due_at: float | None, again: bool, state: str, due: float
) -> None:
    ask(engine)
    job = claimed(engine)
    if again:
        ask(engine, now=NOW + 1)
    assert fail(engine, job, NOW + 2, "moodle-slow", "no answer", due_at)
    found = the_job(engine)
    assert (found.state, found.due_at, found.code, found.message) == (state, due, "moodle-slow", "no answer")
    assert (found.attempts, found.again) == (1, False)


def test_a_job_asked_for_while_running_runs_once_more_and_no_oftener(engine: Engine) -> None:
    ask(engine)
    first = claimed(engine)
    for _ in range(3):
        ask(engine)
    finish(engine, first, NOW)
    finish(engine, claimed(engine), NOW)
    assert claim(engine) is None
    assert the_job(engine).state == "done"


@pytest.mark.parametrize("owner", ["b", "a"], ids=["another worker", "another thread of the same worker"])
def test_a_worker_that_lost_its_job_cannot_write_over_the_one_that_took_it(
    engine: Engine, owner: str
) -> None:
    ask(engine)
    lost = claimed(engine, "a")
    assert queue.reclaim(engine, NOW + 61, 2) == 1
    held = claimed(engine, owner, NOW + 61)
    assert not renew(engine, lost, NOW + 62)
    assert not finish(engine, lost, NOW + 62)
    assert not fail(engine, lost, NOW + 62, "pdf", "broken", None)
    assert the_job(engine) == held
    assert renew(engine, held, NOW + 62)
    assert finish(engine, held, NOW + 63)


def test_a_lease_that_is_renewed_does_not_lapse(engine: Engine) -> None:
    ask(engine)
    job = claimed(engine)
    assert renew(engine, job, NOW + 50)
    assert queue.reclaim(engine, NOW + 61, 2) == 0
    assert queue.reclaim(engine, NOW + 110, 2) == 1


def test_jobs_of_a_worker_known_to_be_gone_need_not_wait_for_the_lease(engine: Engine) -> None:
    for number, owner in enumerate(["gone", "alive"]):
        ask(engine, NewJob(f"k{number}", "archive"))
        claimed(engine, owner)
    assert queue.running_owners(engine) == {"gone", "alive"}
    assert queue.reclaim(engine, NOW + 1, 2, owners=frozenset({"gone"})) == 1
    assert claimed(engine, "c", NOW + 1).key == "k0"


def test_a_job_that_kills_its_workers_waits_ever_longer_and_then_dies(engine: Engine) -> None:
    ask(engine)
    pauses, now = [], NOW
    while (job := the_job(engine)).state != "dead":
        pauses.append(job.due_at - now)
        now = job.due_at
        claimed(engine, now=now)
        queue.reclaim(engine, now, 2, owners=frozenset({"a"}))
    assert pauses == [0, 0, 0, 2, 4, 8, 16, 32, 64, 128]
    assert (job.code, job.message) == ("worker-lost", "the worker stopped in the middle of this job")


@pytest.mark.parametrize(
    ("before", "retried", "dropped"),
    [
        (make_dead, True, True),
        (make_waiting, True, True),
        (make_done, False, True),
        (make_running, False, False),
    ],
    ids=["dead", "waiting", "done", "running"],
)
def test_what_people_can_do_with_a_job(
    engine: Engine, before: Callable[[Engine], None], retried: bool, dropped: bool
) -> None:
    before(engine)
    assert queue.retry(engine, 1, NOW + 5) == retried
    if retried:
        job = the_job(engine)
        assert (job.state, job.due_at, job.attempts) == ("queued", NOW + 5, 0)
    assert queue.drop(engine, 1) == dropped
    assert (queue.get(engine, 1) is None) == dropped


def test_dead_jobs_can_be_retried_together_by_what_they_died_of(engine: Engine) -> None:
    for number, code in enumerate(["moodle-token", "moodle-token", "pdf"]):
        ask(engine, NewJob(f"k{number}", "archive"))
        fail(engine, claimed(engine), NOW, code, "", None)
    assert queue.retry_dead(engine, NOW, "moodle-token") == 2
    assert queue.counts(engine) == {"queued": 2, "running": 0, "done": 0, "dead": 1}
    assert queue.retry_dead(engine, NOW) == 1


def test_a_pause_is_ended_for_what_failed_for_a_reason_that_is_gone(engine: Engine) -> None:
    for number, code in enumerate(["moodle-unreachable", "moodle-slow"]):
        ask(engine, NewJob(f"k{number}", "archive"))
        fail(engine, claimed(engine), NOW, code, "", NOW + 7200)
    ask(engine, NewJob("planned", "push", due_at=NOW + 60))
    assert queue.hasten(engine, NOW + 1, ["moodle-unreachable", "moodle-maintenance"]) == 1
    due = [job.key for job in queue.list_jobs(engine) if job.due_at <= NOW + 1]
    assert due == ["k0"]
    assert queue.hasten(engine, NOW + 1, ["moodle-unreachable"]) == 0


def test_finished_jobs_are_forgotten_and_dead_ones_stay(engine: Engine) -> None:
    make_dead(engine)
    ask(engine, NewJob("other", "push"))
    finish(engine, claimed(engine), NOW)
    assert queue.forget_before(engine, NOW) == 0
    assert queue.forget_before(engine, NOW + 1) == 1
    assert [job.key for job in queue.list_jobs(engine)] == ["archive:s1"]
    assert queue.list_jobs(engine, "dead", "archive") == queue.list_jobs(engine)
    assert queue.list_jobs(engine, "done") == []


def test_threads_that_claim_together_get_different_jobs(engine: Engine) -> None:
    for number in range(12):
        ask(engine, NewJob(f"k{number}", "archive"))
    taken: list[int] = []

    def work(owner: str) -> None:
        while job := claim(engine, owner, most=100):
            taken.append(job.id)

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(taken) == list(range(1, 13))


def _claim_all(url: str, owner: str, most: int, told: multiprocessing.Queue[tuple[str, int]]) -> None:
    engine = connect(url)
    while job := claim(engine, owner, most=most):
        told.put((owner, job.id))
    told.put((owner, 0))
    engine.dispose()


def test_processes_that_claim_together_keep_to_the_limit(engine: Engine, migrated_url: str) -> None:
    for number in range(20):
        ask(engine, NewJob(f"k{number}", "archive"))
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    processes = [context.Process(target=_claim_all, args=(migrated_url, owner, 7, told)) for owner in "ab"]
    for process in processes:
        process.start()
    taken: dict[str, list[int]] = {"a": [], "b": []}
    ended = 0
    while ended < 2:
        owner, number = told.get(timeout=30)
        ended += number == 0
        taken[owner] += [number] if number else []
    for process in processes:
        process.join(10)
    everything = taken["a"] + taken["b"]
    assert sorted(everything) == sorted(set(everything))
    assert queue.counts(engine)["running"] == len(everything) == 7


def test_a_row_that_somebody_broke_by_hand_disturbs_no_other(engine: Engine) -> None:
    ask(engine)
    ask(engine, NewJob("other", "archive"))
    with write(engine) as connection:
        connection.execute(update(tables.job).where(tables.job.c.id == 1).values(state="weird"))
    assert claimed(engine).key == "other"
