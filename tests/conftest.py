"""Fixtures that several kinds of tests share: fresh databases, the stand-in Moodle, the service beside it.

The people in all tests are one cast: ``moodle_bridge.sandbox.cast``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from pairs import FakeClock, Pair, paired
from sqlalchemy import Engine, text

from moodle_bridge.sandbox.server import Sandbox
from moodle_bridge.store import migrate
from moodle_bridge.store.engine import connect, write
from moodle_bridge.store.tables import metadata

SERVER = "MOODLE_BRIDGE_TEST_POSTGRESQL"
"""postgresql+psycopg://… of a server where databases may be made; without it one is started if installed."""


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server, without a database name at its end; skips where there is none."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    if url := os.environ.get(SERVER):
        yield url
        return
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip(f"no PostgreSQL server is installed under /usr/lib/postgresql and {SERVER} is not set")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    # The server refuses to run as root.
    user = ("postgres" if _exists("postgres") else "nobody") if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    programs = found[-1].parent

    def run(*arguments: str) -> None:
        # To files, for a server that inherits a pipe keeps it open.
        with (folder.parent / f"{folder.name}.log").open("ab") as log:
            subprocess.run(arguments, check=True, user=user, cwd="/", stdout=log, stderr=log, timeout=60)

    data = str(folder / "data")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    try:
        run(f"{programs}/initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale")
        run(f"{programs}/pg_ctl", "-D", data, "-w", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://postgres@/{{}}?host={folder}"
        finally:
            run(f"{programs}/pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)
        (folder.parent / f"{folder.name}.log").unlink(missing_ok=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bridge.sqlite3'}"
        return
    server: str = request.getfixturevalue("postgresql_server")
    with _database(server, "template0") as url:
        yield url


@pytest.fixture
def postgresql_database(postgresql_server: str) -> Iterator[str]:
    """The URL of an empty database on PostgreSQL."""
    with _database(postgresql_server, "template0") as url:
        yield url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file of the newest version, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "bridge.sqlite3"
    engine = connect(f"sqlite:///{file}")
    migrate.upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def migrated_database(postgresql_server: str) -> Iterator[str]:
    """The URL of a PostgreSQL database of the newest version, emptied before each test that uses it."""
    with _database(postgresql_server, "template0") as url:
        engine = connect(url)
        migrate.upgrade(engine)
        engine.dispose()
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database of the newest version without rows, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "bridge.sqlite3"
        shutil.copy(request.getfixturevalue("migrated_file"), file)
        return f"sqlite:///{file}"
    url: str = request.getfixturevalue("migrated_database")
    engine = connect(url)
    with write(engine) as connection:
        names = ", ".join(f'"{name}"' for name in metadata.tables)
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
    engine.dispose()
    return url


@pytest.fixture
def engine(migrated_url: str) -> Iterator[Engine]:
    """A database of the newest version without rows, on SQLite and on PostgreSQL."""
    engine = connect(migrated_url)
    yield engine
    engine.dispose()


@contextmanager
def _database(server: str, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    _administer(server, f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE {template}")
    try:
        yield _url(server, name)
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _url(server: str, name: str) -> str:
    return server.format(name) if "{}" in server else f"{server.rstrip('/')}/{name}"


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _administer(server: str, statement: str) -> None:
    engine = connect(_url(server, "postgres"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def clock() -> FakeClock:
    """A clock at 24 November 2025, 16:00 UTC, the time of the golden exchanges."""
    return FakeClock()


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A fresh stand-in Moodle with the cast enrolled, unpaired."""
    with Sandbox(tmp_path / "moodle") as running:
        yield running


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A service and a stand-in, paired, for the tests of one file: each makes sessions of its own."""
    with paired(tmp_path_factory.mktemp("pair")) as running:
        yield running
