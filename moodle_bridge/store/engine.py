"""Connections and transactions, on SQLite and PostgreSQL alike; knows no table.

Everything durable goes through :func:`write`: when it returns without an error, the data is on disk (unless
it was told not to wait). All trouble with the database leaves here as
:class:`~moodle_bridge.errors.StoreError`, whose message never holds a value from a row.
"""

from __future__ import annotations

import os
import random
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event, exc, text
from sqlalchemy.engine import URL, make_url

from moodle_bridge.errors import DatabaseLocked, DatabaseReadOnly, StoreError
from moodle_bridge.store import trouble

BUSY_SECONDS = 10.0
"""How long a transaction waits for another writer before it gives up."""

TOGETHER = 10
"""So many rows are written in one transaction where they need not be written together."""

T = TypeVar("T")

_WRITERS: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()
"""Held by the thread that writes, for each engine on SQLite."""

Source = Engine | Connection
"""Where to read from: an engine, or a connection whose transaction is under way."""


def connect(url: str) -> Engine:
    """An engine for ``sqlite:///file`` or ``postgresql+psycopg://…``.

    A SQLite file is made readable by its owner alone (mode 0600, its folder 0700 when it is new), runs in
    WAL mode and syncs every commit. Raises :class:`StoreError` if the file cannot be made or the
    database driver is missing.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address)
    try:
        engine = create_engine(
            address,
            hide_parameters=True,
            pool_size=20,
            max_overflow=20,
            pool_timeout=BUSY_SECONDS,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": 5,
                # A process that stands still in a transaction may not hold up all others for ever.
                "options": f"-c lock_timeout={int(BUSY_SECONDS * 1000)} -c client_encoding=UTF8"
                " -c idle_in_transaction_session_timeout=60000",
            },
        )
    except ImportError as error:
        raise StoreError("the driver for PostgreSQL is missing: install moodle-bridge[postgresql]") from error
    return engine


def is_sqlite(source: Source) -> bool:
    """Whether this is SQLite (else it is PostgreSQL)."""
    return source.dialect.name == "sqlite"


@contextmanager
def write(engine: Engine, *, on_disk: bool = True) -> Iterator[Connection]:
    """A write transaction: committed and on disk when the block ends, rolled back when it raises.

    With ``on_disk`` false it does not wait for the disk: a power cut, but no crash of ours, may take it and
    all such after it. For what is done again then, because what asked for it is on disk.
    """
    with _faults(), _turn(engine) as deadline, engine.connect() as connection, connection.begin():
        if is_sqlite(engine):
            # A lone SELECT needs no BEGIN: every call of SQLite gives up and regains Python's lock.
            _begin(_driver(connection), "FULL" if on_disk else "NORMAL", deadline)
        elif not on_disk:
            connection.execute(text("SET LOCAL synchronous_commit = off"))
        yield connection


@contextmanager
def _turn(engine: Engine) -> Iterator[float]:
    """Wait until no other thread of this process writes to SQLite; the moment at which to give up.

    A thread that waits here is woken when it is its turn. Looking again and again, as between processes,
    costs each of many threads Python's lock and hands the database to whoever happens to look.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    lock = _WRITERS.get(engine)
    if lock is None:
        yield deadline
        return
    if not lock.acquire(timeout=BUSY_SECONDS):
        raise DatabaseLocked("SQLite: database is locked by another thread of this process")
    try:
        yield deadline
    finally:
        lock.release()


def _begin(connection: sqlite3.Connection, synchronous: str, deadline: float) -> None:
    """Begin to write as soon as no other process does.

    SQLite itself would look again after ever longer pauses of up to 0.1 s, in which others overtake.
    """
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            time.sleep(random.uniform(0.001, 0.002))  # noqa: S311 - so that two do not look in step
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}")


def pieces(rows: Sequence[T]) -> list[Sequence[T]]:
    """Many rows in parts, each to be written by a transaction of its own: a webhook waits for one of them."""
    return [rows[begin : begin + TOGETHER] for begin in range(0, len(rows), TOGETHER)]


@contextmanager
def read(source: Source) -> Iterator[Connection]:
    """A connection to read from, each statement for itself; the caller's own if it passes one."""
    if isinstance(source, Connection):
        yield source
        return
    with _faults(), source.connect() as connection:
        yield connection


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise trouble.of_sqlite(error) from None
    except exc.DBAPIError as error:
        # "from None": the driver's own text may quote values, which must not reach a log.
        raise trouble.of_driver(error) from None
    except (exc.TimeoutError, exc.ResourceClosedError) as error:
        raise StoreError(f"no connection to the database ({type(error).__name__})") from None


def _sqlite(address: URL) -> Engine:
    if address.database and address.database != ":memory:":
        path = Path(address.database)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise DatabaseReadOnly(f"{path}: cannot be opened ({error.strerror})") from error
    engine = create_engine(
        address,
        hide_parameters=True,
        pool_size=20,
        max_overflow=20,
        pool_timeout=BUSY_SECONDS,
        pool_use_lifo=True,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    _WRITERS[engine] = threading.Lock()
    return engine


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # Python's own transaction control would begin too late and commit before DDL: we say BEGIN ourselves.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    # A page cache for each thread's connection is memory; the system's own cache serves them all.
    connection.execute("PRAGMA cache_size = -512")
    # What was erased is overwritten, also where SQLite was not built to do so.
    connection.execute("PRAGMA secure_delete = ON")
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            # Switching a new file to WAL ignores the busy timeout when two processes do it at once.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _driver(connection: Connection) -> sqlite3.Connection:
    found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)  # noqa: S101 - so that mypy knows it
    return found
