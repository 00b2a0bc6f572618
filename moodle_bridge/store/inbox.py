"""The inbox: every hint that was received, by its id, so that a repetition is recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, select

from moodle_bridge.store.engine import Source, read, write
from moodle_bridge.store.group import write_together
from moodle_bridge.store.queue import NewJob, enqueue
from moodle_bridge.store.tables import inbox, insert_into


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that Moodle, or a plugin there, said: never data, only what to look at."""

    id: str
    source: str
    type: str
    data: dict[str, Any]
    received_at: float


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a hint: true if it was new; ``jobs`` are the ids of jobs to hint to the workers."""

    fresh: bool
    jobs: tuple[int, ...] = field(default=())

    def __bool__(self) -> bool:
        return self.fresh


def receive(engine: Engine, hint: Hint, jobs: Sequence[NewJob]) -> Receipt:
    """Store a hint together with the jobs it makes, in one transaction.

    When this returns, both are on disk. A hint whose id was there already changes nothing and is answered
    with a receipt that is false. Raises :class:`StoreError`; then nothing was stored.
    """

    def work(connection: Connection) -> Receipt:
        statement = insert_into(connection, inbox).values(
            id=hint.id,
            source=hint.source,
            type=hint.type,
            data=hint.data,
            received_at=hint.received_at,
        )
        fresh = connection.execute(statement.on_conflict_do_nothing().returning(inbox.c.id)).first()
        if fresh is None:
            return Receipt(False)
        ids = (enqueue(connection, job, hint.received_at) for job in jobs)
        return Receipt(True, tuple(job_id for job_id in ids if job_id is not None))

    return write_together(engine, work)


def count(source: Source) -> int:
    """How many hints are remembered."""
    with read(source) as connection:
        return connection.execute(select(func.count()).select_from(inbox)).scalar_one()


def forget_before(engine: Engine, time: float) -> int:
    """Forget hints received before ``time`` (epoch seconds); how many."""
    with write(engine) as connection:
        return connection.execute(delete(inbox).where(inbox.c.received_at < time)).rowcount
