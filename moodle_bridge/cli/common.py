"""What several commands need: the settings, an up-to-date database, the parts of the pipeline."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Engine

from moodle_bridge import log
from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.errors import FillError, SettingsError, StoreError
from moodle_bridge.pdf.syntax.images import read_image
from moodle_bridge.pipeline.connect import connector
from moodle_bridge.pipeline.context import Context
from moodle_bridge.places import Places
from moodle_bridge.settings import Settings, load
from moodle_bridge.store import engine as database
from moodle_bridge.store import migrate


def settings_of(ctx: click.Context) -> Settings:
    """The settings of this call, from ``--config`` and the environment."""
    config: Path | None = ctx.find_root().obj
    settings = load(config, os.environ)
    log.configure(settings.log.format, settings.log.level)
    return settings


def catalogue_of(settings: Settings) -> Catalogue:
    """The instruments: those of ``forms.instruments``, else those that are shipped."""
    return catalogue.load(Path(settings.forms.instruments) if settings.forms.instruments else None)


def templates_of(settings: Settings) -> Path | None:
    """The folder of ``forms.templates``; none for the templates that are shipped."""
    return Path(settings.forms.templates) if settings.forms.templates else None


@contextmanager
def open_database(settings: Settings) -> Iterator[Engine]:
    """The database, at the newest schema, open while the block runs."""
    try:
        engine = database.connect(settings.database_url)
    except StoreError as error:
        if settings.database.url:
            raise
        raise SettingsError(f"service.data: {error.message}") from error
    try:
        migrate.upgrade(engine)
        yield engine
    finally:
        engine.dispose()


def pipeline_context(settings: Settings, engine: Engine) -> Context:
    """The parts of the pipeline as the settings have them."""
    places = Places()
    return Context(
        engine=engine,
        settings=settings,
        catalogue=catalogue_of(settings),
        connect=connector(engine, settings, places),
        clock=time.time,
        templates=templates_of(settings),
        logo=logo_of(settings),
        places=places,
    )


def logo_of(settings: Settings) -> bytes | None:
    """The organisation's logo; a bad one is refused here, not when the first document is made."""
    file = settings.documents.logo
    if not file:
        return None
    data = Path(file).read_bytes()
    try:
        read_image(data)
    except FillError as error:
        raise SettingsError(f"documents.logo: {file}: {error.message}") from error
    return data
