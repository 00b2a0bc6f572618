"""What the web application is made of, for its blueprints."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import Engine

from moodle_bridge.domain.instrument.model import Catalogue
from moodle_bridge.moodle.client import Client
from moodle_bridge.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """Put together in :func:`moodle_bridge.app.create_app`; ``hint`` wakes a worker for a job's id."""

    settings: Settings
    engine: Engine
    clock: Callable[[], float]
    hint: Callable[[int], None]
    connect_moodle: Callable[[], Client]
    catalogue: Catalogue

    def wake(self, jobs: Iterable[int]) -> None:
        """Wake workers for jobs that are on disk already; trouble only makes them start later."""
        for job in jobs:
            try:
                self.hint(job)
            except Exception as error:
                log.warning("job %d: no worker could be woken (%s)", job, type(error).__name__)
