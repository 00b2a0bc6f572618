"""Which schedules have fired: once per interval, however many workers there are."""

from __future__ import annotations

from functools import cache

from sqlalchemy import BigInteger, Connection, Executable, bindparam

from moodle_bridge.store.engine import is_sqlite
from moodle_bridge.store.tables import insert_for, tick


def once(connection: Connection, name: str, every_seconds: float, now: float) -> bool:
    """Whether the schedule ``name`` is to fire now; true for one caller per interval only.

    Intervals are counted from the epoch, so that all workers agree on where one begins. What fired far in
    the future did so by a clock that was wrong: it does not silence the schedule until then.
    """
    slot = int(now // every_seconds * every_seconds)
    far = int(slot + 2 * every_seconds)
    fired = connection.execute(_fire(is_sqlite(connection)), {"name": name, "slot": slot, "far": far})
    return fired.first() is not None


@cache
def _fire(on_sqlite: bool) -> Executable:
    statement = insert_for(on_sqlite, tick)
    return statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"slot": statement.excluded.slot},
        where=(tick.c.slot < statement.excluded.slot) | (tick.c.slot > bindparam("far", type_=BigInteger)),
    ).returning(tick.c.name)
