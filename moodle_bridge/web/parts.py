"""What the web application is made of, for its blueprints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.moodle.client import Client
from moodle_bridge.settings import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """Put together in :func:`moodle_bridge.app.create_app`."""

    settings: Settings
    engine: Engine
    clock: Callable[[], float]
    wake: Callable[[], None]
    worker_fault: Callable[[], str]
    connect_moodle: Callable[[], Client]
    catalogue: Catalogue
