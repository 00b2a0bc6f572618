"""Brings a database to the newest shape (Alembic), also when two processes start together."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from moodle_bridge.errors import StoreError
from moodle_bridge.store.engine import is_sqlite, read, write

MIGRATIONS = Path(__file__).parent / "migrations"

_LOCK = 7_146_308_112
"""PostgreSQL advisory lock of the migrations; any number that nobody else uses."""


def upgrade(engine: Engine) -> bool:
    """Bring the database to the newest version; whether anything had to be done.

    All in one transaction, behind a lock: whoever comes second finds the work done. Raises
    :class:`StoreError` if the database is newer than this program.
    """
    if current(engine) == newest():
        return False
    with write(engine) as connection:
        if not is_sqlite(engine):
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        found = _version(connection)
        if found == newest():
            return False
        if found and found not in versions():
            raise StoreError(
                f"the database has version {found}, which is newer than this program: upgrade it"
            )
        bring(connection)
    return True


def bring(connection: Connection, version: str = "head") -> None:
    """Bring the database to a version within the caller's transaction; never back to an earlier one."""
    # Alembic is large and seldom needed: a service that finds its database up to date starts without it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def current(engine: Engine) -> str:
    """The version that the database has; empty if it has none yet."""
    with read(engine) as connection:
        return _version(connection)


def newest() -> str:
    """The version that this program wants."""
    return max(versions())


def versions() -> list[str]:
    """All versions, from the names of the migrations: ``<version>_<what>.py``."""
    return [path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")]


def _version(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
