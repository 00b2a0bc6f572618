"""The inbox: every hint that was received, by its id, so that a repetition is recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Engine, Executable, delete, func, select

from moodle_bridge.plain_json import JsonObject
from moodle_bridge.store.engine import Source, is_sqlite, read, write
from moodle_bridge.store.queue import NewJob, enqueue
from moodle_bridge.store.tables import inbox, insert_for


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that Moodle, or a plugin there, said: never data, only what to look at."""

    id: str
    source: str
    type: str
    data: JsonObject
    received_at: float


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a hint: true if it was new; ``due`` if it made work that can begin at once."""

    fresh: bool
    due: bool = False

    def __bool__(self) -> bool:
        return self.fresh


def receive(engine: Engine, hint: Hint, jobs: Sequence[NewJob]) -> Receipt:
    """Store a hint together with the jobs it makes, in one transaction.

    When this returns, both are on disk. A hint whose id was there already changes nothing and is answered
    with a receipt that is false. Raises :class:`StoreError`; then nothing was stored.
    """

    with write(engine) as connection:
        row = {name: getattr(hint, name) for name in Hint.__dataclass_fields__}
        if connection.execute(_insert(is_sqlite(connection)), row).first() is None:
            return Receipt(False)
        due = [enqueue(connection, job, hint.received_at) for job in jobs]
        return Receipt(True, any(due))


@cache
def _insert(on_sqlite: bool) -> Executable:
    statement = insert_for(on_sqlite, inbox)
    return statement.on_conflict_do_nothing().returning(inbox.c.id)


def count(source: Source) -> int:
    """How many hints are remembered."""
    with read(source) as connection:
        return connection.execute(select(func.count()).select_from(inbox)).scalar_one()


def last(source: Source, sender: str) -> float:
    """When the last hint of a source was received (epoch seconds); 0 if none is remembered."""
    newest = select(inbox.c.received_at).where(inbox.c.source == sender).order_by(inbox.c.received_at.desc())
    with read(source) as connection:
        return float(connection.execute(newest.limit(1)).scalar() or 0.0)


def forget_before(engine: Engine, time: float) -> int:
    """Forget hints received before ``time`` (epoch seconds), but of each source the last; how many."""
    of_source = select(inbox.c.source, func.max(inbox.c.received_at).label("last")).group_by(inbox.c.source)
    newest = of_source.subquery()
    is_last = select(newest.c.source).where(
        newest.c.source == inbox.c.source, newest.c.last == inbox.c.received_at
    )
    with write(engine) as connection:
        old = delete(inbox).where(inbox.c.received_at < time, ~is_last.exists())
        return connection.execute(old).rowcount
