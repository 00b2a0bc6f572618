"""Signs of life: which workers there are, when each was last seen and how many jobs it runs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, select

from moodle_bridge.store import tables
from moodle_bridge.store.engine import Source, read, write


@dataclass(frozen=True, slots=True)
class Worker:
    """One process that works on jobs."""

    owner: str
    seen_at: float
    running: int


def beat(connection: Connection, owner: str, now: float, running: int) -> None:
    """Note that a worker is alive."""
    row = {"owner": owner, "seen_at": now, "running": running}
    tables.put(connection, tables.worker, row)


def leave(engine: Engine, owner: str, seen_before: float) -> None:
    """Strike a worker that stops off the list, and all who were not seen since ``seen_before``."""
    with write(engine) as connection:
        gone = (tables.worker.c.owner == owner) | (tables.worker.c.seen_at < seen_before)
        connection.execute(delete(tables.worker).where(gone))


def workers(source: Source) -> list[Worker]:
    """All workers on the list, the most recently seen first."""
    with read(source) as connection:
        rows = connection.execute(select(tables.worker).order_by(tables.worker.c.seen_at.desc()))
        return [Worker(row.owner, row.seen_at, row.running) for row in rows]


def alive(source: Source, now: float, silent_seconds: float) -> list[Worker]:
    """The workers that gave a sign of life within ``silent_seconds``.

    One from later than that is no sign of life: it was written by a clock that was wrong.
    """
    return [each for each in workers(source) if abs(now - each.seen_at) < silent_seconds]
