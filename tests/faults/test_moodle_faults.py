"""Moodle and the network fail in every way there is a switch for: each document is filed once even so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from processes import Plant, until

from moodle_bridge.store import inbox, queue

VARIANTS = ["full", "mentor"]


@pytest.fixture
def moodle(running: Plant) -> Iterator[Plant]:
    """The plant with all switches off, before and after."""
    until(lambda: not running.sandbox.unsent(), 20, "webhooks are left over")
    running.sandbox.faults.clear()
    yield running
    running.sandbox.faults.clear()


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("slow", {"milliseconds": 1500, "count": 2, "function": "get_submissions"}),
        ("slow", {"milliseconds": 1500, "count": 2, "function": "store_document"}),
        ("http_500", {"count": 3}),
        ("maintenance", {"count": 3}),
        ("answer_lost", {"count": 2, "function": "upload"}),
        ("answer_lost", {"count": 3, "function": "store_document"}),
        ("truncated", {"count": 3, "function": "store_document"}),
        ("truncated", {"count": 2, "function": "get_submissions"}),
        ("locked", {"count": 3}),
    ],
    ids=[
        "no answer in time when reading",
        "no answer in time after storing",
        "server error",
        "maintenance page",
        "answer lost after the upload",
        "answer lost after storing",
        "answer cut off after storing",
        "answer cut off when reading",
        "locked by somebody else",
    ],
)
def test_what_passes_is_tried_again_until_each_document_is_there_once(
    moodle: Plant, answers: Mapping[str, Any], fault: str, options: dict[str, Any]
) -> None:
    session = the_session(moodle)
    moodle.sandbox.faults.set(fault, **options)
    submissions = [moodle.submit(session, answers, 1000 + number) for number in range(3)]
    until(
        lambda: all(moodle.documents(submission) == VARIANTS for submission in submissions),
        40,
        f"not all documents came: {[job.code for job in queue.list_jobs(moodle.engine, 'queued')]}",
    )
    until(lambda: _jobs(moodle, submissions) == {"done"}, 20, "the jobs did not end")
    assert not [on for on in moodle.sandbox.faults.on() if on["count"] is not None], "the fault did strike"
    assert [moodle.documents(submission) for submission in submissions] == [VARIANTS] * 3


def test_webhooks_that_come_twice_and_in_disorder_are_worked_on_once(
    moodle: Plant, answers: Mapping[str, Any]
) -> None:
    session = the_session(moodle)
    before = inbox.count(moodle.engine)
    moodle.sandbox.faults.set("webhooks_twice")
    moodle.sandbox.faults.set("webhooks_reordered", probability=0.5)
    submissions = [moodle.submit(session, answers, 1000 + number % 8) for number in range(16)]
    until(
        lambda: all(moodle.documents(submission) == VARIANTS for submission in submissions),
        60,
        "not all documents came",
    )
    until(lambda: not moodle.sandbox.unsent(), 20, "webhooks are left over")
    until(lambda: _jobs(moodle, submissions) == {"done"}, 20, "the jobs did not end")
    assert inbox.count(moodle.engine) - before == len(submissions)


def test_a_refused_token_is_no_passing_trouble_and_a_retry_mends_it(
    moodle: Plant, answers: Mapping[str, Any]
) -> None:
    session = the_session(moodle)
    moodle.sandbox.faults.set("token_refused")
    submission = moodle.submit(session, answers, 1000)
    until(lambda: _jobs(moodle, [submission]) == {"dead"}, 20, "the job is not dead")
    (dead,) = [job for job in queue.list_jobs(moodle.engine, "dead") if job.key == f"archive:{submission}"]
    assert dead.code == "moodle-token"
    assert dead.attempts == 1
    moodle.sandbox.faults.clear()
    queue.retry_dead(moodle.engine, 1.0, "moodle-token")
    until(lambda: moodle.documents(submission) == VARIANTS, 20, "the document did not come")


def test_without_any_webhook_everything_arrives_by_reconciling(
    moodle: Plant, answers: Mapping[str, Any]
) -> None:
    session = the_session(moodle)
    moodle.sandbox.faults.set("webhooks_off")
    submissions = [moodle.submit(session, answers, 1000 + number) for number in range(3)]
    before = inbox.count(moodle.engine)
    assert moodle.process("reconcile").call() == 0
    until(
        lambda: all(moodle.documents(submission) == VARIANTS for submission in submissions),
        40,
        "not all documents came",
    )
    assert inbox.count(moodle.engine) == before


def the_session(plant: Plant) -> str:
    """The one session of this file; people submit one version after the other."""
    return str(plant.sandbox.database.rows("SELECT id FROM session")[0]["id"])


def _jobs(plant: Plant, submissions: list[str]) -> set[str]:
    keys = {f"archive:{submission}" for submission in submissions}
    return {job.state for job in queue.list_jobs(plant.engine, limit=10_000) if job.key in keys}
