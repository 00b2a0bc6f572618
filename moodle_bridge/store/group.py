"""Several small writes, one commit: concurrent callers share a transaction and its wait for the disk.

A burst of webhooks would otherwise stand in line for one fsync each (benchmarks/README.md has the figures).
PostgreSQL groups commits by itself.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from moodle_bridge.errors import StoreError
from moodle_bridge.store.engine import is_sqlite, write

Result = TypeVar("Result")


class _Line:
    """Who waits to write: whoever comes to hold ``lead`` writes for all who are waiting by then."""

    def __init__(self) -> None:
        self.lead = threading.Lock()
        self.waiting: deque[tuple[Callable[[Connection], Any], Future[Any]]] = deque()


_lines: WeakKeyDictionary[Engine, _Line] = WeakKeyDictionary()


def write_together(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    """Run ``work`` in a write transaction, shared with whoever else calls meanwhile.

    Returns what ``work`` returned once it is on disk; raises what it raised, or :class:`StoreError`. If one
    member of a shared transaction fails, each is tried alone, so that it cannot spoil the others.
    """
    if not is_sqlite(engine):
        with write(engine) as connection:
            return work(connection)
    line = _lines.setdefault(engine, _Line())
    mine: Future[Result] = Future()
    line.waiting.append((work, mine))
    with line.lead:
        if not mine.done():
            _write_for_all(engine, line)
    return mine.result()


def _write_for_all(engine: Engine, line: _Line) -> None:
    batch: list[tuple[Callable[[Connection], Any], Future[Any]]] = []
    try:
        with write(engine) as connection:
            batch = [line.waiting.popleft() for _ in range(len(line.waiting))]
            results = [work(connection) for work, _ in batch]
    except Exception as error:
        batch = batch or [line.waiting.popleft() for _ in range(len(line.waiting))]
        alone = len(batch) > 1 and not isinstance(error, StoreError)
        for work, future in batch:
            if alone:
                _write_alone(engine, work, future)
            else:
                future.set_exception(error)
        return
    for (_, future), result in zip(batch, results, strict=True):
        future.set_result(result)


def _write_alone(engine: Engine, work: Callable[[Connection], Any], future: Future[Any]) -> None:
    try:
        with write(engine) as connection:
            result = work(connection)
    except Exception as error:
        future.set_exception(error)
    else:
        future.set_result(result)
