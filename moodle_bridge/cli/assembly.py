"""The parts of the pipeline as the settings have them, for the commands that work on documents."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy import Engine

from moodle_bridge.cli.common import catalogue_of, templates_of
from moodle_bridge.errors import FillError, SettingsError
from moodle_bridge.pdf.syntax.images import read_image
from moodle_bridge.pipeline.connect import connector
from moodle_bridge.pipeline.context import Context
from moodle_bridge.settings import Settings


def pipeline_context(settings: Settings, engine: Engine) -> Context:
    """The parts of the pipeline."""
    return Context(
        engine=engine,
        settings=settings,
        catalogue=catalogue_of(settings),
        connect=connector(engine, settings),
        clock=time.time,
        templates=templates_of(settings),
        adopted=settings.adopted,
        logo=logo_of(settings),
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
