"""``serve``, ``web`` and ``worker``: the service in one process or in two."""

from __future__ import annotations

import gc
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import click
from sqlalchemy import Engine

from moodle_bridge.app import create_app
from moodle_bridge.cli.common import open_database, pipeline_context, settings_of
from moodle_bridge.jobs import engine as jobs
from moodle_bridge.metrics import published
from moodle_bridge.pipeline.handlers import handlers
from moodle_bridge.pipeline.schedules import schedules
from moodle_bridge.server import Server
from moodle_bridge.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """A running service; ``url`` is empty where no web server runs."""

    url: str
    engine: Engine


@contextmanager
def running_service(settings: Settings, *, web: bool = True, worker: bool = True) -> Iterator[Service]:
    """The service with its web server, its worker or both; stopped in bounded time when the block ends."""
    # What is begun last ends first, whatever goes wrong with the others: first no new requests, then the
    # jobs (what was acknowledged meanwhile is on disk), the database last.
    with ExitStack() as ends:
        engine = ends.enter_context(open_database(settings))
        context = pipeline_context(settings, engine)
        runner = None
        server = None
        if worker:
            runner = jobs.start(
                engine, settings, handlers(context), schedules(settings), places=context.places
            )
            ends.callback(runner.stop, settings.service.stop_seconds)
        if web:
            hint = runner.hint if runner else jobs.hinter(settings)
            app = create_app(
                settings, engine, hint=hint, connect_moodle=context.connect, catalogue=context.catalogue
            )
            server = Server(app, settings)
            ends.callback(server.stop, settings.service.stop_seconds / 2)
            server.start()
        with published(engine):
            yield Service(url=server.url if server else "", engine=engine)


def _run(settings: Settings, *, web: bool, worker: bool) -> None:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with running_service(settings, web=web, worker=worker) as service:
        # What was loaded to start stays: a look for garbage that goes through it stops everything for 80 ms.
        gc.collect()
        gc.freeze()
        log.info("ready%s", f" at {service.url}" if service.url else "")
        stopping.wait()
        log.info("stopping")


@click.command()
@click.pass_context
def serve(ctx: click.Context) -> None:
    """Run the service: web server and worker in one process."""
    _run(settings_of(ctx), web=True, worker=True)


@click.command()
@click.pass_context
def web(ctx: click.Context) -> None:
    """Run only the web server; the work is done by `moodle-bridge worker`."""
    _run(settings_of(ctx), web=True, worker=False)


@click.command()
@click.pass_context
def worker(ctx: click.Context) -> None:
    """Run only the worker; any number of them, on several machines with PostgreSQL."""
    _run(settings_of(ctx), web=False, worker=True)
