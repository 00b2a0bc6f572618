"""What happened, counted: by every process for itself, added up in the database.

Web and worker processes count in memory and add what is new to one fact in the database every few seconds,
so that whichever of them is asked for ``/metrics`` shows the sum over all, and a restart loses nothing that
was published. Counting costs no disk access.
"""

from __future__ import annotations

import logging
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypedDict

from sqlalchemy import Engine, text

from moodle_bridge import courtesy
from moodle_bridge.errors import StoreError
from moodle_bridge.plain_json import Json, JsonObject, numbers, obj, whole
from moodle_bridge.store import facts
from moodle_bridge.store.engine import is_sqlite, write

log = logging.getLogger(__name__)

FACT = "metrics"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the histogram's buckets, in seconds; the last bucket is open."""


class Totals(TypedDict):
    """``counters``: name|label -> number; ``steps``: name -> [seconds, then the number in each bucket]."""

    counters: dict[str, int]
    steps: dict[str, list[float]]


_LOCK = 7_146_308_114
"""PostgreSQL advisory lock under which the sums are added to."""

_mutex = threading.Lock()
_counters: dict[str, int] = {}
_steps: dict[str, list[float]] = {}


def count(name: str, label: str = "", number: int = 1) -> None:
    """Count something: ``received``, ``duplicates``, ``refused`` or ``job``, told apart by a label."""
    key = f"{name}|{label}"
    with _mutex:
        _counters[key] = _counters.get(key, 0) + number


def observe(name: str, seconds: float) -> None:
    """Note how long a step took."""
    with _mutex:
        row = _steps.setdefault(name, [0.0] * (len(BUCKETS) + 2))
        row[0] += seconds
        row[1 + bisect_left(BUCKETS, seconds)] += 1


@contextmanager
def step(name: str) -> Iterator[None]:
    """Measure how long the block takes, also when it fails."""
    courtesy.give_way()
    began = time.perf_counter()
    try:
        yield
    finally:
        observe(name, time.perf_counter() - began)


def publish(engine: Engine) -> Totals:
    """Add what this process has counted since last time to the sums in the database; the sums.

    Raises :class:`StoreError`; then nothing is lost and the next time adds it.
    """
    global _counters, _steps
    with _mutex:
        counters, steps = _counters, _steps
        _counters, _steps = {}, {}
    if not counters and not steps:
        return _whole(facts.get(engine, FACT))
    try:
        with write(engine) as connection:
            if not is_sqlite(connection):  # SQLite has one writer at a time anyway
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            totals = _whole(facts.get(connection, FACT))
            _add(totals, counters, steps)
            facts.put(connection, FACT, {"counters": totals["counters"], "steps": totals["steps"]})
    except StoreError:
        with _mutex:
            newer: Totals = {"counters": _counters, "steps": _steps}
            _add(newer, counters, steps)
        raise
    return totals


@contextmanager
def published(engine: Engine, every_seconds: float = 5.0) -> Iterator[None]:
    """Publish in the background while the block runs, and once more when it ends."""
    ended = threading.Event()

    def keep_on() -> None:
        while not ended.wait(every_seconds):
            _try(engine)

    thread = threading.Thread(target=keep_on, name="metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        _try(engine)


def _try(engine: Engine) -> None:
    try:
        publish(engine)
    except StoreError as error:
        log.warning("the metrics could not be published: %s", error)


def _whole(stored: Json) -> Totals:
    found: JsonObject = stored if isinstance(stored, Mapping) else {"counters": {}, "steps": {}}
    counters, steps = obj(found, "counters"), obj(found, "steps")
    return {
        "counters": {key: whole(counters, key) for key in counters},
        "steps": {name: [float(each) for each in numbers(steps, name)] for name in steps},
    }


def _add(totals: Totals, counters: dict[str, int], steps: dict[str, list[float]]) -> None:
    for key, number in counters.items():
        totals["counters"][key] = totals["counters"].get(key, 0) + number
    for name, row in steps.items():
        old = totals["steps"].get(name, [0.0] * len(row))
        totals["steps"][name] = [a + b for a, b in zip(old, row, strict=True)]
