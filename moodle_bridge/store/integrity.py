"""Whether a database's file is whole: every page is read, nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from moodle_bridge.errors import DatabaseDamaged
from moodle_bridge.store import tables
from moodle_bridge.store.engine import is_sqlite, read

_MOST = 3


@dataclass(frozen=True, slots=True)
class Integrity:
    """What was looked at, and the first faults."""

    looked_at: str
    faults: tuple[str, ...] = ()


def look(engine: Engine) -> Integrity:
    """Read all: SQLite checks its file by itself, PostgreSQL each page that it reads.

    Raises :class:`~moodle_bridge.errors.StoreError` where the database does not answer.
    """
    try:
        return _of_sqlite(engine) if is_sqlite(engine) else _of_postgresql(engine)
    except DatabaseDamaged as error:
        return Integrity("", (error.message,))


def _of_sqlite(engine: Engine) -> Integrity:
    with read(engine) as connection:
        told = connection.exec_driver_sql(f"PRAGMA quick_check({_MOST})").scalars().all()
        strays = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    faults = [str(each) for each in told if each != "ok"]
    if strays:
        faults.append(f"{len(strays)} rows name rows that are not there")
    return Integrity("the file is whole (quick_check)", tuple(faults[:_MOST]))


def _of_postgresql(engine: Engine) -> Integrity:
    with read(engine) as connection:
        for table in tables.metadata.sorted_tables:
            connection.execute(select(func.count()).select_from(table)).scalar_one()
    return Integrity(f"{len(tables.metadata.sorted_tables)} tables were read whole")
