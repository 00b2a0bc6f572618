"""A worker that stands still for longer than its lease and then goes on does no harm."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from processes import Plant, plant, until

from moodle_bridge.store import queue

LEASE, SUBMISSIONS = 5, 6


@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_what_a_stopped_worker_held_is_done_once_by_another_and_it_may_go_on_afterwards(
    on: str, tmp_path: Path, request: pytest.FixtureRequest, answers: Mapping[str, Any]
) -> None:
    environ = {
        "MOODLE_BRIDGE_JOBS_LEASE_SECONDS": str(LEASE),
        "MOODLE_BRIDGE_RECONCILE_EVERY_SECONDS": "86400",
    }
    if on == "postgresql":
        environ["MOODLE_BRIDGE_DATABASE_URL"] = request.getfixturevalue("postgresql_database")
    with plant(tmp_path, SUBMISSIONS, **environ) as made:
        web, slow, other = (made.process(command) for command in ("web", "worker", "worker"))
        web.start()
        slow.start()
        made.pair()
        session = made.session()
        until(lambda: not made.sandbox.unsent() and _running(made) == 0, 40, "the session was not told")
        made.sandbox.faults.set("slow", milliseconds=500, function="store_document")
        submissions = [made.submit(session, answers) for _ in range(SUBMISSIONS)]
        until(lambda: _running(made, "archive") == SUBMISSIONS, 40, "the jobs were not begun")
        time.sleep(1)
        assert slow.process is not None
        os.kill(slow.process.pid, signal.SIGSTOP)
        try:
            held = {job.id: job for job in queue.list_jobs(made.engine, "running")}
            assert held
            other.start()
            until(lambda: all(_documents(made, each) == 2 for each in submissions), 60, "not all came")
            until(lambda: all(_state(made, each) == "done" for each in held), 90, "not all ended")
            for job in held.values():
                taken = queue.get(made.engine, job.id)
                assert taken is not None
                assert taken.fence > job.fence
            before = queue.list_jobs(made.engine)
        finally:
            os.kill(slow.process.pid, signal.SIGCONT)
        time.sleep(3)
        after = {job.id: job for job in queue.list_jobs(made.engine)}
        for job in before:
            if job.kind == "archive":
                assert after[job.id] == job, "what it writes down too late counts for nothing"
        assert all(made.documents(each) == ["full", "mentor"] for each in submissions)
        assert queue.list_jobs(made.engine, "dead") == []
        late = made.submit(session, answers, 1000)
        until(lambda: made.documents(late) == ["full", "mentor"], 40, "nothing more is filed")


def _running(made: Plant, kind: str = "") -> int:
    return len(queue.list_jobs(made.engine, "running", kind))


def _state(made: Plant, job_id: int) -> str:
    job = queue.get(made.engine, job_id)
    return job.state if job is not None else "gone"


def _documents(made: Plant, submission: str) -> int:
    return len(made.documents(submission))
