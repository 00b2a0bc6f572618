"""Schedules fire once per interval, whatever the clocks did."""

from __future__ import annotations

from sqlalchemy import Engine

from moodle_bridge.store import ticks
from moodle_bridge.store.engine import write

NOW = 1_764_000_000.0
YEAR = 365 * 86_400


def fires(engine: Engine, now: float) -> bool:
    with write(engine) as connection:
        return ticks.once(connection, "reconcile", 300, now)


def test_a_schedule_fires_once_per_interval(engine: Engine) -> None:
    assert [fires(engine, NOW), fires(engine, NOW + 1), fires(engine, NOW + 300)] == [True, False, True]


def test_a_clock_a_little_behind_does_not_fire_what_another_has_fired(engine: Engine) -> None:
    assert [fires(engine, NOW), fires(engine, NOW - 300)] == [True, False]


def test_a_clock_that_was_a_year_ahead_does_not_silence_the_schedule(engine: Engine) -> None:
    assert [fires(engine, NOW + YEAR), fires(engine, NOW), fires(engine, NOW + 1)] == [True, True, False]
