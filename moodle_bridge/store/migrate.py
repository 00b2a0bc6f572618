"""Brings a database to the newest shape (Alembic), also when two processes start together."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from moodle_bridge.errors import StoreError
from moodle_bridge.store.engine import is_sqlite, read, write

_LOCK = 7_146_308_112
"""PostgreSQL advisory lock of the migrations; any number that nobody else uses."""


def upgrade(engine: Engine) -> bool:
    """Bring the database to the newest version; whether anything had to be done.

    All in one transaction, behind a lock: whoever comes second finds the work done. Raises
    :class:`StoreError` if the database is newer than this program.
    """
    script = ScriptDirectory.from_config(_config())
    if current(engine) == newest():
        return False
    with write(engine) as connection:
        if not is_sqlite(engine):
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        found = _version(connection)
        if found == newest():
            return False
        if found and found not in {revision.revision for revision in script.walk_revisions()}:
            raise StoreError(f"the database has version {found}, which is newer than this program knows")
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True


def current(engine: Engine) -> str:
    """The version that the database has; empty if it has none yet."""
    with read(engine) as connection:
        return _version(connection)


def newest() -> str:
    """The version that this program wants."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _version(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
