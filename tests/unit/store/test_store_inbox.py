"""The inbox: a hint and its jobs are stored together, once."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from claiming import claimed
from sqlalchemy import Engine

from moodle_bridge.errors import StoreError
from moodle_bridge.store import inbox, queue
from moodle_bridge.store.inbox import Hint
from moodle_bridge.store.queue import NewJob

NOW = 1_000_000.0
HINT = Hint("msg_1", "moodle", "submission.saved", {"submission": "s1"}, NOW)


def test_a_hint_is_stored_with_its_jobs(engine: Engine) -> None:
    receipt = inbox.receive(engine, HINT, [NewJob("archive:s1", "archive"), NewJob("sync", "sync")])
    assert receipt
    assert receipt.due
    assert {job.key for job in queue.list_jobs(engine, "queued")} == {"archive:s1", "sync"}
    assert inbox.count(engine) == 1


def test_a_repeated_hint_changes_nothing(engine: Engine) -> None:
    inbox.receive(engine, HINT, [NewJob("archive:s1", "archive")])
    again = inbox.receive(engine, replace(HINT, received_at=NOW + 9), [NewJob("archive:s2", "archive")])
    assert not again
    assert not again.due
    assert [job.key for job in queue.list_jobs(engine)] == ["archive:s1"]


def test_a_hint_for_a_job_under_way_wakes_nobody(engine: Engine) -> None:
    inbox.receive(engine, HINT, [NewJob("archive:s1", "archive")])
    claimed(engine, "a", NOW)
    assert not inbox.receive(engine, replace(HINT, id="msg_2"), [NewJob("archive:s1", "archive")]).due


def test_the_same_hint_from_many_threads_is_new_once(engine: Engine) -> None:
    receipts: list[bool] = []
    threads = [
        threading.Thread(
            target=lambda: receipts.append(bool(inbox.receive(engine, HINT, [NewJob("k", "archive")])))
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(receipts) == [False] * 7 + [True]


def test_hints_are_forgotten_after_their_time(engine: Engine) -> None:
    inbox.receive(engine, HINT, [])
    inbox.receive(engine, replace(HINT, id="msg_2", received_at=NOW + 10), [])
    assert inbox.forget_before(engine, NOW + 10) == 1
    assert inbox.receive(engine, HINT, []), "its id is new again"
    assert not inbox.receive(engine, replace(HINT, id="msg_2"), [])


def test_when_the_last_hint_came_is_never_forgotten(engine: Engine) -> None:
    assert inbox.last(engine, "moodle") == 0
    for number in range(3):
        inbox.receive(engine, replace(HINT, id=f"msg_{number}", received_at=NOW + number), [])
    inbox.receive(engine, replace(HINT, id="other", source="tool_trigger", received_at=NOW + 9), [])
    assert inbox.last(engine, "moodle") == NOW + 2
    assert inbox.forget_before(engine, NOW + 1000) == 2
    assert (inbox.last(engine, "moodle"), inbox.last(engine, "tool_trigger")) == (NOW + 2, NOW + 9)


def test_a_hint_whose_job_cannot_be_stored_is_not_there_either(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite does not limit the length of a text")
    with pytest.raises(StoreError):
        inbox.receive(engine, HINT, [NewJob("k" * 300, "archive")])
    assert inbox.count(engine) == 0
