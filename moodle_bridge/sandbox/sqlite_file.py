"""The stand-in's SQLite file: tables, and short transactions that survive a killed process."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

Row = sqlite3.Row

_TABLES = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS course (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS person (id INTEGER PRIMARY KEY, name TEXT NOT NULL, language TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS enrolment (
    course INTEGER NOT NULL, person INTEGER NOT NULL, role TEXT NOT NULL, active INTEGER NOT NULL DEFAULT 1,
    joined INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (course, person, role));
CREATE TABLE IF NOT EXISTS "group" (id INTEGER PRIMARY KEY, course INTEGER NOT NULL, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS membership (
    "group" INTEGER NOT NULL, person INTEGER NOT NULL, PRIMARY KEY ("group", person));
CREATE TABLE IF NOT EXISTS session (
    id TEXT PRIMARY KEY, course INTEGER NOT NULL, cmid INTEGER NOT NULL, name TEXT NOT NULL,
    number INTEGER NOT NULL, kind TEXT NOT NULL, language TEXT NOT NULL, timezone TEXT NOT NULL,
    opens INTEGER NOT NULL, due INTEGER NOT NULL, closed INTEGER NOT NULL DEFAULT 0,
    instruments TEXT NOT NULL, groupmode TEXT NOT NULL, origin TEXT NOT NULL DEFAULT '',
    modified INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS submission (
    id TEXT PRIMARY KEY, session TEXT NOT NULL, instrument TEXT NOT NULL, instrument_version TEXT NOT NULL,
    definition_sha256 TEXT NOT NULL, language TEXT NOT NULL, "group" INTEGER NOT NULL,
    respondent INTEGER NOT NULL, respondent_role TEXT NOT NULL, version INTEGER NOT NULL,
    state TEXT NOT NULL, submitted INTEGER NOT NULL, origin TEXT NOT NULL DEFAULT '',
    answers TEXT NOT NULL, carried TEXT NOT NULL,
    UNIQUE (session, instrument, "group", respondent, version));
CREATE TABLE IF NOT EXISTS draft (
    session TEXT NOT NULL, instrument TEXT NOT NULL, "group" INTEGER NOT NULL, person INTEGER NOT NULL,
    revision INTEGER NOT NULL, answers TEXT NOT NULL, PRIMARY KEY (session, instrument, "group", person));
CREATE TABLE IF NOT EXISTS document (
    id TEXT PRIMARY KEY, submission TEXT NOT NULL, session TEXT NOT NULL, variant TEXT NOT NULL,
    language TEXT NOT NULL, filename TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL,
    answers_sha256 TEXT NOT NULL, stored INTEGER NOT NULL, content BLOB);
CREATE INDEX IF NOT EXISTS document_session ON document (session);
CREATE INDEX IF NOT EXISTS document_submission ON document (submission);
CREATE TABLE IF NOT EXISTS definition (
    instrument TEXT NOT NULL, version TEXT NOT NULL, language TEXT NOT NULL, sha256 TEXT NOT NULL,
    content TEXT NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (instrument, version, language));
CREATE TABLE IF NOT EXISTS session_version (
    session TEXT NOT NULL, instrument TEXT NOT NULL, version TEXT NOT NULL,
    PRIMARY KEY (session, instrument));
CREATE TABLE IF NOT EXISTS roster (
    session TEXT NOT NULL, person INTEGER NOT NULL, role TEXT NOT NULL, "group" INTEGER NOT NULL,
    since INTEGER NOT NULL, PRIMARY KEY (session, person, role, "group"));
CREATE TABLE IF NOT EXISTS personal (
    session TEXT NOT NULL, instrument TEXT NOT NULL, person INTEGER NOT NULL, "group" INTEGER NOT NULL,
    revision INTEGER NOT NULL, content TEXT NOT NULL, withdrawn INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (session, instrument, person, "group"));
CREATE TABLE IF NOT EXISTS summary (
    session TEXT NOT NULL, "group" INTEGER NOT NULL, audience TEXT NOT NULL, person INTEGER NOT NULL,
    revision INTEGER NOT NULL, content TEXT NOT NULL, withdrawn INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (session, "group", audience, person));
CREATE TABLE IF NOT EXISTS push (
    session TEXT NOT NULL, kind TEXT NOT NULL, scope TEXT NOT NULL, "group" INTEGER NOT NULL,
    revision INTEGER NOT NULL, parts INTEGER NOT NULL, PRIMARY KEY (session, kind, scope, "group"));
CREATE TABLE IF NOT EXISTS problem (
    submission TEXT NOT NULL, kind TEXT NOT NULL, session TEXT NOT NULL, code TEXT NOT NULL,
    content TEXT NOT NULL, reported INTEGER NOT NULL, PRIMARY KEY (submission, kind));
CREATE TABLE IF NOT EXISTS decision (
    id TEXT PRIMARY KEY, session TEXT NOT NULL, signal TEXT NOT NULL, rule TEXT NOT NULL,
    person INTEGER NOT NULL, "group" INTEGER NOT NULL, occurrences TEXT NOT NULL, decision TEXT NOT NULL,
    note TEXT NOT NULL, due INTEGER NOT NULL, user INTEGER NOT NULL, time INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS decision_signal ON decision (signal);
CREATE TABLE IF NOT EXISTS set_aside (
    session TEXT PRIMARY KEY, revision INTEGER NOT NULL, items TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS upload (
    itemid INTEGER PRIMARY KEY AUTOINCREMENT, filename TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, action TEXT NOT NULL,
    session TEXT NOT NULL, id TEXT NOT NULL, time INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, webhook TEXT NOT NULL UNIQUE, type TEXT NOT NULL,
    data TEXT NOT NULL, created REAL NOT NULL, due REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    sent REAL NOT NULL DEFAULT 0, answer TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (sent, due);
"""


class Database:
    """One SQLite file in WAL mode; a connection per thread; writers queue up behind a lock."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._local = threading.local()
        self._writing = threading.Lock()
        self._open: list[sqlite3.Connection] = []
        with self.write() as connection:
            for statement in _TABLES.split(";\n"):
                connection.execute(statement)

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self._file, timeout=30, isolation_level=None, check_same_thread=False
            )
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            # A killed process loses nothing so; only a power cut could, and this is no real Moodle.
            connection.execute("PRAGMA synchronous=NORMAL")
            self._local.connection = connection
            self._open.append(connection)
        return connection

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that commits at the end, or leaves no trace if the block raises."""
        connection = self._connection()
        with self._writing:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def rows(self, query: str, *values: str | int | float) -> list[Row]:
        """Every row of a query outside a transaction."""
        return self._connection().execute(query, values).fetchall()

    def row(self, query: str, *values: str | int | float) -> Row | None:
        """The first row of a query, if there is one."""
        found: Row | None = self._connection().execute(query, values).fetchone()
        return found

    def setting(self, name: str, default: str = "") -> str:
        """One setting of the site."""
        row = self.row("SELECT value FROM setting WHERE name = ?", name)
        return default if row is None else str(row["value"])

    def close(self) -> None:
        """Close every thread's connection; the object is not usable afterwards."""
        while self._open:
            self._open.pop().close()


def put_setting(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Set one setting of the site within a transaction."""
    connection.execute(
        "INSERT INTO setting (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
