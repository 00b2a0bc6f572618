"""Several small writes, one commit: concurrent callers share a transaction and its wait for the disk.

A burst of webhooks would otherwise stand in line for one fsync each. PostgreSQL groups commits by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from moodle_bridge import courtesy
from moodle_bridge.errors import StoreError
from moodle_bridge.store.engine import is_sqlite, write

Result = TypeVar("Result")
Work = Callable[[Connection], Any]

_MOST = 200
"""Writes in one transaction; more would make the others wait too long."""


class _Entry:
    def __init__(self, work: Work) -> None:
        self.work = work
        self.awake = threading.Event()
        self.settled = False
        self.result: Any = None
        self.error: BaseException | None = None


class _Group:
    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.led = False
        self.waiting: list[_Entry] = []


_groups: WeakKeyDictionary[Engine, _Group] = WeakKeyDictionary()
_groups_mutex = threading.Lock()


def write_together(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    """Run ``work`` in a write transaction, shared with whoever else calls meanwhile.

    Returns what ``work`` returned once it is on disk; raises what it raised, or :class:`StoreError`. If one
    member of a shared transaction fails, each is tried alone, so that it cannot spoil the others.
    """
    if not is_sqlite(engine):
        with write(engine) as connection:
            return work(connection)
    with courtesy.waiting():  # until all whose writes it settles have been told
        return _write_together(engine, work)


def _write_together(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    with _groups_mutex:
        group = _groups.setdefault(engine, _Group())
    entry = _Entry(work)
    with group.mutex:
        group.waiting.append(entry)
        leads = not group.led
        group.led = True
    if not leads:
        entry.awake.wait()
    if not entry.settled:
        _lead(engine, group)
    if entry.error is not None:
        raise entry.error
    result: Result = entry.result
    return result


def _lead(engine: Engine, group: _Group) -> None:
    """Settle what has gathered by the time the transaction begins, then hand the lead on."""
    batch: list[_Entry] = []
    try:
        try:
            with write(engine) as connection:
                batch = _take(group)
                for entry in batch:
                    entry.result = entry.work(connection)
        except Exception as error:
            batch = batch or _take(group)
            _alone(engine, batch, error)
    finally:
        with group.mutex:
            following = group.waiting[0] if group.waiting else None
            group.led = following is not None
        for entry in batch:
            entry.settled = True
            entry.awake.set()
        if following is not None:
            following.awake.set()


def _take(group: _Group) -> list[_Entry]:
    with group.mutex:
        batch = group.waiting[:_MOST]
        del group.waiting[: len(batch)]
    return batch


def _alone(engine: Engine, batch: list[_Entry], error: Exception) -> None:
    if len(batch) == 1 or isinstance(error, StoreError):
        for entry in batch:
            entry.error = error
        return
    for entry in batch:
        try:
            with write(engine) as connection:
                entry.result = entry.work(connection)
        except Exception as own:
            entry.error = own
