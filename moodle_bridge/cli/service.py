"""The whole service in this one process, for the demo and for tests: the worker is a thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine

from moodle_bridge.cli.database import made_database
from moodle_bridge.cli.web import running_web
from moodle_bridge.cli.worker import running_worker
from moodle_bridge.settings import Settings


@dataclass(frozen=True, slots=True)
class Service:
    """A running service."""

    url: str
    engine: Engine


@contextmanager
def running_service(settings: Settings, *, worker: bool = True) -> Iterator[Service]:
    """The service with its web server, and with a worker unless told otherwise, while the block runs."""
    with ExitStack() as ends:
        engine = ends.enter_context(made_database(settings))
        wake = ends.enter_context(running_worker(settings, engine)).wake if worker else lambda: None
        yield Service(ends.enter_context(running_web(settings, engine, wake)), engine)
