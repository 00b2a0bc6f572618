"""``web``: the web server alone. It makes no documents and knows nothing of PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from sqlalchemy import Engine

from moodle_bridge import metrics
from moodle_bridge.app import create_app
from moodle_bridge.cli.common import settings_of, told_to_stop, wait_for
from moodle_bridge.cli.database import made_database
from moodle_bridge.server import Server
from moodle_bridge.settings import Settings


@contextmanager
def running_web(
    settings: Settings,
    engine: Engine,
    wake: Callable[[], None] = lambda: None,
    fault: Callable[[], str] = str,
) -> Iterator[str]:
    """The web server while the block runs; its address.

    ``wake`` lets a worker look for work at once, ``fault`` says why there is none that works.
    """
    metrics.reserve()
    server = Server(create_app(settings, engine, wake=wake, worker_fault=fault), settings)
    server.start()
    try:
        yield server.url
    finally:
        server.stop(settings.service.stop_seconds / 2)


@click.command()
@click.pass_context
def web(ctx: click.Context) -> None:
    """Run only the web server; the work is done by `moodle-bridge worker`."""
    settings, stopping = settings_of(ctx), told_to_stop()
    with made_database(settings) as engine, running_web(settings, engine):
        wait_for(stopping, "the web server")
