"""What several commands need: the settings, the instruments, and to be told to stop."""

from __future__ import annotations

import gc
import logging
import os
import signal
import threading
from pathlib import Path

import click

from moodle_bridge import log
from moodle_bridge.domain.instrument.model import Catalogue, Instrument
from moodle_bridge.domain.instrument.read import catalogue
from moodle_bridge.settings import Settings, load

logger = logging.getLogger(__name__)


def settings_of(ctx: click.Context) -> Settings:
    """The settings of this call, from ``--config`` and the environment."""
    config: Path | None = ctx.find_root().obj
    settings = load(config, os.environ)
    log.configure(settings.log.format, settings.log.level)
    if settings.queue.url:
        logger.warning("queue.url is no longer used and will be refused by the next release: remove it")
    return settings


def catalogue_of(settings: Settings) -> Catalogue:
    """The instruments: those of ``forms.instruments``, else those that are shipped."""
    return catalogue.load(Path(settings.forms.instruments) if settings.forms.instruments else None)


def version_of(known: Catalogue, name: str, version: str) -> Instrument:
    """That version of an instrument, the newest where none is named; a refusal that says which there are."""
    found = known.version(name, version) if version else known.instruments.get(name)
    if found is None:
        there = ", ".join(each.version for each in known.versions(name))
        raise click.BadParameter(f"{name} has the versions {there}", param_hint="--version")
    return found


def templates_of(settings: Settings) -> Path | None:
    """The folder of ``forms.templates``; none for the templates that are shipped."""
    return Path(settings.forms.templates) if settings.forms.templates else None


def told_to_stop() -> threading.Event:
    """An event that SIGTERM and SIGINT set from now on."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def wait_for(stopping: threading.Event, what: str) -> None:
    """Say that ``what`` is ready, and wait."""
    # What was loaded to start stays: a look for garbage that goes through it stops everything for 80 ms.
    gc.collect()
    gc.freeze()
    logger.info("%s is ready", what)
    stopping.wait()
    logger.info("%s stops", what)
