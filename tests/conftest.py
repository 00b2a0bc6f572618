"""Fixtures that several kinds of tests share: fresh databases, the stand-in Moodle, the service beside it.

The people in all tests are one cast: ``moodle_bridge.sandbox.cast``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from pairs import FakeClock, Pair, paired
from sqlalchemy import Engine, text

from moodle_bridge.sandbox.site import Sandbox
from moodle_bridge.store import schema
from moodle_bridge.store.engine import connect, write
from moodle_bridge.store.tables import metadata

SERVER = "MOODLE_BRIDGE_TEST_POSTGRESQL"
"""postgresql+psycopg://… of a server where databases may be made; without it one is started if installed."""

RUN = """
trap 'rm -rf "$1"' EXIT
"$0/initdb" -D "$1/data" -A trust -U postgres -E UTF8 --no-locale >&2
options="-c listen_addresses='' -c unix_socket_directories=$1 -c fsync=off"
"$0/pg_ctl" -D "$1/data" -w -l "$1/log" -o "$options" start >&2 || { cat "$1/log" >&2; exit 1; }
echo ready
cat > /dev/null
"$0/pg_ctl" -D "$1/data" -m immediate -w stop >&2
"""
"""Runs a PostgreSQL server, with programs and folder as arguments, until its standard input ends."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run in two processes, and in one where a real Moodle is named: all tests share that site."""
    return 0 if os.environ.get("MOODLE_DIR") or os.environ.get("MOODLE_URL") else 2


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let a run that is told to end (SIGTERM) end like one that is interrupted: with its fixtures."""

    def end(*_: object) -> None:
        # Also where what tidies up fails, and so hides the interruption.
        item.session.shouldstop = "told to end"
        raise KeyboardInterrupt

    # For every test anew: a command that ran in this process has taken the signals over.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what was skipped, and why."""
    skipped = terminalreporter.getreports("skipped")
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    if reasons:
        told = "; ".join(f"{count} because {reason}" for reason, count in reasons.most_common())
        terminalreporter.write_line(f"skipped: {told}")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server, without a database name at its end; skips where there is none."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    if url := os.environ.get(SERVER):
        yield url
        return
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("postgresql is not installed")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    # The server refuses to run as root.
    user = ("postgres" if _exists("postgres") else "nobody") if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    # A shell of its own session, which waits for the end of this process, however that comes.
    with subprocess.Popen(
        ["sh", "-euc", RUN, str(found[-1].parent), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        user=user,
        cwd="/",
        start_new_session=True,
    ) as shell:
        assert shell.stdin is not None
        assert shell.stdout is not None
        assert shell.stdout.readline() == b"ready\n", "PostgreSQL does not start: see what it wrote"
        yield f"postgresql+psycopg://postgres@/{{}}?host={folder}"
        shell.stdin.close()


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
    schema.upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def migrated_database(postgresql_server: str) -> Iterator[str]:
    """The URL of a PostgreSQL database of the newest version, emptied before each test that uses it."""
    with _database(postgresql_server, "template0") as url:
        engine = connect(url)
        schema.upgrade(engine)
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
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{schema.newest()}'"))
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
