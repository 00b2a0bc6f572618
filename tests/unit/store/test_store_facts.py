"""Small facts: known by name, and numbers that nobody gets twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine

from moodle_bridge.store import facts
from moodle_bridge.store.engine import write


def test_a_fact_replaces_the_one_before_and_can_be_forgotten(engine: Engine) -> None:
    assert facts.get(engine, "cursor", 7) == 7
    with write(engine) as connection:
        facts.put(connection, "cursor", {"seq": 1})
        facts.put(connection, "cursor", {"seq": 2})
        assert facts.put_once(connection, "cursor", 3) == {"seq": 2}
    assert facts.get(engine, "cursor") == {"seq": 2}
    with write(engine) as connection:
        facts.forget(connection, "cursor")
    assert facts.get(engine, "cursor") is None


def test_a_number_rises_by_one_and_is_never_below_what_is_wanted(engine: Engine) -> None:
    with write(engine) as connection:
        assert [facts.next_number(connection, "revision", least) for least in (0, 0, 9, 3)] == [1, 2, 9, 10]


def test_workers_that_raise_a_number_at_the_same_time_get_different_ones(engine: Engine) -> None:
    together = threading.Barrier(6)

    def raise_it(_: int) -> list[int]:
        together.wait(10)
        found = []
        for _ in range(20):
            with write(engine) as connection:
                found.append(facts.next_number(connection, "revision", 100))
        return found

    with ThreadPoolExecutor(6) as threads:
        numbers = [number for found in threads.map(raise_it, range(6)) for number in found]
    assert sorted(numbers) == list(range(100, 220))
