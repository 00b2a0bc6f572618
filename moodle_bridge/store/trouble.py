"""What is wrong with a database, told from its driver's error: which of our errors, in words without data.

The driver's own words are shown only where they quote no value of a row.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from sqlalchemy import exc

from moodle_bridge.errors import (
    DatabaseAway,
    DatabaseCrowded,
    DatabaseDamaged,
    DatabaseFull,
    DatabaseLocked,
    DatabaseLogin,
    DatabaseMissing,
    DatabaseReadOnly,
    StoreError,
)

_OF_SQLITE: dict[int, type[StoreError]] = {
    sqlite3.SQLITE_BUSY: DatabaseLocked,
    sqlite3.SQLITE_LOCKED: DatabaseLocked,
    sqlite3.SQLITE_READONLY: DatabaseReadOnly,
    sqlite3.SQLITE_PERM: DatabaseReadOnly,
    sqlite3.SQLITE_FULL: DatabaseFull,
    sqlite3.SQLITE_CORRUPT: DatabaseDamaged,
    sqlite3.SQLITE_NOTADB: DatabaseDamaged,
}
"""By primary result code (https://www.sqlite.org/rescode.html)."""

_OF_STATES: tuple[tuple[str, type[StoreError]], ...] = (
    ("28", DatabaseLogin),
    ("3D000", DatabaseMissing),
    ("53100", DatabaseFull),
    ("53300", DatabaseCrowded),
    ("25006", DatabaseReadOnly),
    ("55P03", DatabaseLocked),
    ("XX001", DatabaseDamaged),
    ("XX002", DatabaseDamaged),
    ("57P", DatabaseAway),
    ("08", DatabaseAway),
)
"""By the beginning of SQLSTATE."""

_OF_WORDS: tuple[tuple[str, type[StoreError], str], ...] = (
    (
        r"password authentication failed|no password supplied|role .* does not exist|no pg_hba\.conf entry",
        DatabaseLogin,
        "PostgreSQL refuses the user or password in database.url",
    ),
    (
        r"database .* does not exist",
        DatabaseMissing,
        "PostgreSQL has no database of the name in database.url",
    ),
    (
        r"too many (clients|connections)|connection slots are reserved",
        DatabaseCrowded,
        "PostgreSQL has no free connection",
    ),
    (
        r"refused|No such file|translate host name|timeout|timed out|unreachable|starting up|shutting down",
        DatabaseAway,
        "PostgreSQL cannot be reached at the host and port in database.url",
    ),
)
"""By what a connection that fails says: there is no SQLSTATE then. In another language nothing fits."""

_QUOTES_NO_DATA = ("08", "28", "42", "53", "55", "57")
"""Classes of https://www.postgresql.org/docs/current/errcodes-appendix.html."""


def of_sqlite(error: sqlite3.Error) -> StoreError:
    """What SQLite says."""
    kind = _OF_SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, StoreError)
    return kind(f"SQLite: {error}")


def of_driver(error: exc.DBAPIError) -> StoreError:
    """What a driver says through SQLAlchemy."""
    origin: Any = error.orig
    if isinstance(origin, sqlite3.Error):
        return of_sqlite(origin)
    state = getattr(origin, "sqlstate", None)
    if state is None:
        said = str(origin)
        for words, kind, told in _OF_WORDS:
            if re.search(words, said, re.IGNORECASE):
                return kind(told)
        return StoreError("PostgreSQL cannot be reached, or refuses what stands in database.url")
    words = getattr(getattr(origin, "diag", None), "message_primary", "") or ""
    kind = next((kind for begin, kind in _OF_STATES if state.startswith(begin)), StoreError)
    return kind(f"PostgreSQL: {words if state[:2] in _QUOTES_NO_DATA else ''} ({state})")
