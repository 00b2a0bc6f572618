"""Open the database that a command works on: say which it is, and make none by mistake.

A command run in another folder, or without the service's settings, would else find an empty database of its
own and say that all is well.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from moodle_bridge.errors import NoDatabase, OldDatabase, OthersFiles, SettingsError, StoreError
from moodle_bridge.settings import Settings
from moodle_bridge.store import schema
from moodle_bridge.store.engine import connect


@contextmanager
def made_database(settings: Settings) -> Iterator[Engine]:
    """The database, made if there is none, at the newest schema, while the block runs.

    For what runs or restores the service. Raises :class:`OthersFiles`, :class:`SettingsError`,
    :class:`StoreError`.
    """
    with connected(settings) as engine:
        schema.upgrade(engine)
        yield engine


@contextmanager
def service_database(ctx: click.Context, settings: Settings) -> Iterator[Engine]:
    """The database of a service that was started before; says on standard error which it is.

    Raises :class:`NoDatabase` where there is none, :class:`OldDatabase` before its migration,
    :class:`OthersFiles`, :class:`StoreError`.
    """
    config: Path | None = ctx.find_root().obj
    click.echo(f"Settings: {config or 'none named'}. Database: {place_of(settings)}.", err=True)
    if not holds_database(settings):
        raise NoDatabase(f"there is no database at {place_of(settings)}")
    with connected(settings) as engine:
        found = schema.current(engine)
        if not found:
            raise NoDatabase(f"the database {place_of(settings)} is empty")
        if found != schema.newest():
            raise OldDatabase(f"the database has version {found}, this program wants {schema.newest()}")
        yield engine


def holds_database(settings: Settings) -> bool:
    """Whether the SQLite file is there and is not empty; of PostgreSQL nothing is known before connecting."""
    file = _file(settings)
    return file is None or (file.is_file() and file.stat().st_size > 0)


def place_of(settings: Settings) -> str:
    """Name the database: its file, or its URL without the password."""
    return str(_file(settings) or make_url(settings.database_url).render_as_string(hide_password=True))


@contextmanager
def connected(settings: Settings) -> Iterator[Engine]:
    """A connection to the database as it is, while the block runs; a SQLite file is made if there is none.

    Raises :class:`OthersFiles`, :class:`SettingsError`, :class:`StoreError`.
    """
    _refuse_others(settings)
    try:
        engine = connect(settings.database_url)
    except StoreError as error:
        if settings.database.url:
            raise
        raise SettingsError(f"service.data: {error.message}") from error
    try:
        yield engine
    finally:
        engine.dispose()


def _file(settings: Settings) -> Path | None:
    """The file of a SQLite database; None for PostgreSQL."""
    address = make_url(settings.database_url)
    if address.get_backend_name() != "sqlite":
        return None
    return Path(address.database or "").absolute()


def _refuse_others(settings: Settings) -> None:
    """Refuse the files of another user: what root wrote there, the service could no longer read."""
    file = _file(settings)
    if file is None or not hasattr(os, "geteuid"):
        return
    for path in (file, file.parent):
        if path.exists():
            owner = path.stat().st_uid
            if owner != os.geteuid():
                raise OthersFiles(f"{path} belongs to the user {_name_of(owner)}")
            return


def _name_of(user: int) -> str:
    import pwd  # not on Windows, where nothing gets here

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
