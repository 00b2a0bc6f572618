"""``serve``: the web server, and a worker in a process of its own that it keeps running."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path

import click

from moodle_bridge.cli.common import settings_of, told_to_stop, wait_for
from moodle_bridge.cli.database import made_database
from moodle_bridge.jobs.child import Child

_COUNTERS = "PROMETHEUS_MULTIPROC_DIR"
"""By this variable both processes know where they count together."""

_GRACE_SECONDS = 5
"""Longer than the jobs under way may take the child has to end by itself."""


@click.command()
@click.pass_context
def serve(ctx: click.Context) -> None:
    """Run the service: web server and one worker process."""
    settings, stopping = settings_of(ctx), told_to_stop()
    config: Path | None = ctx.find_root().obj
    options = ["--config", str(config.resolve())] if config else []
    child = Child([sys.executable, "-m", "moodle_bridge", *options, "worker", "--child"], stopping.set)
    # What is begun first ends last: first no new requests, then the jobs; what was acknowledged is on disk.
    with ExitStack() as ends:
        engine = ends.enter_context(made_database(settings))
        _count_together(settings.data / "metrics")
        # Only now: the library of the metrics looks for its folder when it is loaded.
        from moodle_bridge.cli.web import running_web

        ends.callback(child.stop, settings.service.stop_seconds + _GRACE_SECONDS)
        ends.enter_context(running_web(settings, engine, child.wake, child.fault))
        child.start()
        wait_for(stopping, "the service")
    if child.refused:
        raise click.exceptions.Exit(1)


def _count_together(folder: Path) -> None:
    """Let this process and its child count into one folder, from nothing; one that is set already stays."""
    if _COUNTERS not in os.environ:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in folder.glob("*.db"):
            file.unlink()
        os.environ[_COUNTERS] = str(folder)
