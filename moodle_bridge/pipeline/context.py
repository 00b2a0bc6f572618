"""What every job of the pipeline works with, put together once per process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.moodle.client import Client
from moodle_bridge.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """The parts that a job needs; ``connect`` gives a client of the paired site."""

    engine: Engine
    settings: Settings
    catalogue: Catalogue
    connect: Callable[[], Client]
    clock: Callable[[], float]
    templates: Path | None = None
    adopted: Path | None = None
    """The folder of forms that were brought."""
    logo: bytes | None = None
