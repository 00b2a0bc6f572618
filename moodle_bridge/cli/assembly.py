"""The parts of the pipeline as the settings have them, for the commands that work on documents."""

from __future__ import annotations

import time

from sqlalchemy import Engine

from moodle_bridge.cli.common import catalogue_of, templates_of
from moodle_bridge.cli.logo import logo_of
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
