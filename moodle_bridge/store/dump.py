"""All rows of a database, out and in again, between SQLite and PostgreSQL too; knows no file.

Rows are taken as they are stored, from the tables as the database itself describes them: a copy of an earlier
version goes into tables of that version, and these are then brought to the newest.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, MetaData, Table, delete, func, insert, inspect, select, text

from moodle_bridge.errors import BackupError, PlaceTaken
from moodle_bridge.plain_json import Json
from moodle_bridge.store import schema
from moodle_bridge.store.engine import is_sqlite, read

NOT_COPIED = frozenset({"alembic_version", "pairing_code", "pushed", "worker"})
"""The version is told apart; processes and one-time codes are of the moment, and what Moodle was shown since
nobody knows: it is shown all again."""

_TOGETHER = 200
"""Rows that are in memory at once."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A database as it was at one moment."""

    version: str
    tables: tuple[Table, ...]
    connection: Connection

    def lines(self, table: Table) -> Iterator[bytes]:
        """The names of a table's columns, then its rows, each as one line of JSON."""
        yield _line([column.name for column in table.columns])
        rows = self.connection.execution_options(stream_results=True, yield_per=_TOGETHER).execute(
            select(table).order_by(*table.primary_key)
        )
        for row in rows:
            yield _line([_portable(value) for value in row])


@contextmanager
def snapshot(engine: Engine) -> Iterator[Snapshot]:
    """Read the database as it is now, unaffected by later writes; the block keeps no writer waiting."""
    if is_sqlite(engine):
        with read(engine) as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield _snapshot(connection)
            finally:
                connection.exec_driver_sql("ROLLBACK")
        return
    with read(engine.execution_options(isolation_level="REPEATABLE READ")) as connection:
        yield _snapshot(connection)


def put_back(connection: Connection, version: str, copied: Mapping[str, Iterable[bytes]]) -> None:
    """Put the lines of each table into an empty database, and bring it to the newest version.

    Raises :class:`PlaceTaken` if the database is not empty, :class:`BackupError` if the lines are of a newer
    program or not what they should be.
    """
    if inspect(connection).get_table_names():
        raise PlaceTaken("the database is not empty")
    if version not in schema.versions():
        raise BackupError(f"the backup has version {version}, which is newer than this program: upgrade it")
    schema.bring(connection, version)
    tables = _tables(connection)
    if strangers := set(copied) - {table.name for table in tables}:
        raise BackupError(f"the backup holds tables that its version has not: {', '.join(sorted(strangers))}")
    for table in tables:
        connection.execute(delete(table))
    for table in tables:
        _fill(connection, table, copied.get(table.name, ()))
    schema.bring(connection)


def _snapshot(connection: Connection) -> Snapshot:
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    return Snapshot(str(version), tuple(_tables(connection)), connection)


def _tables(connection: Connection) -> list[Table]:
    """The tables that are copied, as the database describes them: those that others point to come first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name not in NOT_COPIED]


def _fill(connection: Connection, table: Table, lines: Iterable[bytes]) -> None:
    rest = iter(lines)
    names = [str(name) for name in _read(next(rest, b"[]"), table)]
    rows: list[dict[str, object]] = []
    for line in rest:
        values = _read(line, table)
        if len(values) != len(names):
            raise BackupError(f"the backup's table {table.name} has a row with missing columns")
        rows.append({name: _stored(value) for name, value in zip(names, values, strict=True)})
        if len(rows) == _TOGETHER:
            connection.execute(insert(table), rows)
            rows.clear()
    if rows:
        connection.execute(insert(table), rows)
    if "id" in table.columns and not is_sqlite(connection):
        sequence = connection.execute(select(func.pg_get_serial_sequence(table.name, "id"))).scalar()
        if sequence is not None:
            last = connection.execute(select(func.max(table.c.id))).scalar()
            connection.execute(select(func.setval(sequence, last or 1, last is not None)))


def _line(values: list[Json]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _read(line: bytes, table: Table) -> list[Json]:
    try:
        values: Json = json.loads(line)
    except ValueError:
        values = None
    if not isinstance(values, list):
        raise BackupError(f"the backup's table {table.name} has a line that is no row")
    return values


def _portable(value: object) -> Json:
    if isinstance(value, bytes | memoryview):
        return {"base64": base64.b64encode(value).decode()}
    assert value is None or isinstance(value, str | int | float)  # noqa: S101 - of such are all our columns
    return value


def _stored(value: Json) -> object:
    if isinstance(value, dict):
        return base64.b64decode(str(value["base64"]))
    return value
