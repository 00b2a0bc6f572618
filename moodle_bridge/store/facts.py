"""Small facts the service remembers by name, such as its own id and how far it has read Moodle's changes."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from moodle_bridge.plain_json import Json
from moodle_bridge.store import tables
from moodle_bridge.store.engine import Source, is_sqlite, read


def get(source: Source, name: str, default: Json = None) -> Json:
    """The fact of this name (any JSON value), else ``default``."""
    with read(source) as connection:
        row = connection.execute(select(tables.fact.c.value).where(tables.fact.c.name == name)).first()
    return default if row is None else row[0]


def put(connection: Connection, name: str, value: Json) -> None:
    """Remember a fact in place of an earlier one."""
    tables.put(connection, tables.fact, {"name": name, "value": value})


def put_once(connection: Connection, name: str, value: Json) -> Json:
    """Remember a fact unless one of this name is known; the fact that is known afterwards."""
    statement = tables.insert_for(is_sqlite(connection), tables.fact).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_nothing())
    return get(connection, name)


def next_number(connection: Connection, name: str, least: int) -> int:
    """Raise the whole number of this name by one, at least to ``least``; the number afterwards.

    Whoever else raises it waits until this transaction has ended: no two get the same number.
    """
    put_once(connection, name, 0)
    locked = select(tables.fact.c.value).where(tables.fact.c.name == name).with_for_update()
    number = max(int(connection.execute(locked).scalar_one()) + 1, least)
    put(connection, name, number)
    return number


def forget(connection: Connection, name: str) -> None:
    """Forget a fact, if it is known."""
    connection.execute(delete(tables.fact).where(tables.fact.c.name == name))
