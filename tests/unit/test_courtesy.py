"""Jobs give way to requests, one computes at a time, and no job stands still for either."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from moodle_bridge import courtesy
from moodle_bridge.store.engine import connect, write
from moodle_bridge.store.group import write_together


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long enough that a wait can be told from none on any machine."""
    monkeypatch.setattr(courtesy, "_PATIENCE_SECONDS", 5.0)
    monkeypatch.setattr(courtesy, "_QUIET_SECONDS", 5.0)


def started(work: object) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


def test_a_job_pauses_between_its_steps_until_the_request_is_answered() -> None:
    begun, stepped = threading.Event(), threading.Event()

    def job() -> None:
        with courtesy.background():
            begun.set()
            go_on.wait(5)
            courtesy.give_way()
            stepped.set()

    go_on = threading.Event()
    thread = started(job)
    assert begun.wait(5)
    with courtesy.request():
        go_on.set()
        assert not stepped.wait(0.2)
    assert stepped.wait(5)
    thread.join(5)


def test_a_job_goes_on_when_requests_never_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "_QUIET_SECONDS", 0.01)
    with courtesy.request():
        began = time.monotonic()
        thread = started(lambda: _work(3))
        thread.join(5)
        assert not thread.is_alive()
    assert time.monotonic() - began >= 0.04


def test_one_job_computes_at_a_time_and_the_next_when_it_waits_for_something_else() -> None:
    order: list[str] = []
    first_has_it, answer = threading.Event(), threading.Event()

    def first() -> None:
        with courtesy.background():
            first_has_it.set()
            time.sleep(0.1)
            order.append("first computed")
            with courtesy.waiting():
                answer.wait(5)
            order.append("first goes on")

    def second() -> None:
        with courtesy.background():
            order.append("second computed")
        answer.set()

    one = started(first)
    assert first_has_it.wait(5)
    two = started(second)
    one.join(5)
    two.join(5)
    assert order == ["first computed", "second computed", "first goes on"]


def test_a_job_that_never_pauses_does_not_keep_the_others_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "_PATIENCE_SECONDS", 0.01)
    ended = threading.Event()

    def endless() -> None:
        with courtesy.background():
            ended.wait(5)

    long = started(endless)
    other = started(lambda: _work(2))
    other.join(2)
    assert not other.is_alive()
    ended.set()
    long.join(5)


def test_a_job_that_fails_leaves_the_floor_to_the_next() -> None:
    with pytest.raises(RuntimeError), courtesy.background():
        raise RuntimeError
    with pytest.raises(RuntimeError), courtesy.background(), courtesy.waiting():
        raise RuntimeError
    assert courtesy._floor.acquire(blocking=False)
    courtesy._floor.release()


def test_a_request_never_waits_and_neither_does_a_thread_that_only_asks() -> None:
    began = time.monotonic()
    with courtesy.request(), courtesy.request():
        courtesy.give_way()
        with courtesy.waiting():
            courtesy.give_way()
    assert time.monotonic() - began < 1


def test_a_transaction_is_finished_and_its_sharers_told_before_a_job_gives_way(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'x.sqlite'}")
    inside, told = threading.Event(), threading.Event()

    def job() -> None:
        with courtesy.background(), write(engine):
            inside.set()
            told.wait(0.2)

    def webhook() -> None:
        with courtesy.request():
            write_together(engine, lambda connection: None)
            told.set()
            time.sleep(0.1)

    thread = started(job)
    assert inside.wait(5)
    began = time.monotonic()
    webhook()
    assert time.monotonic() - began < 2
    thread.join(5)

    def shared_job() -> None:
        with courtesy.background():
            write_together(engine, lambda connection: time.sleep(0.2))

    thread = started(shared_job)
    time.sleep(0.05)
    began = time.monotonic()
    webhook()
    assert time.monotonic() - began < 2
    thread.join(5)
    engine.dispose()


def _work(steps: int) -> None:
    with courtesy.background():
        for _ in range(steps):
            courtesy.give_way()
