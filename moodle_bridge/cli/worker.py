"""``worker``: the worker alone, or as the child of ``serve``."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import click
from sqlalchemy import Engine

from moodle_bridge import metrics
from moodle_bridge.cli import Refusal
from moodle_bridge.cli.assembly import pipeline_context
from moodle_bridge.cli.common import settings_of, told_to_stop, wait_for
from moodle_bridge.cli.database import made_database
from moodle_bridge.errors import SettingsError
from moodle_bridge.jobs import wake
from moodle_bridge.jobs.worker import Worker
from moodle_bridge.pipeline.handlers import handlers
from moodle_bridge.pipeline.schedules import schedules
from moodle_bridge.settings import Settings
from moodle_bridge.store.engine import is_sqlite


@contextmanager
def running_worker(settings: Settings, engine: Engine) -> Iterator[Worker]:
    """A worker while the block runs; then it takes no more jobs and ends those under way."""
    metrics.reserve()
    context = pipeline_context(settings, engine)
    worker = Worker(engine, settings, handlers(context), schedules(settings))
    worker.start()
    end_notices = None if is_sqlite(engine) else wake.by_notice(engine, worker.wake)
    try:
        yield worker
    finally:
        worker.stop(settings.service.stop_seconds)
        if end_notices is not None:
            end_notices()


@contextmanager
def _begun(settings: Settings, engine: Engine, child: bool) -> Iterator[Worker]:
    """A running worker; a child tells its parent by its exit status that the settings are at fault."""
    with ExitStack() as ends:
        try:
            running = ends.enter_context(running_worker(settings, engine))
        except SettingsError as error:
            if not child:
                raise
            click.echo(Refusal(error).format_message(), err=True)
            raise click.exceptions.Exit(os.EX_CONFIG) from None
        yield running


@click.command()
@click.option("--child", is_flag=True, hidden=True, help="Standard input wakes it, and its end ends it.")
@click.pass_context
def worker(ctx: click.Context, child: bool) -> None:
    """Run only the worker; any number of them, on several machines with PostgreSQL."""
    settings, stopping = settings_of(ctx), told_to_stop()
    if child:
        # Ctrl-C in a terminal reaches all processes; the parent says when this one is to end.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    with made_database(settings) as engine, _begun(settings, engine, child) as running:
        if child:
            wake.by_pipe(sys.stdin.fileno(), running.wake, stopping.set)
        wait_for(stopping, "the worker")
