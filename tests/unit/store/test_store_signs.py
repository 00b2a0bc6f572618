"""Facts, schedules that fire once, and workers' signs of life."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine

from moodle_bridge.store import facts, ticks, workers
from moodle_bridge.store.engine import write
from moodle_bridge.store.workers import Worker


def test_a_fact_is_remembered_until_it_is_replaced_or_forgotten(engine: Engine) -> None:
    assert facts.get(engine, "cursor", {"seq": 0}) == {"seq": 0}
    for value in ({"feed": "f", "seq": 1}, {"feed": "f", "seq": 2}):
        with write(engine) as connection:
            facts.put(connection, "cursor", value)
    assert facts.get(engine, "cursor") == {"feed": "f", "seq": 2}
    with write(engine) as connection:
        facts.forget(connection, "cursor")
    assert facts.get(engine, "cursor") is None


@pytest.mark.parametrize(
    ("times", "fired"),
    [
        ([1000, 1001, 1199], [True, False, False]),
        ([1000, 1200, 1499, 1500], [True, True, False, True]),
        ([1200, 1000], [True, False]),
    ],
    ids=["once in an interval", "again in the next", "never for one that is past"],
)
def test_when_a_schedule_fires(engine: Engine, times: list[int], fired: list[bool]) -> None:
    with write(engine) as connection:
        assert [ticks.once(connection, "reconcile", 300, now) for now in times] == fired


def test_a_schedule_whose_interval_was_changed_fires_on(engine: Engine) -> None:
    with write(engine) as connection:
        assert ticks.once(connection, "reconcile", 10, 1_000_000)
        assert ticks.once(connection, "reconcile", 3600, 1_003_600)
        assert ticks.once(connection, "reconcile", 10, 1_003_610)


def test_a_schedule_fires_once_however_many_ask(engine: Engine) -> None:
    fired: list[bool] = []

    def ask() -> None:
        with write(engine) as connection:
            fired.append(ticks.once(connection, "reconcile", 300, 1000))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(fired) == [False] * 5 + [True]


def test_a_worker_is_on_the_list_until_it_leaves_or_was_long_silent(engine: Engine) -> None:
    assert workers.workers(engine) == []
    with write(engine) as connection:
        for owner, now in [("a", 10.0), ("b", 20.0), ("c", 30.0), ("a", 40.0)]:
            workers.beat(connection, owner, now, 2)
    assert [worker.owner for worker in workers.workers(engine)] == ["a", "c", "b"]
    assert workers.workers(engine)[0] == Worker("a", 40.0, 2)
    workers.leave(engine, "c", 25.0)
    assert [worker.owner for worker in workers.workers(engine)] == ["a"]
